import { callJson, defaultTimeoutMs, isRecord, originOf, type Fetch } from "./call.ts"
import { audiencesOf, callerOf, scopesOf } from "./claims.ts"
import { basic } from "./client-auth.ts"
import { metadataOnce } from "./discovery.ts"
import { OAuthError, TokenRejected } from "./errors.ts"
import type { TokenVerifier, Verified } from "./verifier.ts"

export interface IntrospectorOptions {
  /** The endpoint; it wins over the one that `issuer` would publish. */
  endpoint?: string
  /** Discovers the endpoint where none is given. It is not compared with the token: one server may know tokens of another. */
  discoverFrom?: string
  /** How this service proves itself to the endpoint (RFC 7662 section 2.1). */
  auth:
    | { readonly method: "basic"; readonly clientId: string; readonly secret: string }
    | { readonly method: "bearer"; readonly token: () => string | Promise<string> }
  /** When given, the answer's `iss` must equal it. */
  issuer?: string
  /** When given, one of them must be in the answer's `aud`. */
  audience?: string | readonly string[]
  /** How long an answer is believed (defaults 60 s and 30 s); an active one never past its `exp`. */
  activeMs?: number
  inactiveMs?: number
  cacheMax?: number
  timeoutMs?: number
  fetch?: Fetch
  now?: () => number
}

export interface Introspection {
  readonly active: boolean
  readonly claims: Readonly<Record<string, unknown>>
}

export interface Introspector extends TokenVerifier {
  /** The answer as the server gave it, from the cache where it is fresh. Codes: `introspection_refused` when the server does not accept us, `authorization_server_unavailable`, `bad_answer`, `timeout`, `unreachable`. */
  readonly introspect: (token: string) => Promise<Introspection>
}

/**
 * RFC 7662 client. Answers are cached by the whole SHA-256 of the token, so the cache holds no credential and no two
 * tokens meet in it; concurrent callers share one request. Failures are not cached, and a stale answer is never used:
 * revocation is why one introspects.
 */
export function createIntrospector(options: IntrospectorOptions): Introspector {
  const now = options.now ?? Date.now
  const fetch: Fetch = options.fetch ?? ((url, init) => globalThis.fetch(url, init))
  const endpoint = endpointOf(options)
  const cache = new Map<string, { untilMs: number; answer: Introspection }>()
  const flights = new Map<string, Promise<Introspection>>()
  const audiences = options.audience === undefined ? undefined : [options.audience].flat()

  const ask = async (token: string): Promise<Introspection> => {
    const url = await endpoint()
    const { auth } = options
    const authorization = auth.method === "basic" ? basic(auth.clientId, auth.secret) : `Bearer ${await auth.token()}`
    const answer = await callJson(
      fetch,
      url,
      {
        method: "POST",
        headers: { accept: "application/json", "content-type": "application/x-www-form-urlencoded", authorization },
        body: new URLSearchParams({ token, token_type_hint: "access_token" }).toString(),
      },
      options.timeoutMs ?? defaultTimeoutMs,
    )
    return read(answer.status, answer.body, url)
  }

  const introspect = async (token: string): Promise<Introspection> => {
    const digest = await sha256Hex(token)
    const held = cache.get(digest)
    if (held !== undefined && now() < held.untilMs) return held.answer
    cache.delete(digest)
    const flying = flights.get(digest)
    if (flying !== undefined) return flying
    const flight = ask(token)
      .then((answer) => {
        const untilMs = believedUntil(answer, now(), options.activeMs ?? 60_000, options.inactiveMs ?? 30_000)
        const oldest = cache.size >= (options.cacheMax ?? 10_000) ? cache.keys().next().value : undefined
        if (oldest !== undefined) cache.delete(oldest)
        if (untilMs > now()) cache.set(digest, { untilMs, answer })
        return answer
      })
      .finally(() => flights.delete(digest))
    flights.set(digest, flight)
    return flight
  }

  return {
    introspect,
    async verify(token): Promise<Verified> {
      const { active, claims } = await introspect(token).catch((cause: unknown) => {
        throw new TokenRejected(
          "introspection_unavailable",
          "The introspection endpoint gave no answer that can be used",
          {
            cause,
          },
        )
      })
      const about = { claimed: claims, proven: true }
      if (!active)
        throw new TokenRejected(
          "inactive",
          "The authorization server says that the token is not active, or not for us",
          about,
        )
      const { exp, iss } = claims
      const expiresAtMs = typeof exp === "number" ? exp * 1000 : now()
      if (typeof exp === "number" && expiresAtMs <= now())
        throw new TokenRejected("expired", "The token has expired", about)
      if (options.issuer !== undefined && iss !== options.issuer)
        throw new TokenRejected("wrong_issuer", "The token is from another issuer", about)
      const found = audiencesOf(claims)
      if (audiences !== undefined && !found.some((one) => audiences.includes(one))) {
        throw new TokenRejected("wrong_audience", `The token is not for ${audiences.join(" or ")}`, about)
      }
      return {
        claims,
        caller: callerOf(claims),
        subject: typeof claims["sub"] === "string" ? claims["sub"] : undefined,
        audiences: found,
        scopes: scopesOf(claims, audiences ?? []),
        expiresAtMs,
        kid: undefined,
      }
    },
  }
}

function read(status: number, body: unknown, url: string): Introspection {
  const from = originOf(url)
  if (status >= 500 || status === 429) {
    throw new OAuthError("authorization_server_unavailable", `${from} answered ${status}`, {
      transient: true,
      evidence: { status },
    })
  }
  if (status !== 200) {
    throw new OAuthError(
      "introspection_refused",
      `${from} answered ${status}: it does not accept this service as a caller`,
      {
        evidence: { status },
      },
    )
  }
  if (!isRecord(body) || typeof body["active"] !== "boolean")
    throw new OAuthError("bad_answer", `${from} did not say whether the token is active`)
  return { active: body["active"], claims: body["active"] ? body : {} }
}

function believedUntil({ active, claims }: Introspection, nowMs: number, activeMs: number, inactiveMs: number): number {
  if (!active) return nowMs + inactiveMs
  const { exp } = claims
  return Math.min(nowMs + activeMs, typeof exp === "number" ? exp * 1000 : Infinity)
}

function endpointOf(options: IntrospectorOptions): () => Promise<string> {
  const { endpoint, discoverFrom } = options
  if (endpoint !== undefined) return () => Promise.resolve(endpoint)
  if (discoverFrom === undefined)
    throw new OAuthError("bad_configuration", "An introspector needs an endpoint, or an issuer to discover it from")
  const metadata = metadataOnce(discoverFrom, {
    tolerateMissingIssuer: true,
    timeoutMs: options.timeoutMs ?? defaultTimeoutMs,
    ...(options.fetch === undefined ? {} : { fetch: options.fetch }),
    ...(options.now === undefined ? {} : { now: options.now }),
  })
  return async () => {
    const { introspectionEndpoint } = await metadata()
    if (introspectionEndpoint === undefined) {
      throw new OAuthError("discovery_incomplete", "The issuer's metadata names no introspection endpoint", {
        evidence: { issuer: discoverFrom },
      })
    }
    return introspectionEndpoint
  }
}

async function sha256Hex(text: string): Promise<string> {
  const digest = await crypto.subtle.digest("SHA-256", new TextEncoder().encode(text))
  return Array.from(new Uint8Array(digest), (byte) => byte.toString(16).padStart(2, "0")).join("")
}
