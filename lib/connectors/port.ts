/**
 * What Grantry asks of a kind of identity provider. A capability is a port or a reason, never a flag: the capability page
 * and docs/connectors.md are drawn from these literals. Connectors get plain data and an injected fetch, never the database.
 */
import type { GuardedFetch } from "../base/http.ts"
import type { Json } from "../base/json.ts"

export const objectKinds = ["audience", "client", "grant"] as const
/** Order of creation: audiences, then clients, then grants; deletes run in the reverse order. */
export type ObjectKind = (typeof objectKinds)[number]

/** `client` → its name (the OAuth client_id); `audience` → its identifier; `grant` → `grantKey(client, audience)`. */
export type ObjectKey = string

/** A grant is keyed by both ends. A client name holds no space, so the first one parts them. */
export const grantKey = (client: string, audience: string): ObjectKey => `${client} ${audience}`
export function splitGrantKey(key: ObjectKey): { client: string; audience: string } {
  const at = key.indexOf(" ")
  return { client: key.slice(0, at), audience: key.slice(at + 1) }
}

export type Fields = { readonly [field: string]: Json }

/**
 * One object as the registry wants it.
 * - client fields: `display_name`, `owner`, `auth_method`, `jwks` (object or null), `enabled`
 * - audience fields: `name`, `scopes` (list of `{name, description}` sorted by name), `token_ttl_seconds`, `token_format`, `signing_alg`
 * - grant fields: `scopes` (sorted names)
 */
export interface DesiredObject {
  readonly kind: ObjectKind
  readonly key: ObjectKey
  readonly fields: Fields
}

/** One object as the provider shows it. A field the provider would not tell (403, masked) is listed in `unknown`, not in `fields`. */
export interface RemoteObject {
  readonly kind: ObjectKind
  readonly key: ObjectKey
  readonly remoteId: string
  /** The provider's copy carries our marker. Deletes need it and a placement row. */
  readonly marked: boolean
  /** The marker given to `create`, where the provider tells it whole. It proves which change made the object. */
  readonly marker?: string | null
  readonly fields: Fields
  readonly unknown?: readonly string[]
}

/** What was last written or adopted by us. */
export interface AppliedObject {
  readonly kind: ObjectKind
  readonly key: ObjectKey
  readonly remoteId: string
  readonly origin: "created" | "adopted"
  readonly protected: boolean
  readonly fields: Fields
}

export interface Cannot {
  readonly cannot: string
  readonly source: string
}

export type Projection =
  | { readonly is: "exact"; readonly why: string }
  | { readonly is: "widened"; readonly why: string }
  | { readonly is: "unsupported"; readonly why: string }

/** providers.md 11.9. Classified where the status is known, never by message text. */
export const connectorErrorCodes = [
  "auth_failed",
  "forbidden",
  "feature_missing",
  "quota",
  "not_found",
  "conflict",
  "invalid",
  "rate_limited",
  "unavailable",
  "unsupported",
  "lost_answer",
  "unknown",
] as const
export type ConnectorErrorCode = (typeof connectorErrorCodes)[number]

/** A provider's refusal or silence. `excerpt` is redacted and at most 500 characters; it is the provider's words, as text. */
export class ConnectorError extends Error {
  readonly code: ConnectorErrorCode
  readonly step: string
  readonly httpStatus: number | null
  readonly providerCode: string | null
  readonly excerpt: string | null
  readonly requestId: string | null
  readonly retryAt: Date | null

  constructor(
    code: ConnectorErrorCode,
    step: string,
    message: string,
    detail: {
      httpStatus?: number
      providerCode?: string
      excerpt?: string
      requestId?: string
      retryAt?: Date
      cause?: unknown
    } = {},
  ) {
    super(message, detail.cause === undefined ? undefined : { cause: detail.cause })
    this.name = "ConnectorError"
    this.code = code
    this.step = step
    this.httpStatus = detail.httpStatus ?? null
    this.providerCode = detail.providerCode ?? null
    this.excerpt = detail.excerpt?.slice(0, 500) ?? null
    this.requestId = detail.requestId ?? null
    this.retryAt = detail.retryAt ?? null
  }
}

