import { backoffMs, type Backoff } from "./backoff.ts"
import { defaultTimeoutMs, type Fetch } from "./call.ts"
import type { ClientAuth } from "./client-auth.ts"
import { metadataOnce, type ServerMetadata } from "./discovery.ts"
import { OAuthError } from "./errors.ts"
import { eventLine, type EventLine } from "./event-line.ts"
import { scopeList, type ProviderConfig, type TokenRequest } from "./provider-config.ts"
import { requestToken, type AccessToken } from "./token-request.ts"

export interface TokenManagerOptions {
  provider: ProviderConfig
  clientId: string
  auth: ClientAuth
  /** Form parameters sent with every request; they win over what the provider kind would send, `scope` included. */
  extraParams?: Readonly<Record<string, string>>
  /** A token is renewed this long before its end (default 60 s); one that lives no longer than that, at half its life. */
  refreshBeforeMs?: number
  /** Limit of one request to the authorization server (default 5 s). */
  timeoutMs?: number
  /** Attempts of one fetch when nothing valid is at hand (default 3). */
  attempts?: number
  backoff?: Backoff
  fetch?: Fetch
  now?: () => number
  random?: () => number
  sleep?: (ms: number) => Promise<void>
  /** Gets a `token_issued` line for every fetch, refused ones too, for senders whose provider keeps no log. */
  onEvent?: (line: EventLine) => void
  authServer?: string
  /** The fingerprint that came with the secret; echoed in the events, so that a rotation sees which secret is in use. */
  secretFingerprint?: string
}

/**
 * Tokens for one service client: one manager for all its (scope, audience) pairs.
 *
 * - Cached under `client_id : scope : audience`, renewed early, never used past `expires_in`.
 * - Single flight: concurrent callers of one pair share one request.
 * - Transient failures (no answer, 429, 5xx) are tried again with exponential back-off and jitter; refusals are not.
 * - While the authorization server is down a cached token that is still valid is used, and the server is asked again
 *   only after a back-off.
 *
 * Not done: tokens are kept in memory only, and never shared between processes.
 */
export class TokenManager {
  readonly #options: TokenManagerOptions
  readonly #cache = new Map<string, AccessToken & { readonly renewAtMs: number }>()
  readonly #flights = new Map<string, Promise<AccessToken>>()
  readonly #holds = new Map<string, { failures: number; untilMs: number }>()
  readonly #metadata: (() => Promise<ServerMetadata>) | undefined

  constructor(options: TokenManagerOptions) {
    const { provider, timeoutMs, fetch, now } = options
    if (provider.tokenUrl === undefined && provider.issuer === undefined) {
      throw new OAuthError(
        "bad_configuration",
        "The provider has neither a token endpoint nor an issuer to discover it from",
      )
    }
    this.#options = options
    this.#metadata =
      provider.tokenUrl !== undefined || provider.issuer === undefined
        ? undefined
        : metadataOnce(provider.issuer, {
            ...(fetch === undefined ? {} : { fetch }),
            ...(timeoutMs === undefined ? {} : { timeoutMs }),
            ...(now === undefined ? {} : { now }),
          })
  }

