import { z } from "zod"
import { isObject } from "../../base/json.ts"

/** A private JWK as text, RFC 7517: it stays text, so that it can be sealed like any other secret. */
const privateJwk = z.string().refine(isPrivateJwk, { error: "must be one private RSA or EC key as a JWK, with kid" })

/** Settings of a provider of kind `okta`. `private_key_jwk` and `api_token` are sealed; one of the two ways to log in is needed. */
export const oktaSettings = z
  .object({
    base_url: z
      .url()
      .transform((text) => text.replace(/\/+$/, ""))
      .describe("The org's address, for example https://acme.okta.com. Not the -admin one."),
    authorization_server_id: z
      .string()
      .regex(/^[A-Za-z0-9]+$/)
      .optional()
      .describe(
        "Keeps Grantry to this one custom authorization server, for example default. Without it every audience is one of its own.",
      ),
    client_id: z
      .string()
      .min(1)
      .optional()
      .describe("The client ID of an API services app that proves itself with a public key."),
    private_key_jwk: privateJwk.optional().describe("The private key of that app, as a JWK with its kid."),
    api_token: z
      .string()
      .min(1)
      .optional()
      .describe("An API token instead of an app. It has all rights of its creator, and expires when it is idle."),
  })
  .refine(
    (given) => given.api_token !== undefined || (given.client_id !== undefined && given.private_key_jwk !== undefined),
    {
      error: "needs client_id with private_key_jwk, or api_token",
      path: ["private_key_jwk"],
    },
  )

export type OktaSettings = z.output<typeof oktaSettings>

function isPrivateJwk(text: string): boolean {
  try {
    const key: unknown = JSON.parse(text)
    if (!isObject(key) || (key.kty !== "RSA" && key.kty !== "EC")) return false
    // Okta finds the public key by its kid.
    return typeof key.d === "string" && typeof key.kid === "string" && key.kid !== ""
  } catch {
    return false
  }
}
