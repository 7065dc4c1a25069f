/**
 * Keycloak's user events (26.7, `GET /admin/realms/{realm}/events`) as token events. Total and pure. Scopes keep the words
 * that the realm has; where such a word is `{audience}/{scope}`, the audience is taken off again.
 */
import { isObject } from "../base/json.ts"
import type { Normalize, NormalizeContext, TokenLine } from "./context.ts"
import { part, scopeWords, text } from "./record.ts"

type Kind = Pick<TokenLine, "event"> & { readonly token_type: "access" | "refresh" }
const kinds: ReadonlyMap<string, Kind> = new Map(
  Object.entries({
    CLIENT_LOGIN: { event: "token_issued", token_type: "access" },
    CODE_TO_TOKEN: { event: "token_issued", token_type: "access" },
    REFRESH_TOKEN: { event: "token_issued", token_type: "access" },
    TOKEN_EXCHANGE: { event: "token_issued", token_type: "access" },
    INTROSPECT_TOKEN: { event: "token_validated", token_type: "access" },
    REVOKE_GRANT: { event: "token_revoked", token_type: "refresh" },
  } as const),
)
const failed = /_ERROR$/

/** Where an event names no grant type, its kind does. */
const grantTypes: ReadonlyMap<string, string> = new Map(
  Object.entries({
    CLIENT_LOGIN: "client_credentials",
    CODE_TO_TOKEN: "authorization_code",
    REFRESH_TOKEN: "refresh_token",
    TOKEN_EXCHANGE: "urn:ietf:params:oauth:grant-type:token-exchange",
  }),
)

/** Keycloak's words (tried on 26.7.4) as the OAuth error that means the same (RFC 6749 section 5.2); its own answer to a wrong secret is `unauthorized_client`. */
const refusals: ReadonlyMap<string, string> = new Map(
  Object.entries({
    invalid_client_credentials: "invalid_client",
    client_credentials_setup_required: "invalid_client",
    client_not_found: "invalid_client",
    client_disabled: "invalid_client",
    invalid_client: "unauthorized_client",
    user_disabled: "invalid_request",
  }),
)

export const normalizeKeycloak: Normalize = (raw, context) => {
  if (!isObject(raw)) return { rejected: "not an object" }
  const type = text(raw.type) ?? ""
  const base = type.replace(failed, "")
  const kind = kinds.get(base)
  if (!kind) return { skipped: type === "" ? "no type" : type }
  const id = text(raw.id)
  if (id === null) return { rejected: "no id" }
  const at = typeof raw.time === "number" ? new Date(raw.time) : null
  if (at === null || Number.isNaN(at.getTime())) return { rejected: "no readable time" }
  const details = part(raw, "details")
  const error = text(raw.error)
  const isFailure = failed.test(type)
  // A caller of introspection that could not log in: nothing was said about a token.
  if (base === "INTROSPECT_TOKEN" && (error === "invalid_client_credentials" || error === "invalid_client"))
    return { skipped: `${type} ${error}` }
  return {
    line: {
      ...told({
        ...subject(base, raw, details, context),
        grant_type: kind.event === "token_issued" ? (text(details.grant_type) ?? grantTypes.get(base)) : null,
        jti: text(details.token_id),
        kid: text(details.client_jwt_kid),
        ip: text(raw.ipAddress),
        validation_result: isFailure ? "failure" : "success",
        failure_reason: isFailure ? reasonOf(base, error, text(details.reason)) : null,
        provider_error: isFailure ? error : null,
        provider_reason: isFailure ? text(details.reason) : null,
        provider_event: type,
        client_auth_method: text(details.client_auth_method),
        realm_id: text(raw.realmId),
      }),
      ...kind,
      event_id: id,
      timestamp: at.toISOString(),
      auth_server: context.authServer,
    },
  }
}

/** Whose token, for what. An introspection is asked by the audience, about a client. */
function subject(
  base: string,
  raw: Readonly<Record<string, unknown>>,
  details: Readonly<Record<string, unknown>>,
  context: NormalizeContext,
) {
  const named = (id: string | null) => (id === null ? null : (context.clientName(id) ?? id))
  if (base === "INTROSPECT_TOKEN") {
    return {
      client_id: named(text(details.token_issued_for)),
      audience: text(raw.clientId),
      subject: text(raw.userId),
    }
  }
  // The requested scopes of a refused request stand in the reason only.
  const asked = text(details.scope) ?? /^Invalid scopes: (.+)$/.exec(text(details.reason) ?? "")?.[1]
  const words = scopeWords(asked) ?? []
  const owned = words.map((word) => ({ word, audience: context.audienceOfScope(word) }))
  const audiences = new Set(owned.flatMap(({ audience }) => audience ?? []))
  const [audience] = audiences
  // The user of a service account is the client itself.
  const isService = base === "CLIENT_LOGIN" || (text(details.username) ?? "").startsWith("service-account-")
  return {
    client_id: named(text(raw.clientId)),
    user_id: isService ? null : text(raw.userId),
    scopes: words.length === 0 ? null : owned.map(({ word, audience: of }) => ownWord(word, of)),
    audience: audiences.size === 1 ? audience : null,
    audiences: audiences.size > 1 ? [...audiences].sort() : null,
  }
}

const ownWord = (word: string, audience: string | null): string =>
  audience !== null && word.startsWith(`${audience}/`) && word.length > audience.length + 1
    ? word.slice(audience.length + 1)
    : word

function reasonOf(base: string, error: string | null, reason: string | null): string {
  if (base === "INTROSPECT_TOKEN")
    return reason !== null && /not in the token audience/.test(reason) ? "wrong_audience" : (error ?? "other")
  if (error === "invalid_request" && reason?.startsWith("Invalid scopes:")) return "invalid_scope"
  return refusals.get(error ?? "") ?? error ?? "other"
}

/** Without the members that the log does not tell. */
const told = (members: Readonly<Record<string, unknown>>): Readonly<Record<string, unknown>> =>
  Object.fromEntries(Object.entries(members).filter(([, value]) => value !== null && value !== undefined))
