import { ConnectorError, type ConnectorErrorCode } from "./connector-error.ts"
import { refused } from "./refused.ts"

/**
 * For the first call of a step that changes something, where it is sent as kind `create`, and for the reads before it: a
 * refusal says that nothing was done, and only a lost answer leaves that open.
 */
export async function firstChange<T>(call: Promise<T>): Promise<T> {
  try {
    return await call
  } catch (error) {
    throw refused(error) ? recoded(error, { nothingDone: true }) : error
  }
}

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
