import type { JWK } from "jose"
import { z } from "zod"
import { proveClient } from "../../oauth/client-auth.ts"
import { call } from "../call.ts"
import { heldToken } from "../held-token.ts"
import { ConnectorError } from "../connector-error.ts"
import type { Opened } from "../port.ts"
import { privileges } from "./privileges.ts"
import type { OktaSettings } from "./settings.ts"

/** What every call carries, and what it may do. */
export interface Granted {
  readonly authorization: string
  /** Null: an API token has its creator's rights. */
  readonly scopes: ReadonlySet<string> | null
}

export interface Login {
  granted(): Promise<Granted>
  /** Runs with it, and once more after a fresh login where the org refuses it. An API token is all that can be had. */
  use<R>(run: (granted: Granted) => Promise<R>): Promise<R>
}

/** RFC 6749 section 5.1. */
const tokenAnswer = z.object({
  access_token: z.string().min(1),
  expires_in: z.number().nullish(),
  scope: z.string().nullish(),
})

const wanted = privileges.map(({ name }) => name)

/**
 * OAuth for Okta: our app proves itself with its key at the org's own authorization server. One scope that was not
 * granted to the app makes Okta refuse the whole request, so then each is asked for alone, and those that are granted
 * together.
 */
export function loginOf(opened: Opened, settings: OktaSettings, now: () => Date): Login {
  const { api_token: apiToken, client_id: clientId, private_key_jwk: jwk } = settings
  if (apiToken !== undefined || clientId === undefined || jwk === undefined) {
    const granted: Granted = { authorization: `SSWS ${apiToken ?? ""}`, scopes: null }
    return { granted: async () => granted, use: (run) => run(granted) }
  }
  const privateKey = JSON.parse(jwk) as JWK
  const url = `${settings.base_url}/oauth2/v1/token`

  async function ask(scopes: readonly string[]) {
    const auth = { method: "private_key_jwt", privateKey, alg: algOf(privateKey) } as const
    const proof = await proveClient(clientId ?? "", auth, url, now().getTime()).catch((cause: unknown) => {
      throw new ConnectorError("auth_failed", "log in", "Our private key cannot sign for the app.", { cause })
    })
    const told = await call(
      opened.fetch,
      {
        step: "log in",
        kind: "read",
        method: "POST",
        url,
        form: { fields: { grant_type: "client_credentials", scope: scopes.join(" "), ...proof.params } },
        hide: Object.values(proof.params),
      },
      tokenAnswer,
    )
    const given = told.scope?.split(" ").filter((name) => name !== "") ?? scopes
    return {
      token: { authorization: `Bearer ${told.access_token}`, scopes: new Set(given) },
      expiresInSeconds: told.expires_in ?? null,
    }
  }

  async function fresh() {
    try {
      return await ask(wanted)
    } catch (error) {
      if (!isScopeRefusal(error)) throw error
      const alone = await Promise.all(
        wanted.map((name) =>
          ask([name]).then(
            () => [name],
            (refused: unknown) => {
              if (isScopeRefusal(refused)) return []
              throw refused
            },
          ),
        ),
      )
      if (alone.flat().length === 0)
        throw new ConnectorError(
          "forbidden",
          "log in",
          "None of the Okta scopes that Grantry asks for is granted to the app.",
        )
      return await ask(alone.flat())
    }
  }

  const held = heldToken(fresh, () => now().getTime())
  return { granted: held.get, use: held.use }
}

/** RFC 6749 section 5.2, and what OpenID Connect says where nobody consented. */
const isScopeRefusal = (error: unknown): boolean =>
  error instanceof ConnectorError && ["invalid_scope", "consent_required"].includes(error.providerCode ?? "")

const algOf = (key: JWK): string =>
  key.alg ?? (key.kty === "RSA" ? "RS256" : key.crv === "P-521" ? "ES512" : key.crv === "P-384" ? "ES384" : "ES256")
