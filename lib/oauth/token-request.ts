import { retryAfterMs } from "./backoff.ts"
import { callJson, isRecord, originOf, type Fetch } from "./call.ts"
import { proveClient, type ClientAuth } from "./client-auth.ts"
import { OAuthError } from "./errors.ts"
import { scopeList } from "./provider-config.ts"

export interface AccessToken {
  /** The credential. Never log it, not even partly. */
  readonly token: string
  readonly scopes: readonly string[]
  /** Milliseconds since 1970; counted from before the request was sent, so it is early rather than late. */
  readonly expiresAtMs: number
}

export interface TokenCall {
  readonly tokenUrl: string
  readonly issuer: string | undefined
  readonly clientId: string
  readonly auth: ClientAuth
  readonly params: Readonly<Record<string, string>>
}

/**
 * One client credentials request (RFC 6749 section 4.4), one attempt. An answer without `expires_in` is good for this
 * one use: it is returned as expired, so nobody caches it.
 * Codes: `token_refused` with the OAuth error word, `authorization_server_unavailable` (5xx, 429), `bad_answer`,
 * `timeout`, `unreachable`.
 */
export async function requestToken(
  call: TokenCall,
  fetch: Fetch,
  now: () => number,
  timeoutMs: number,
): Promise<AccessToken> {
  const sentAt = now()
  const proof = await proveClient(call.clientId, call.auth, call.issuer ?? call.tokenUrl, sentAt)
  const form = new URLSearchParams({ grant_type: "client_credentials", ...call.params, ...proof.params })
  const answer = await callJson(
    fetch,
    call.tokenUrl,
    {
      method: "POST",
      headers: { accept: "application/json", "content-type": "application/x-www-form-urlencoded", ...proof.headers },
      body: form.toString(),
    },
    timeoutMs,
  )
  if (answer.status === 200) return readToken(answer.body, call, sentAt)
  throw refusal(answer.status, answer.body, call, retryAfterMs(answer.headers.get("retry-after"), now()))
}

function readToken(body: unknown, call: TokenCall, sentAt: number): AccessToken {
  const bad = (why: string) => new OAuthError("bad_answer", `The token answer of ${originOf(call.tokenUrl)} ${why}`)
  if (!isRecord(body)) throw bad("is not a JSON object")
  const { access_token: token, token_type: type, expires_in: life, scope } = body
  if (typeof token !== "string" || token === "") throw bad("holds no access_token")
  if (typeof type !== "string" || type.toLowerCase() !== "bearer") throw bad("is not of token_type Bearer")
  // Some servers send the number as text.
  const seconds = typeof life === "string" && /^\d+$/.test(life) ? Number(life) : life
  const lifeMs = typeof seconds === "number" && Number.isFinite(seconds) && seconds > 0 ? seconds * 1000 : 0
  // RFC 6749 section 5.1: an absent scope is the one that was asked for.
  return {
    token,
    scopes: scopeList(typeof scope === "string" ? scope : (call.params["scope"] ?? "")),
    expiresAtMs: sentAt + lifeMs,
  }
}

function refusal(status: number, body: unknown, call: TokenCall, waitMs: number | undefined): OAuthError {
  const from = originOf(call.tokenUrl)
  if (status >= 500 || status === 429) {
    return new OAuthError("authorization_server_unavailable", `${from} answered ${status}`, {
      transient: true,
      evidence: { status },
      retryAfterMs: waitMs,
    })
  }
  const error = isRecord(body) && typeof body["error"] === "string" ? body["error"].slice(0, 128) : undefined
  const said =
    isRecord(body) && typeof body["error_description"] === "string"
      ? body["error_description"].slice(0, 512)
      : undefined
  return new OAuthError("token_refused", `${from} answered ${error ?? `HTTP ${status}`} instead of a token.`, {
    evidence: { status, error, error_description: said, client_id: call.clientId },
  })
}
