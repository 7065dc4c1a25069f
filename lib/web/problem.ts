import { Invalid, Refused, Unavailable } from "../base/errors.ts"
import { ConnectorError } from "../connectors/port.ts"
import { redactError } from "../base/redact.ts"
import { log } from "../base/log.ts"
import { isDatabaseTrouble } from "../db/trouble.ts"

/** RFC 9457. `code` is stable; `errors` names each unusable field of a 422; other members are the evidence of the code. */
export function problem(error: unknown, requestId: string): Response {
  const known = classify(error)
  if (known) {
    const headers: Record<string, string> = {
      "content-type": "application/problem+json",
      "cache-control": "private, no-store",
      "x-request-id": requestId,
    }
    if (known instanceof Unavailable) headers["retry-after"] = String(known.retryAfterSeconds)
    if (known.status === 401) headers["www-authenticate"] = 'Bearer realm="grantry"'
    const body = {
      ...known.evidence,
      type: "about:blank",
      title: titles[known.status] ?? "Refused",
      status: known.status,
      code: known.code,
      detail: known.message,
      request_id: requestId,
      ...(known instanceof Invalid ? { errors: known.errors } : {}),
    }
    return new Response(JSON.stringify(body), { status: known.status, headers })
  }
  log.error({ request_id: requestId, error: redactError(error) }, "unexpected error")
  return new Response(
    JSON.stringify({
      type: "about:blank",
      title: "Unexpected error",
      status: 500,
      code: "internal",
      detail: "Something failed that should not. The log has it under this request id.",
      request_id: requestId,
    }),
    {
      status: 500,
      headers: {
        "content-type": "application/problem+json",
        "cache-control": "private, no-store",
        "x-request-id": requestId,
      },
    },
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

const titles: Readonly<Record<number, string>> = {
  400: "Bad request",
  401: "Not signed in",
  403: "Not permitted",
  404: "Not found",
  408: "Too slow",
  409: "Conflict",
  410: "Gone",
  412: "Changed meanwhile",
  413: "Too large",
  415: "Unsupported type",
  422: "Not acceptable",
  428: "If-Match needed",
  429: "Too many requests",
  503: "Unavailable",
}
