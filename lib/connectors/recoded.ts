import { ConnectorError, type ConnectorErrorCode } from "./port.ts"

/** The same refusal under another code, or in other words. What the provider said of it stays: status, its own code, excerpt, request id. */
export function recoded(
  error: ConnectorError,
  to: { readonly code?: ConnectorErrorCode; readonly message?: string; readonly retryAt?: Date },
): ConnectorError {
  const { httpStatus, providerCode, excerpt, requestId } = error
  const retryAt = to.retryAt ?? error.retryAt
  return new ConnectorError(to.code ?? error.code, error.step, to.message ?? error.message, {
    ...(httpStatus === null ? {} : { httpStatus }),
    ...(providerCode === null ? {} : { providerCode }),
    ...(excerpt === null ? {} : { excerpt }),
    ...(requestId === null ? {} : { requestId }),
    ...(retryAt === null ? {} : { retryAt }),
    cause: error,
  })
}
