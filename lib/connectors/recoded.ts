import { ConnectorError, type ConnectorErrorCode } from "./connector-error.ts"

/** The same refusal under another code, in other words, or with what more is known of it. What the provider said of it stays: status, its own code, excerpt, request id. */
export function recoded(
  error: ConnectorError,
  to: {
    readonly code?: ConnectorErrorCode
    readonly message?: string
    readonly retryAt?: Date
    readonly nothingDone?: true
  },
): ConnectorError {
  const { httpStatus, providerCode, excerpt, requestId } = error
  const retryAt = to.retryAt ?? error.retryAt
  return new ConnectorError(to.code ?? error.code, error.step, to.message ?? error.message, {
    ...(httpStatus === null ? {} : { httpStatus }),
    ...(providerCode === null ? {} : { providerCode }),
    ...(excerpt === null ? {} : { excerpt }),
    ...(requestId === null ? {} : { requestId }),
    ...(retryAt === null ? {} : { retryAt }),
    nothingDone: to.nothingDone ?? error.nothingDone,
    cause: error,
  })
}