export interface Check {
  readonly name: string
  readonly is: "pass" | "fail" | "warn" | "skip"
  readonly why: string
}

export interface Refusal {
  readonly kind: ObjectKind
  readonly key: ObjectKey
  readonly path: string
  readonly why: string
}

/** One field that moves. `from` is null on create, `to` is null on delete. */
export interface FieldChange {
  readonly field: string
  readonly from: Json
  readonly to: Json
}

export interface WritePort {
  /** How long a write may stay invisible to `find` and `observe`, in milliseconds; absent: reads see it at once (F22). */
  readonly readLagMs?: number
  /** Reads everything of our three kinds, foreign objects too. Bounded; throws ConnectorError, never a half answer. */
  observe(): Promise<readonly RemoteObject[]>
  /** Reads one object; null when it is not there. Used before and after each step, and after a lost answer. */
  find(kind: ObjectKind, key: ObjectKey): Promise<RemoteObject | null>
  /** Makes the object with our marker. `marker` is `planId:changeId`. On a lost answer throws `lost_answer`: the caller finds, never re-sends. */
  create(object: DesiredObject, marker: string): Promise<RemoteObject>
  /** Writes only the changed owned fields. Never carries a secret. */
  update(remoteId: string, object: DesiredObject, changes: readonly FieldChange[]): Promise<RemoteObject>
  /** Gone already is done. */
  remove(kind: ObjectKind, remoteId: string, key: ObjectKey): Promise<void>
}

export interface RemoteSecret {
  readonly remoteId: string
  readonly fingerprint: string | null
  readonly createdAt: string | null
  readonly expiresAt: string | null
  readonly lastUsedAt: string | null
}

export interface SecretsPort {
  readonly liveMax: number
  readonly chooser: "caller" | "provider" | "either"
  readonly expiry: "per_secret" | "policy" | "none"
  readonly list: "ids" | "values" | "none"
  readonly end: "by_id" | "all_rotated" | "by_policy" | "at_once"
  readonly strategy: "overlap" | "in_place"
  readonly evidenceByLog: "A" | "none"
  /** Adds a secret. `value` is sealed by the caller before the call, so that a lost answer loses nothing. Idempotent by `marker`. */
  issue(input: {
    client: string
    value: string
    fingerprint: string
    marker: string
    expiresAt: string | null
  }): Promise<RemoteSecret>
  listSecrets(client: string): Promise<readonly RemoteSecret[]>
  /** Ends exactly one secret by its id. Gone already is done. */
  retire(client: string, secretRemoteId: string): Promise<void>
}

/** RFC 7662 section 2.2: `active` and, when it is, the members that the provider tells. */
export type Introspected = { readonly active: boolean } & Readonly<Record<string, unknown>>

/** Asks the provider about any of its tokens with Grantry's own credentials, so that no client is needed for it. */
export interface IntrospectionPort {
  introspect(token: string): Promise<Introspected>
}

/** What a verifier of this provider's tokens must know. */
export interface Endpoints {
  readonly issuer: string
  readonly tokenEndpoint: string
  readonly jwksUri: string
  readonly introspectionEndpoint: string | null
}

export interface Connector {
  readonly kind: string
  check(): Promise<readonly Check[]>
  endpoints(): Promise<Endpoints>
  /** Pure: what the provider would refuse, before any call. */
  reject(desired: readonly DesiredObject[]): readonly Refusal[]
  /** Pure: what a grant becomes on this provider, beside the other grants that are wanted there. */
  project(grant: DesiredObject, all: readonly DesiredObject[]): Projection
  readonly write: WritePort | Cannot
  readonly secrets: SecretsPort | Cannot
  readonly introspection: IntrospectionPort | Cannot
  /** How a token request names the audience here: the parameters beside `scope`. */
  tokenParameters(audience: string): Readonly<Record<string, string>>
}

export const isPort = <T extends object>(port: T | Cannot): port is T => !("cannot" in port)

/** Opens a connector for one configured provider. `settings` is parsed by the kind's schema; secrets in it are opened by the caller. */
export interface Opened {
  readonly providerId: string
  readonly settings: Readonly<Record<string, unknown>>
  readonly fetch: GuardedFetch
}
