import { isObject } from "../base/json.ts"
import type { Normalize, TokenLine } from "./context.ts"
import { clientOf, known, part, text, time } from "./record.ts"

/** CloudTrail's name of a request to the token endpoint of a pool's domain (providers.md 5.7). */
const tokenEvent = "Token_POST"
const service = "client_credentials"

/** Words of RFC 6749 section 5.2 that a message may hold. No failure of a service's token request is published. */
const errors = [
  "invalid_request",
  "invalid_client",
  "invalid_grant",
  "invalid_scope",
  "unauthorized_client",
  "unsupported_grant_type",
]

/**
 * One record of CloudTrail to a line of contract.md 6. Told are time, client, grant type, address, agent, request and
 * status; audience, scopes, lifetime and jti never are. With HTTP Basic the client may be missing. Requests of people
 * (`authorization_code`, `refresh_token`) are no events of ours.
 */
export const normalizeCognito: Normalize = (raw, context) => {
  if (!isObject(raw) || raw.unreadable === true) return { rejected: "not_an_object" }
  const name = text(raw.eventName)
  if (name === null) return { rejected: "no_event_name" }
  if (name !== tokenEvent) return { skipped: name }
  const more = part(raw, "additionalEventData")
  const asked = part(more, "requestParameters")
  const answered = part(more, "responseParameters")
  const grantType = first(asked.grant_type)
  if (grantType !== null && grantType !== service) return { skipped: `${tokenEvent} ${grantType}` }
  const eventId = text(raw.eventID)
  if (eventId === null) return { rejected: "no_event_id" }
  const timestamp = time(raw.eventTime)
  if (timestamp === null) return { rejected: "no_event_time" }
  const status = statusOf(answered.status)
  const refused = text(raw.errorCode) ?? text(raw.errorMessage)
  if (status === null && refused === null) return { rejected: "no_status" }
  const succeeded = status !== null && status < 400 && refused === null
  const line: TokenLine = {
    event: "token_issued",
    event_id: eventId,
    timestamp,
    auth_server: context.authServer,
    token_type: "access",
    validation_result: succeeded ? "success" : "failure",
    ...known("grant_type", grantType),
    ...known("trace_id", text(raw.requestID)),
    ...clientOf(first(asked.client_id), context),
    ...known("ip", text(raw.sourceIPAddress)),
    ...known("user_agent", text(raw.userAgent)),
    ...known("auth_host", text(more.userPoolDomain)),
    ...(succeeded ? {} : failure(text(raw.errorCode), text(raw.errorMessage), status)),
  }
  return { line }
}

/** The words of the service where it has any, else its status. */
function failure(code: string | null, message: string | null, status: number | null): Record<string, string> {
  const said = [code, message].filter((word) => word !== null).join(" ")
  const reason = errors.find((word) => said.includes(word)) ?? message ?? code ?? `http ${status}`
  return { failure_reason: reason, ...known("failure_text", said === "" ? null : said) }
}

/** Parameters of a request come as lists. */
const first = (value: unknown): string | null => text(Array.isArray(value) ? value[0] : value)

/** 200, 200.0 and "200". */
function statusOf(value: unknown): number | null {
  const status = typeof value === "string" && value !== "" ? Number(value) : value
  return typeof status === "number" && Number.isFinite(status) ? status : null
}