  /** A token that is valid now. Rejects with the codes of `requestToken` and of discovery. */
  async get(request: TokenRequest): Promise<AccessToken> {
    const key = this.#key(request)
    const now = this.#now()
    const held = this.#cache.get(key)
    const usable = held !== undefined && now < held.expiresAtMs ? held : undefined
    if (usable !== undefined && (now < usable.renewAtMs || now < (this.#holds.get(key)?.untilMs ?? 0))) return usable
    try {
      return await this.#shared(key, request, usable === undefined ? (this.#options.attempts ?? 3) : 1)
    } catch (error) {
      // Time has passed: what was usable before the attempt need not be so now.
      const still = this.#cache.get(key)
      if (error instanceof OAuthError && error.transient && still !== undefined && this.#now() < still.expiresAtMs)
        return still
      throw error
    }
  }

  /**
   * Forgets the token of a pair, so that the next `get` fetches. With `token`, only if that one is still the cached one:
   * ten callers that were refused with the same old token cause one fetch, not ten.
   */
  invalidate(request: TokenRequest, token?: string): void {
    const key = this.#key(request)
    if (token !== undefined && this.#cache.get(key)?.token !== token) return
    this.#cache.delete(key)
    this.#holds.delete(key)
  }

  /** Forgets every token, as after a change of the secret. */
  invalidateAll(): void {
    this.#cache.clear()
    this.#holds.clear()
  }

  #shared(key: string, request: TokenRequest, attempts: number): Promise<AccessToken> {
    const flying = this.#flights.get(key)
    if (flying !== undefined) return flying
    const flight = this.#fetchAndKeep(key, request, attempts).finally(() => this.#flights.delete(key))
    this.#flights.set(key, flight)
    return flight
  }

  async #fetchAndKeep(key: string, request: TokenRequest, attempts: number): Promise<AccessToken> {
    for (let attempt = 1; ; attempt++) {
      try {
        const token = await this.#fetchOnce(request)
        this.#holds.delete(key)
        if (token.expiresAtMs > this.#now()) this.#cache.set(key, { ...token, renewAtMs: this.#renewAt(token) })
        return token
      } catch (error) {
        if (!(error instanceof OAuthError) || !error.transient) throw error
        const failures = (this.#holds.get(key)?.failures ?? 0) + 1
        const waitMs = Math.max(
          backoffMs(failures, this.#random(), this.#backoff()),
          Math.min(error.retryAfterMs ?? 0, 30_000),
        )
        this.#holds.set(key, { failures, untilMs: this.#now() + waitMs })
        if (attempt >= attempts) throw error
        await this.#sleep(waitMs)
      }
    }
  }

  async #fetchOnce(request: TokenRequest): Promise<AccessToken> {
    const { provider, clientId, auth, extraParams } = this.#options
    const startedAt = this.#now()
    try {
      const tokenUrl = provider.tokenUrl ?? (await this.#metadata?.())?.tokenEndpoint
      if (tokenUrl === undefined) {
        throw new OAuthError("discovery_incomplete", "The issuer's metadata names no token endpoint", {
          evidence: { issuer: provider.issuer },
        })
      }
      const params = { ...provider.params(request), ...extraParams }
      const call = { tokenUrl, issuer: provider.issuer, clientId, auth, params }
      const token = await requestToken(
        call,
        this.#fetch,
        this.#options.now ?? Date.now,
        this.#options.timeoutMs ?? defaultTimeoutMs,
      )
      this.#tell(request, startedAt, {
        scopes: token.scopes,
        expires_in: Math.round((token.expiresAtMs - startedAt) / 1000),
      })
      return token
    } catch (error) {
      this.#tell(request, startedAt, { failure_reason: failureWord(error) })
      throw error
    }
  }

  #tell(
    request: TokenRequest,
    startedAt: number,
    outcome: Pick<EventLine, "scopes" | "expires_in" | "failure_reason">,
  ): void {
    const { onEvent, clientId, authServer, secretFingerprint } = this.#options
    onEvent?.(
      eventLine({
        event: "token_issued",
        event_id: crypto.randomUUID(),
        timestamp: new Date(startedAt).toISOString(),
        client_id: clientId,
        grant_type: "client_credentials",
        token_type: "access",
        audience: request.audience,
        scopes: outcome.scopes ?? scopeList(request.scope),
        expires_in: outcome.expires_in,
        validation_result: outcome.failure_reason === undefined ? "success" : "failure",
        failure_reason: outcome.failure_reason,
        auth_server: authServer,
        duration_ms: Math.max(0, this.#now() - startedAt),
        secret_fingerprint: secretFingerprint,
      }),
    )
  }

  #renewAt(token: AccessToken): number {
    const lifeMs = token.expiresAtMs - this.#now()
    const early = this.#options.refreshBeforeMs ?? 60_000
    return token.expiresAtMs - (lifeMs > early ? early : lifeMs / 2)
  }

  #key(request: TokenRequest): string {
    return `${this.#options.clientId} : ${scopeList(request.scope).sort().join(" ")} : ${request.audience ?? ""}`
  }

  readonly #fetch: Fetch = (url, init) => (this.#options.fetch ?? globalThis.fetch)(url, init)
  #now(): number {
    return (this.#options.now ?? Date.now)()
  }
  #random(): number {
    return (this.#options.random ?? Math.random)()
  }
  #backoff(): Backoff {
    return this.#options.backoff ?? { baseMs: 200, maxMs: 5_000 }
  }
  #sleep(ms: number): Promise<void> {
    return (this.#options.sleep ?? ((wait) => new Promise((done) => setTimeout(done, wait))))(ms)
  }
}

function failureWord(error: unknown): string {
  if (!(error instanceof OAuthError)) return "other"
  const said = error.evidence["error"]
  return typeof said === "string" ? said : error.code
}
