/** Closed vocabularies. The position in a list is what is stored: append only. */
export const eventNames = ["token_issued", "token_validated", "token_revoked"] as const
export type EventName = (typeof eventNames)[number]

/** `unknown`: a validation that does not say how it ended. Counted neither as success nor as failure. */
export const resultNames = ["success", "failure", "unknown"] as const
export type ResultName = (typeof resultNames)[number]

export const tokenTypes = ["access", "refresh", "id"] as const

/** Why a token was refused by a service, or (below) by its provider: RFC 6749 5.2, RFC 6750 3.1, RFC 8707, RFC 9449, OIDC Core 3.1.2.6. */
export const reasons = [
  "expired",
  "not_yet_valid",
  "invalid_signature",
  "wrong_audience",
  "wrong_issuer",
  "insufficient_scope",
  "malformed",
  "unknown_key",
  "algorithm_not_allowed",
  "wrong_type",
  "revoked",
  "inactive",
  "replayed",
  "missing_token",
  "missing_claim",
  "client_mismatch",
  "keys_unavailable",
  "introspection_unavailable",
  "invalid_request",
  "invalid_client",
  "invalid_grant",
  "unauthorized_client",
  "unsupported_grant_type",
  "invalid_scope",
  "invalid_target",
  "access_denied",
  "server_error",
  "temporarily_unavailable",
  "invalid_token",
  "invalid_dpop_proof",
  "use_dpop_nonce",
  "slow_down",
  "authorization_pending",
  "expired_token",
  "login_required",
  "consent_required",
  "interaction_required",
  "unsupported_response_type",
  "other",
] as const
export type Reason = (typeof reasons)[number]

/** Each reason under its own name and under other spellings. A Map: a sender's word may be `constructor`. */
export const reasonWords: ReadonlyMap<string, Reason> = new Map([
  ...reasons.map((reason) => [reason, reason] as const),
  ["invalid_audience", "wrong_audience"],
  ["invalid_issuer", "wrong_issuer"],
  ["token_expired", "expired"],
  ["invalid_algorithm", "algorithm_not_allowed"],
  ["missing_scope", "insufficient_scope"],
  ["bad_signature", "invalid_signature"],
])

/**
 * Why Grantry itself used a client's secret: to see whether a new one works, or for a person who tests. It says so in the
 * header `grantry-purpose`; the local identity provider writes it into `extra.purpose`. No use of the secret by its service.
 */
export const ownPurposes = ["canary", "test_fetch", "test_introspection"] as const
export type OwnPurpose = (typeof ownPurposes)[number]
export const purposeHeader = "grantry-purpose"

/** Bits of `flags`: what is odd about a line that was stored all the same. */
export const flagBits = {
  sanitised: 1,
  truncated: 2,
  duplicate_keys: 4,
  ahead: 8,
  late: 16,
  undated: 32,
  leap_second: 64,
  big_number: 128,
} as const
export type FlagName = keyof typeof flagBits

export const flagsOf = (bits: number): FlagName[] =>
  (Object.keys(flagBits) as FlagName[]).filter((name) => (bits & flagBits[name]) !== 0)

/** Why a line is not stored. It will never succeed as it is. */
export const rejectionCodes = [
  "bad_json",
  "too_deep",
  "line_too_long",
  "not_an_object",
  "missing_event",
  "unknown_event",
  "wrong_type",
  "too_long",
  "bad_characters",
  "bad_timestamp",
  "older_than_retention",
  "too_far_ahead",
  "bad_number",
  "bad_value",
  "parked",
] as const
export type RejectionCode = (typeof rejectionCodes)[number]

export interface Rejection {
  readonly code: RejectionCode
  readonly message: string
}
