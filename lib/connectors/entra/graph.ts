import { z } from "zod"
import { secondMs } from "../../base/time.ts"
import { unverifiedClaims } from "../../token/decode.ts"
import { formEncoded } from "../../oauth/client-auth.ts"
import { call, type Call } from "../call.ts"
import { heldToken, type Granted } from "../held-token.ts"
import { ConnectorError } from "../connector-error.ts"
import type { Opened } from "../port.ts"
import { recoded } from "../recoded.ts"
import { tokenEndpointOf, type EntraSettings } from "./settings.ts"

/** One call to Microsoft Graph: a path below its version (`/applications`), or a whole link that Graph itself gave. */
export type GraphCall = Omit<Call, "url" | "form"> & {
  readonly path: string
  readonly version?: "v1.0" | "beta"
}

export interface Graph {
  <T extends z.ZodType>(what: GraphCall, schema: T): Promise<z.output<T>>
  (what: GraphCall, schema: null): Promise<null>
}

export interface Session {
  readonly graph: Graph
  /** Application permissions of our own access token, as its claim `roles` tells them. Null: it does not tell. */
  roles(): Promise<ReadonlySet<string> | null>
}

/** RFC 6749 section 5.1. */
const tokenAnswer = z.object({ access_token: z.string().min(1), expires_in: z.number().nullish() })

/** A page of 999 applications may carry a thousand roles each. */
const pageBytesMax = 64_000_000
/** Where Graph does not say how long to wait (providers.md 11.7). */
const waitMaxMs = 60 * secondMs

/** Binds Microsoft Graph to one tenant. Our token is fetched once, renewed before its end, and once more after a 401. */
export function sessionOf(opened: Opened, settings: EntraSettings): Session {
  const held = heldToken(login)
  let throttled = 0

  async function login(): Promise<Granted<string>> {
    const told = await call(
      opened.fetch,
      {
        step: "log in",
        kind: "read",
        method: "POST",
        url: tokenEndpointOf(settings),
        form: {
          fields: {
            grant_type: "client_credentials",
            client_id: settings.client_id,
            client_secret: settings.client_secret,
            scope: `${resourceOf(settings.graph_base_url)}/.default`,
          },
        },
        hide: [settings.client_secret, formEncoded(settings.client_secret)],
      },
      tokenAnswer,
    ).catch((error: unknown) => {
      throw refusedLogin(error)
    })
    return { token: told.access_token, expiresInSeconds: told.expires_in ?? null }
  }

  async function send(what: GraphCall, schema: z.ZodType | null, value: string): Promise<unknown> {
    const { path, version = "v1.0", headers, ...rest } = what
    const whole: Call = {
      maxBytes: pageBytesMax,
      timeoutMs: 30 * secondMs,
      ...rest,
      url: addressOf(settings.graph_base_url, version, path, what.step),
      headers: { ...headers, authorization: `Bearer ${value}` },
      hide: [...(rest.hide ?? []), value, settings.client_secret],
    }
    try {
      const answer = schema === null ? await call(opened.fetch, whole, null) : await call(opened.fetch, whole, schema)
      throttled = 0
      return answer
    } catch (error) {
      const isSlowed = error instanceof ConnectorError && error.code === "rate_limited"
      throw isSlowed ? slower(error, ++throttled) : error
    }
  }

  return {
    graph: ((what: GraphCall, schema: z.ZodType | null) => held.use((token) => send(what, schema, token))) as Graph,
    roles: async () => rolesOf(await held.get()),
  }
}

const graphHosts = [
  "graph.microsoft.com",
  "graph.microsoft.us",
  "dod-graph.microsoft.us",
  "microsoftgraph.chinacloudapi.cn",
]

/** The API that our token is for: a national cloud's own, else the public one, also where its answers are replayed. */
const resourceOf = (base: string): string =>
  `https://${graphHosts.find((host) => host === new URL(base).hostname) ?? "graph.microsoft.com"}`

/** Our token goes to Graph and nowhere else, whatever link an answer carries. */
function addressOf(base: string, version: string, path: string, step: string): string {
  if (path.startsWith("/")) return `${base}/${version}${path}`
  if (path.startsWith(`${base}/`)) return path
  throw new ConnectorError("unknown", step, "The provider's link leads away from Microsoft Graph.")
}

/** The token endpoint says 400 or 401 for refused credentials; both are about us and not about a request. */
function refusedLogin(error: unknown): unknown {
  if (!(error instanceof ConnectorError) || error.code !== "invalid") return error
  return recoded(error, { code: "auth_failed", message: "The tenant does not accept our credentials." })
}

/** Graph's directory may refuse without a Retry-After: then 2, 4, 8 ... seconds, at most a minute. */
function slower(error: ConnectorError, times: number): ConnectorError {
  if (error.retryAt !== null) return error
  return recoded(error, { retryAt: new Date(Date.now() + Math.min(2 ** times * secondMs, waitMaxMs)) })
}

/** Read, not verified: the token is our own and only tells which checks will pass. */
function rolesOf(token: string): ReadonlySet<string> | null {
  const claims = unverifiedClaims(token)
  if (claims === null) return null
  const { roles } = claims
  return new Set(Array.isArray(roles) ? roles.filter((role) => typeof role === "string") : [])
}

/** A text inside an OData address: quotes are doubled, then everything is percent-encoded. */
export const quoted = (text: string): string => `'${encodeURIComponent(text.replaceAll("'", "''"))}'`
