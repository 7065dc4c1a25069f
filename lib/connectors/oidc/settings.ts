import { z } from "zod"

/** Settings of a provider of kind `oidc` (contract.md section 4). */
export const oidcSettings = z.object({
  issuer: z.url().describe("The issuer, exactly as the server names itself in its discovery document."),
  initial_access_token: z
    .string()
    .min(1)
    .optional()
    .describe("The token that may register clients (RFC 7591 section 3), where the server asks for one."),
  audience_parameter: z
    .enum(["none", "resource", "audience"])
    .default("none")
    .describe(
      "How a token request names the audience on this server: none, resource (RFC 8707) or audience. Registration does not tell.",
    ),
  client_id: z
    .string()
    .min(1)
    .optional()
    .describe("A client of this server that may introspect tokens, for the token debugger."),
  client_secret: z.string().min(1).optional().describe("Its secret."),
})
export type OidcSettings = z.output<typeof oidcSettings>
