import type { z } from "zod"
import type { GuardedFetch } from "../../base/http.ts"
import { call, type Call } from "../call.ts"
import { ConnectorError } from "../port.ts"
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

export interface OwnToken {
  /** Our access token, fetched when there is none or it ends soon. */
  (renew?: boolean): Promise<string>
}

/** Tokens are renewed this long before their end. */
const earlyMs = 20_000

/** Our own access token by client credentials (RFC 6749 section 4.4), kept until shortly before it ends. */
export function ownToken(fetch: GuardedFetch, settings: KeycloakSettings): OwnToken {
  let kept: { readonly token: Promise<string>; until: number } | null = null
  return async (renew = false) => {
    if (kept !== null && !renew && Date.now() < kept.until) return await kept.token
    const asked = Date.now()
    const entry = { token: ask(), until: asked + 5_000 }
    kept = entry
    return await entry.token

    async function ask(): Promise<string> {
      try {
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
        entry.until = asked + Math.max(told.expires_in * 1_000 - earlyMs, 1_000)
        return told.access_token
      } catch (error) {
        entry.until = 0
        throw error
      }
    }
  }
}

/** Binds the admin API of the realm. A 401 is asked again once with a fresh token; nothing else is repeated. */
export function adminOf(fetch: GuardedFetch, settings: KeycloakSettings, token: OwnToken): Admin {
  const realm = adminUrl(settings)
  const once = async (what: AdminCall, schema: z.ZodType | null, renew: boolean): Promise<unknown> => {
    const { path, secretive, base, ...rest } = what
    const bearer = await token(renew)
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
  return async <T extends z.ZodType>(what: AdminCall, schema: T | null) => {
    try {
      return (await once(what, schema, false)) as never
    } catch (error) {
      if (!(error instanceof ConnectorError) || error.code !== "auth_failed" || error.step === "log in") throw error
      return (await once(what, schema, true)) as never
    }
  }
}

const withoutExcerpt = (error: ConnectorError): ConnectorError =>
  new ConnectorError(error.code, error.step, error.message, {
    ...(error.httpStatus === null ? {} : { httpStatus: error.httpStatus }),
    ...(error.requestId === null ? {} : { requestId: error.requestId }),
    ...(error.retryAt === null ? {} : { retryAt: error.retryAt }),
  })
