import { Refused, Unavailable } from "../base/errors.ts"
import { log } from "../base/log.ts"
import { redactError } from "../base/redact.ts"
import { ConnectorError } from "../connectors/connector-error.ts"
import { isDatabaseTrouble } from "../db/trouble.ts"
import { refusal } from "./refusal.ts"

/** Any failure as an RFC 9457 problem. What has no code is a bug: the caller gets an id, the log the rest, redacted. */
export function problem(error: unknown, requestId: string): Response {
  const known = classify(error)
  if (known) return refusal(known, requestId)
  log.error({ request_id: requestId, error: redactError(error) }, "unexpected error")
  return refusal(
    new Refused("internal", "Something failed that should not. The log has it under this request id.", { status: 500 }),
    requestId,
  )
}

/** What the edge can answer with a code; null is a bug of ours. */
export function classify(error: unknown): Refused | null {
  if (error instanceof Refused) return error
  if (error instanceof ConnectorError) return providerRefusal(error)
  if (isDatabaseTrouble(error))
    return new Unavailable(
      "database_unavailable",
      "The database cannot be reached at the moment. Nothing was written.",
      2,
      { cause: error },
    )
  return null
}

/** A provider's refusal in a request that asks it directly. Its words are quoted as its words. */
function providerRefusal(error: ConnectorError): Refused {
  const said = error.excerpt === null ? {} : { provider_says: error.excerpt }
  const seconds = error.retryAt === null ? 5 : Math.max(1, Math.ceil((error.retryAt.getTime() - Date.now()) / 1000))
  if (error.code === "unavailable" || error.code === "rate_limited" || error.code === "lost_answer")
    return new Unavailable(`provider_${error.code}`, error.message, seconds, { cause: error })
  return new Refused(`provider_${error.code}`, error.message, {
    status: 409,
    evidence: { step: error.step, provider_status: error.httpStatus, ...said },
    cause: error,
  })
}
