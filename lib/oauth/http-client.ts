import { defaultTimeoutMs, withinLimit, type Fetch } from "./call.ts"
import type { TokenRequest } from "./provider-config.ts"
import type { TokenManager } from "./token-manager.ts"

export interface HttpClientOptions {
  tokens: TokenManager
  /** Which token goes to the service that this client calls. */
  request: TokenRequest
  /** Limit of one attempt, until the head of the answer is there (default 5 s). */
  timeoutMs?: number
  fetch?: Fetch
}

/** Takes a body that can be sent twice: a stream cannot, and a retry must send the same. */
export type RepeatableInit = Omit<RequestInit, "body" | "signal"> & {
  body?: string | Uint8Array<ArrayBuffer> | URLSearchParams
}

export type BearerFetch = (url: string, init?: RepeatableInit) => Promise<Response>

/**
 * A fetch that carries the Bearer token (RFC 6750 section 2.1). On 401 the token is forgotten and the request is sent
 * exactly once more with a fresh one; whatever that answers is the answer. Nothing else is retried: only the caller
 * knows which of its requests may be repeated. Redirects are not followed, so the token stays with the host it is for.
 */
export function createHttpClient(options: HttpClientOptions): BearerFetch {
  const { tokens, request } = options
  const fetch: Fetch = options.fetch ?? ((url, init) => globalThis.fetch(url, init))
  const limitMs = options.timeoutMs ?? defaultTimeoutMs

  const attempt = async (url: string, init: RepeatableInit, token: string): Promise<Response> => {
    const headers = new Headers(init.headers)
    headers.set("authorization", `Bearer ${token}`)
    return withinLimit(limitMs, (signal) => fetch(url, { redirect: "manual", ...init, headers, signal }))
  }

  return async (url, init = {}) => {
    const first = await tokens.get(request)
    const answer = await attempt(url, init, first.token)
    if (answer.status !== 401) return answer
    await answer.body?.cancel()
    tokens.invalidate(request, first.token)
    const second = await tokens.get(request)
    return attempt(url, init, second.token)
  }
}
