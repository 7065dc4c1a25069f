import type { GuardedFetch } from "../base/http.ts"
import type { Secret } from "../base/secret.ts"
import type { TokenRequest } from "../connectors/port.ts"
import { purposeHeader, type OwnPurpose } from "../events/words.ts"
import type { Fetch } from "../oauth/call.ts"
import { requestToken, type AccessToken } from "../oauth/token-request.ts"

const canaryTimeoutMs = 5_000

export interface CanaryRequest {
  readonly clientId: string
  readonly authMethod: "client_secret_basic" | "client_secret_post"
  readonly secret: Secret
  readonly purpose: OwnPurpose
  /** `Connector.tokenRequest`. */
  readonly request: TokenRequest
}

/** One real client_credentials request with exactly this secret (RFC 6749 section 4.4). The token is handed back, never stored. Throws OAuthError. */
export function canaryToken(
  { clientId, authMethod, secret, purpose, request }: CanaryRequest,
  fetch: GuardedFetch,
): Promise<AccessToken> {
  return requestToken(
    {
      tokenUrl: request.tokenEndpoint,
      issuer: request.issuer,
      clientId,
      auth: { method: authMethod, secret: secret.reveal() },
      params: request.parameters,
    },
    throughGuard(fetch, purpose),
    Date.now,
    canaryTimeoutMs,
  )
}

/** The token client of lib/oauth speaks the platform's fetch; this one goes out by ours. */
const throughGuard =
  (fetch: GuardedFetch, purpose: OwnPurpose): Fetch =>
  async (url, init = {}) => {
    const answer = await fetch(url, {
      method: init.method ?? "GET",
      headers: { ...Object.fromEntries(new Headers(init.headers)), [purposeHeader]: purpose },
      ...(typeof init.body === "string" ? { body: init.body } : {}),
      ...(init.signal ? { signal: init.signal } : {}),
    })
    return new Response(answer.text === "" ? null : answer.text, { status: answer.status, headers: answer.headers })
  }
