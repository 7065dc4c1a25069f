import { isObject } from "../base/json.ts"
import type { Normalize, TokenLine } from "./context.ts"
import { clientOf, known, part, text, time } from "./record.ts"

/** The diagnostic category of services' sign-ins; Graph names the same by an event type. */
const category = "serviceprincipalsigninlogs"
const eventType = "serviceprincipal"

/**
 * What Entra's numbers mean in the words of RFC 6749 section 5.2 (providers.md 4.8; all but 501051 unverified against a live
 * tenant). Any other is handed on as it is, and so counts as `other` with its own number.
 */
const reasons: ReadonlyMap<number, string> = new Map([
  [7_000_215, "invalid_client"],
  [7_000_222, "invalid_client"],
  [700_016, "unauthorized_client"],
  [7_000_112, "unauthorized_client"],
  [500_011, "invalid_target"],
  [501_051, "access_denied"],
])

/** A secret's id of this value stands for "none". */
const noKey = "00000000-0000-0000-0000-000000000000"

/**
 * One sign-in of a service principal, as Graph gives it or wrapped as a diagnostic setting sends it (`{category, properties}`,
 * keys in either case, numbers also as texts), to a line of contract.md 6. Only `id` and a time are relied on. Scopes are
 * never told: Entra assigns them to the client and names none in its log.
 */
export const normalizeEntra: Normalize = (raw, context) => {
  if (!isObject(raw)) return { rejected: "not_an_object" }
  const envelope = lowered(raw)
  const wrapped = isObject(envelope.properties) ? lowered(envelope.properties) : null
  const record = wrapped ?? envelope
  const kind = wrapped === null ? typeOf(record) : (text(envelope.category) ?? "no category")
  if (kind.toLowerCase() !== (wrapped === null ? eventType : category)) return { skipped: kind }
  const eventId = text(record.id)
  if (eventId === null) return { rejected: "no_id" }
  const timestamp = time(record.createddatetime) ?? time(envelope.time)
  if (timestamp === null) return { rejected: "no_time" }
  const status = lowered(part(record, "status"))
  const code = whole(status.errorcode) ?? whole(envelope.resulttype)
  if (code === null) return { rejected: "no_result" }
  const resource = text(record.resourceid)
  const audience = resource === null ? null : context.audienceOf(resource)
  const line: TokenLine = {
    event: "token_issued",
    event_id: eventId,
    timestamp,
    auth_server: context.authServer,
    grant_type: "client_credentials",
    token_type: "access",
    validation_result: code === 0 ? "success" : "failure",
    ...known("trace_id", text(record.correlationid) ?? text(envelope.correlationid)),
    ...clientOf(text(record.appid), context),
    ...known("audience", audience),
    ...known("provider_audience_id", audience === null ? resource : null),
    ...known("provider_audience_name", audience === null ? text(record.resourcedisplayname) : null),
    ...known("duration_ms", duration(record.processingtimeinmilliseconds)),
    ...known("ip", text(record.ipaddress) ?? text(envelope.calleripaddress)),
    ...known("user_agent", text(record.useragent)),
    ...known("provider_secret_id", keyId(record.serviceprincipalcredentialkeyid)),
    ...known("credential_type", text(record.clientcredentialtype)),
    ...known("provider_token_id", text(record.uniquetokenidentifier)),
    ...(code === 0 ? {} : failure(code, text(status.failurereason))),
  }
  return { line }
}

/** Keys occur in camel case and in lower case; ours are lower. */
const lowered = (object: Readonly<Record<string, unknown>>): Record<string, unknown> =>
  Object.fromEntries(Object.entries(object).map(([key, value]) => [key.toLowerCase(), value]))

/** A bare record of Graph: by its event types, or by what it lacks where v1.0 tells none. */
function typeOf(record: Record<string, unknown>): string {
  const types = Array.isArray(record.signineventtypes) ? record.signineventtypes.flatMap((one) => text(one) ?? []) : []
  if (types.length > 0) return types.find((one) => one.toLowerCase() === eventType) ?? types.join(" ")
  return record.isinteractive === false && text(record.serviceprincipalid) !== null ? eventType : "interactive"
}

/** A whole number, also as a text. */
function whole(value: unknown): number | null {
  const number = typeof value === "string" && /^\d+$/.test(value) ? Number(value) : value
  return typeof number === "number" && Number.isSafeInteger(number) && number >= 0 ? number : null
}

/** Diagnostic settings write 0 where nothing was measured: that is no duration. */
function duration(value: unknown): number | null {
  const ms = whole(value)
  return ms === 0 ? null : ms
}

function keyId(value: unknown): string | null {
  const id = text(value)
  return id === noKey ? null : id
}

const failure = (code: number, reason: string | null): Record<string, string> => ({
  failure_reason: reasons.get(code) ?? `AADSTS${code}`,
  provider_error: `AADSTS${code}`,
  ...known("failure_text", reason),
})
