import type { z } from "zod"
import type { GuardedFetch } from "../../base/http.ts"
import { call, type Call } from "../call.ts"
import { heldToken, type HeldToken } from "../held-token.ts"
import { ConnectorError } from "../connector-error.ts"
import { adminUrl, tokenUrl, type KeycloakSettings } from "./settings.ts"
import { accessToken } from "./shapes.ts"

/** One call below `/admin/realms/{realm}`, without base and token. */
export type AdminCall = Omit<Call, "url" | "headers"> & {
  readonly path: string
  /** The answer carries client secrets: no error quotes it. */
  readonly secretive?: true
  /** Another base than the realm's. */
  readonly base?: string
}

export interface Admin {
  <T extends z.ZodType>(what: AdminCall, schema: T): Promise<z.output<T>>
  (what: AdminCall, schema: null): Promise<null>
}

/** Our own access token by client credentials (RFC 6749 section 4.4). */
export const ownToken = (fetch: GuardedFetch, settings: KeycloakSettings): HeldToken<string> =>
  heldToken(async () => {
    const told = await call(
      fetch,
      {
        step: "log in",
        kind: "read",
        method: "POST",
        url: tokenUrl(settings),
        form: {
          fields: { grant_type: "client_credentials" },
          client: { id: settings.client_id, secret: settings.client_secret },
        },
      },
      accessToken,
    )
    return { token: told.access_token, expiresInSeconds: told.expires_in }
  })

/** Binds the admin API of the realm. A 401 is asked again once with a fresh token; nothing else is repeated. */
export function adminOf(fetch: GuardedFetch, settings: KeycloakSettings, token: HeldToken<string>): Admin {
  const realm = adminUrl(settings)
  const once = async (what: AdminCall, schema: z.ZodType | null, bearer: string): Promise<unknown> => {
    const { path, secretive, base, ...rest } = what
    const whole: Call = {
      ...rest,
      url: `${base ?? realm}${path}`,
      headers: { authorization: `Bearer ${bearer}` },
      hide: [...(what.hide ?? []), bearer, settings.client_secret],
    }
    try {
      if (schema !== null) return await call(fetch, whole, schema)
      let isTheirs = false
      const watched: GuardedFetch = async (url, init) => {
        const answer = await fetch(url, init)
        isTheirs = (answer.status === 201 || answer.status === 204) && answer.text === ""
        return answer
      }
      await call(watched, whole, null)
      if (isTheirs) return null
      // Keycloak answers a write with 201 or 204 and nothing else; this yes came from somebody in between.
      const code = what.kind === "create" ? "lost_answer" : "unknown"
      throw new ConnectorError(code, what.step, "The answer is not what Keycloak answers to a write.")
    } catch (error) {
      throw secretive && error instanceof ConnectorError ? withoutExcerpt(error) : error
    }
  }
  return ((what: AdminCall, schema: z.ZodType | null) => token.use((bearer) => once(what, schema, bearer))) as Admin
}

const withoutExcerpt = (error: ConnectorError): ConnectorError =>
  new ConnectorError(error.code, error.step, error.message, {
    ...(error.httpStatus === null ? {} : { httpStatus: error.httpStatus }),
    ...(error.requestId === null ? {} : { requestId: error.requestId }),
    ...(error.retryAt === null ? {} : { retryAt: error.retryAt }),
  })
