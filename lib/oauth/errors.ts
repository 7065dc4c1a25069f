/**
 * Every failure of this package has a stable `code`, whether trying again may help, and evidence that is safe to log:
 * it never holds a token, a secret or an assertion.
 */
export class OAuthError extends Error {
  readonly code: OAuthErrorCode
  readonly transient: boolean
  readonly evidence: Readonly<Record<string, unknown>>
  /** What the other side asked us to wait (`Retry-After`), when it did. */
  readonly retryAfterMs: number | undefined

  constructor(code: OAuthErrorCode, message: string, options: OAuthErrorOptions = {}) {
    super(message, options.cause === undefined ? undefined : { cause: options.cause })
    this.name = "OAuthError"
    this.code = code
    this.transient = options.transient ?? false
    this.evidence = options.evidence ?? {}
    this.retryAfterMs = options.retryAfterMs
  }
}

export interface OAuthErrorOptions {
  transient?: boolean
  evidence?: Record<string, unknown>
  retryAfterMs?: number | undefined
  cause?: unknown
}

export type OAuthErrorCode =
  /** The settings given cannot work: nothing was sent. */
  | "bad_configuration"
  | "unknown_provider"
  /** No answer in time, no connection, or a 5xx or 429 after the last attempt. */
  | "timeout"
  | "unreachable"
  | "authorization_server_unavailable"
  /** The answer is not what the protocol says. */
  | "bad_answer"
  /** RFC 6749 section 5.2: evidence.error is `invalid_client`, `invalid_scope`, ... */
  | "token_refused"
  | "discovery_failed"
  | "discovery_issuer_mismatch"
  | "discovery_incomplete"
  | "key_set_refused"
  | "key_set_unavailable"
  | "introspection_refused"

/** The words of the answers; a service and its callers may rely on them. */
export type RejectionWord =
  | "Missing Bearer token"
  | "Token expired"
  | "Invalid token signature"
  | "Token verification failed"
  | "Insufficient scope"
  | "Token cannot be verified now"

/** Why a token was refused: the `failure_reason` of the event. */
export type RejectionReason =
  | "missing_token"
  | "malformed"
  | "algorithm_not_allowed"
  | "unknown_key"
  | "invalid_signature"
  | "wrong_type"
  | "wrong_issuer"
  | "wrong_audience"
  | "missing_claim"
  | "expired"
  | "not_yet_valid"
  | "inactive"
  | "insufficient_scope"
  | "keys_unavailable"
  | "introspection_unavailable"

/** Reasons that say nothing about the token: nobody could be asked. */
const unanswerable: readonly RejectionReason[] = ["keys_unavailable", "introspection_unavailable"]

/** A token that does not open this door. `status` and `message` are the answer, `reason` and `why` the explanation. */
export class TokenRejected extends Error {
  readonly status: 401 | 403 | 503
  readonly reason: RejectionReason
  /** One sentence for the log and the audit page; holds claim values at most, never the token. */
  readonly why: string
  readonly required: readonly string[]
  readonly missing: readonly string[]
  /** What the token says of itself. Believe it only when `proven`: the signature had been verified. */
  readonly claimed: Readonly<Record<string, unknown>>
  readonly proven: boolean
  readonly kid: string | undefined

  constructor(reason: RejectionReason, why: string, about: RejectionDetail = {}) {
    super(wordOf(reason), about.cause === undefined ? undefined : { cause: about.cause })
    this.name = "TokenRejected"
    this.status = reason === "insufficient_scope" ? 403 : unanswerable.includes(reason) ? 503 : 401
    this.reason = reason
    this.why = why
    this.required = about.required ?? []
    this.missing = about.missing ?? []
    this.claimed = about.claimed ?? {}
    this.proven = about.proven ?? false
    this.kid = about.kid
  }
}

export interface RejectionDetail {
  required?: readonly string[]
  missing?: readonly string[]
  claimed?: Readonly<Record<string, unknown>>
  proven?: boolean
  kid?: string | undefined
  cause?: unknown
}

function wordOf(reason: RejectionReason): RejectionWord {
  switch (reason) {
    case "missing_token":
      return "Missing Bearer token"
    case "expired":
      return "Token expired"
    case "invalid_signature":
      return "Invalid token signature"
    case "insufficient_scope":
      return "Insufficient scope"
    case "keys_unavailable":
    case "introspection_unavailable":
      return "Token cannot be verified now"
    default:
      return "Token verification failed"
  }
}
