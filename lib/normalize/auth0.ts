import { isObject } from "../base/json.ts"
import type { Normalize, TokenLine } from "./context.ts"
import { clientOf, known, part, scopeWords, text, time } from "./record.ts"

/** Codes of Auth0's log for the client-credentials exchange: success and failure. Everything else is no token event. */
const results: Readonly<Record<string, "success" | "failure">> = { seccft: "success", feccft: "failure" }

/**
 * Auth0 tells a refusal in words, not in a code of RFC 6749. These texts are known (providers.md 2.2, unverified against a
 * live tenant); any other is handed on as it is, and so counts as `other` with its own word.
 */
const reasons: readonly (readonly [text: RegExp, reason: string])[] = [
  [/^unauthorized$/i, "invalid_client"],
  [/^grant type .* not allowed/i, "unauthorized_client"],
  [/^service not found/i, "invalid_target"],
  [/^client is not authorized to access/i, "access_denied"],
]

/**
 * One record of Auth0's log, bare as the log API gives it or wrapped as a log stream does (`{log_id, data}`), to a line of
 * contract.md 6. Only `type` and `log_id` are relied on, and a time: all else may be null, absent or of another shape.
 */
export const normalizeAuth0: Normalize = (raw, context) => {
  const record = unwrapped(raw)
  if (!record) return { rejected: "not_an_object" }
  const type = text(record.type)
  if (type === null) return { rejected: "no_type" }
  const result = Object.hasOwn(results, type) ? results[type] : undefined
  if (result === undefined) return { skipped: type }
  const eventId = text(record.log_id) ?? text(record._id)
  if (eventId === null) return { rejected: "no_log_id" }
  const timestamp = dated(record.date)
  if (timestamp === null) return { rejected: "no_date" }
  const details = part(record, "details")
  const references = part(record, "references")
  const line: TokenLine = {
    event: "token_issued",
    event_id: eventId,
    timestamp,
    auth_server: context.authServer,
    grant_type: "client_credentials",
    token_type: "access",
    validation_result: result,
    trace_id: text(references.trace_id) ?? text(references.correlation_id) ?? eventId,
    ...clientOf(text(record.client_id), context),
    ...known("audience", text(record.audience)),
    ...known("scopes", scopeWords(record.scope)),
    ...known("ip", text(record.ip)),
    ...known("user_agent", text(record.user_agent)),
    ...known("jti", text(details.access_token_jti)),
    ...known("auth_host", text(record.hostname)),
    ...(result === "failure" ? failure(text(record.description), details) : {}),
  }
  return { line }
}

function unwrapped(raw: unknown): Record<string, unknown> | null {
  if (!isObject(raw)) return null
  return isObject(raw.data) ? { log_id: raw.log_id, ...raw.data } : raw
}

/** RFC 3339, from Auth0's ISO 8601 or from the object that old records carry instead (`$date`). */
const dated = (value: unknown): string | null => time(isObject(value) ? value.$date : value)

/** The vendor's schema misspells the member; both spellings are read. */
function failure(description: string | null, details: Readonly<Record<string, unknown>>): Record<string, string> {
  const proof = text(details.client_authentoication_error) ?? text(details.client_authentication_error)
  const reason = reasons.find(([pattern]) => description !== null && pattern.test(description))?.[1]
  return {
    failure_reason: reason ?? (proof === null ? (description ?? "other") : "invalid_client"),
    ...known("failure_text", proof ?? description),
  }
}
