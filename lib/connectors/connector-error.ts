/** How a provider's refusal or silence is told. */

/** providers.md 11.9. Classified where the status is known, never by message text. */
export const connectorErrorCodes = [
  "auth_failed",
  "forbidden",
  "feature_missing",
  "quota",
  "not_found",
  "conflict",
  "invalid",
  "rate_limited",
  "unavailable",
  "unsupported",
  "lost_answer",
  "unknown",
] as const
export type ConnectorErrorCode = (typeof connectorErrorCodes)[number]

/** A provider's refusal or silence. `excerpt` is redacted and at most 500 characters; it is the provider's words, as text. */
export class ConnectorError extends Error {
  readonly code: ConnectorErrorCode
  readonly step: string
  readonly httpStatus: number | null
  readonly providerCode: string | null
  readonly excerpt: string | null
  readonly requestId: string | null
  readonly retryAt: Date | null
  /** This attempt has changed nothing: it was refused where it would have, or before. False: that is not known. */
  readonly nothingDone: boolean

  constructor(
    code: ConnectorErrorCode,
    step: string,
    message: string,
    detail: {
      httpStatus?: number
      providerCode?: string
      excerpt?: string
      requestId?: string
      retryAt?: Date
      nothingDone?: boolean
      cause?: unknown
    } = {},
  ) {
    super(message, detail.cause === undefined ? undefined : { cause: detail.cause })
    this.name = "ConnectorError"
    this.code = code
    this.step = step
    this.httpStatus = detail.httpStatus ?? null
    this.providerCode = detail.providerCode ?? null
    this.excerpt = detail.excerpt?.slice(0, 500) ?? null
    this.requestId = detail.requestId ?? null
    this.retryAt = detail.retryAt ?? null
    this.nothingDone = detail.nothingDone ?? false
  }
}
