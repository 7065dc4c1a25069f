import { isObject } from "../base/json.ts"
import type { Normalize, NormalizeContext, TokenLine } from "./context.ts"
import { clientOf, known, part, scopeWords, text, time } from "./record.ts"

/**
 * Events of Okta's System Log that are about an access token, and what they say by themselves. Custom authorization servers
 * and the org's own have a name each; older ones ended in `_success` and `_failure` (unverified).
 */
const tokenEvent = /^app\.oauth2\.(?:as\.)?token\.grant(\.access_token)?(_success|_failure)?$/
/** Several wrong secrets in a row; one alone leaves no event. */
const wrongSecrets = "app.oauth2.invalid_client_credentials"

/** Okta's own words for a refusal; words of RFC 6749 stand as they are. */
const reasons: Readonly<Record<string, string>> = {
  no_matching_scope: "invalid_scope",
  no_scopes_requested: "invalid_scope",
  no_matching_policy: "access_denied",
  policy_denied: "access_denied",
}

const good = ["SUCCESS", "ALLOW"]

/** One event of the System Log to a line of contract.md 6. Nulls, absences and other shapes are all the same: not told. */
export const normalizeOkta: Normalize = (raw, context) => {
  if (!isObject(raw)) return { rejected: "not_an_object" }
  const type = text(raw.eventType)
  if (type === null) return { rejected: "no_event_type" }
  const found = tokenEvent.exec(type)
  if (!found && type !== wrongSecrets) return { skipped: type }
  const debug = part(part(raw, "debugContext"), "debugData")
  const grantType = text(debug.grantType)
  if (grantType !== null && grantType !== "client_credentials") return { skipped: `${type} ${grantType}` }
  const eventId = text(raw.uuid)
  if (eventId === null) return { rejected: "no_uuid" }
  const timestamp = time(raw.published)
  if (timestamp === null) return { rejected: "no_published" }
  const outcome = part(raw, "outcome")
  const granted = found !== null && isGood(text(outcome.result), found[1] !== undefined, found[2])
  const asked = scopesIn(debug.requestedScopes)
  const scopes = granted ? (scopesIn(debug.grantedScopes) ?? asked) : asked
  const client = part(raw, "client")
  const server = text(debug.authorizationServer)
  const line: TokenLine = {
    event: "token_issued",
    event_id: eventId,
    timestamp,
    auth_server: context.authServer,
    token_type: "access",
    validation_result: granted ? "success" : "failure",
    ...known("grant_type", grantType),
    ...known("trace_id", text(part(raw, "transaction").id)),
    ...clientOf(text(part(raw, "actor").id), context),
    ...known("scopes", scopes),
    ...known("audience", audienceOf(server, scopes, context)),
    ...known("ip", text(client.ipAddress)),
    ...known("user_agent", text(part(client, "userAgent").rawUserAgent)),
    ...known("authorization_server", server),
    ...(granted ? {} : failure(text(outcome.reason), found === null)),
  }
  return { line }
}

/** An event of an issued token is good news unless it says otherwise; one of a grant in general only when it says so. */
function isGood(result: string | null, issued: boolean, ending: string | undefined): boolean {
  if (result !== null) return good.includes(result)
  return ending === undefined ? issued : ending === "_success"
}

/** By the authorization server, which has one audience; else by the scopes, where they all belong to the same one. */
function audienceOf(server: string | null, scopes: readonly string[] | null, context: NormalizeContext): string | null {
  const remote = server === null ? null : context.audienceOf(server)
  if (remote !== null) return remote
  const owners = new Set((scopes ?? []).map((scope) => context.audienceOfScope(scope)))
  return owners.size === 1 ? ([...owners][0] ?? null) : null
}

function failure(reason: string | null, wrongSecret: boolean): Record<string, string> {
  const word = reason !== null && Object.hasOwn(reasons, reason) ? reasons[reason] : undefined
  return {
    failure_reason: wrongSecret ? "invalid_client" : (word ?? reason ?? "other"),
    ...known("failure_text", reason),
  }
}

/** One text with spaces or commas, or a list. */
const scopesIn = (value: unknown) => scopeWords(value, /[\s,]+/)
