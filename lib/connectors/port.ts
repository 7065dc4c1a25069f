/**
 * What Grantry asks of a kind of identity provider. A capability is a port or a reason, never a flag: the capability page
 * and docs/connectors.md are drawn from these literals. Connectors get plain data and an injected fetch, never the database.
 */
import type { GuardedFetch, GuardedResolve } from "../base/http.ts"
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
  /** This attempt has changed nothing: it was refused where it would have, or before. False: that is not known. */
  readonly nothingDone: boolean

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
      nothingDone?: boolean
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
    this.nothingDone = detail.nothingDone ?? false
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

/** One thing that is held otherwise than it was asked for: `90 s was rounded up to 5 minutes`. */
export interface Note {
  readonly kind: ObjectKind
  readonly key: ObjectKey
  readonly why: string
}

/** The wanted objects in the provider's own terms, and a sentence for whatever is not as it was asked for. */
export interface Shaped {
  readonly objects: readonly DesiredObject[]
  readonly notes: readonly Note[]
}

export interface WritePort {
  /** How many steps may run side by side, each on an object of its own; absent: one (providers.md 11.7). */
  readonly parallel?: number
  /** How long a write may stay invisible to `find` and `observe`, in milliseconds; absent: reads see it at once (F22). */
  readonly readLagMs?: number
  /** A grant is a part of its client there: it goes with it, and nothing must be taken from a client before it is removed. */
  readonly grantsGoWithClient?: true
  /** A new client can be made with its grants, in one call: `create` of a client is given those that are to come with it. */
  readonly grantsComeWithClient?: true
  /** Reads everything of our three kinds, foreign objects too. Bounded; throws ConnectorError, never a half answer. */
  observe(): Promise<readonly RemoteObject[]>
  /** Reads one object; null when it is not there. Used before and after each step, and after a lost answer. */
  find(kind: ObjectKind, key: ObjectKey): Promise<RemoteObject | null>
  /** Makes the object with our marker. `marker` is `planId:changeId`. On a lost answer throws `lost_answer`: the caller finds, never re-sends. `grants`: of this new client; the caller looks which of them came along. */
  create(object: DesiredObject, marker: string, grants?: readonly DesiredObject[]): Promise<RemoteObject>
  /** Writes only the changed owned fields. Never carries a secret. */
  update(remoteId: string, object: DesiredObject, changes: readonly FieldChange[]): Promise<RemoteObject>
  /** Gone already is done. */
  remove(kind: ObjectKind, remoteId: string, key: ObjectKey): Promise<void>
}

export interface RemoteSecret {
  readonly remoteId: string
  /** The marker given to `issue`, where the provider keeps one. */
  readonly marker?: string | null
  readonly fingerprint: string | null
  readonly createdAt: string | null
  readonly expiresAt: string | null
  readonly lastUsedAt: string | null
}

/** `value` where the provider chose it (`chooser: "provider"`): told this once. The caller seals it before anything else. */
export type IssuedSecret = RemoteSecret & { readonly value?: string }

/** How a secret of this client would be replaced now, with the sentence that a person confirms. */
export interface Strategy {
  readonly is: "overlap" | "in_place"
  readonly why: string
  /** In place: for how long requests with either value may fail. Null: unknown. */
  readonly downtimeSeconds: number | null
}

export interface SecretsPort {
  readonly liveMax: number
  readonly chooser: "caller" | "provider" | "either"
  readonly expiry: "per_secret" | "policy" | "none"
  readonly list: "ids" | "values" | "none"
  readonly end: "by_id" | "all_rotated" | "by_policy" | "at_once"
  readonly strategy: "overlap" | "in_place"
  /** Where the strategy depends on the provider's state (Keycloak's policy, live secrets): read afresh before each rotation. */
  strategyOf?(client: string): Promise<Strategy>
  /** How long a new value may be refused and an old one taken after `issue`, in milliseconds; absent: not at all. */
  readonly settleMs?: number
  readonly evidenceByLog: "A" | "none"
  /** Adds a secret. `value` is sealed by the caller before the call, so that a lost answer loses nothing. Idempotent by `marker`. */
  issue(input: {
    client: string
    value: string
    fingerprint: string
    marker: string
    expiresAt: string | null
  }): Promise<IssuedSecret>
  listSecrets(client: string): Promise<readonly RemoteSecret[]>
  /** Ends exactly one secret by its id. Gone already is done. */
  retire(client: string, secretRemoteId: string): Promise<void>
}

/** RFC 7662 section 2.2: `active` and, when it is, the members that the provider tells. */
export type Introspected = { readonly active: boolean } & Readonly<Record<string, unknown>>

/** Asks the provider about any of its tokens with Grantry's own credentials, so that no client is needed for it. */
export interface IntrospectionPort {
  /** What an inactive answer may mean here besides "expired, revoked, or not one of its tokens". */
  readonly doubt?: string
  introspect(token: string): Promise<Introspected>
}

/** One stretch of the provider's own log, in its own shape (lib/normalize reads it). */
export interface EventPage {
  readonly records: readonly unknown[]
  /** Where to go on; kept by the caller after the records are committed. Opaque. */
  readonly cursor: string
  /** More is waiting right now. */
  readonly more: boolean
  /** RFC 3339: nothing older than this will still appear. Null: the provider does not tell. */
  readonly completeUntil: string | null
}

/** Token events from the provider's log. Asked for with overlap; the caller drops what it has by the record's own id. */
export interface EventsPort {
  /** How often to ask, in seconds. */
  readonly everySeconds: number
  /** Which facts of a token event this log tells, derives or lacks (providers.md 11.10). */
  readonly provenance: Readonly<Record<string, "observed" | "derived" | "absent">>
  /** `null` starts at what the provider still has, at most a day back. */
  poll(cursor: string | null): Promise<EventPage>
}

/** One administrative change in the provider's own log. */
export interface AdminChange {
  /** RFC 3339. */
  readonly at: string
  /** What was changed, as far as the log says it: by our key or by the remote id of an object or a part of it. */
  readonly kind: ObjectKind | null
  readonly key: ObjectKey | null
  readonly remoteIds: readonly string[]
  readonly actor: { readonly id: string; readonly name?: string; readonly client?: string; readonly realm?: string }
  /** Made by Grantry's own credentials. */
  readonly ours: boolean
}

/** Who changed what at the provider. */
export interface ChangesPort {
  /** Newest first, at most 1000. `since` is a point in time. */
  since(since: Date): Promise<readonly AdminChange[]>
}

/** Everything that is wanted, as one file for a provider that takes no writes; and what it holds, taken in from such a file. */
export interface DocumentPort {
  /** A name for the file. */
  readonly name: string
  export(): Promise<Json>
  /**
   * What the provider really holds now: the next plan is made against it. Throws ConnectorError `invalid`; keeps nothing
   * until what it answers is called.
   */
  load(document: unknown): { keep(): Promise<void> }
}

/** A limit of one server that its kind leaves open, told beside the port that it limits. */
export interface Learned {
  readonly port: "write" | "secrets"
  readonly cannot: string
}

/** How a token for scopes of one audience is asked for (RFC 6749 section 4.4.2). */
export interface TokenRequest {
  readonly tokenEndpoint: string
  readonly issuer: string
  /** Everything beside grant type and client authentication; `scope` among it where this provider wants one. */
  readonly parameters: Readonly<Record<string, string>>
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
  /**
   * Pure: the wanted objects as this provider can hold them: fields that it cannot hold left out, values rounded, what
   * belongs elsewhere moved there. Plan, apply and drift know only these. What `observe` answers has the same fields.
   */
  shape(desired: readonly DesiredObject[]): Shaped
  /** Pure: the OAuth client_id of a client of ours here. */
  clientIdOf(client: { readonly key: ObjectKey; readonly remoteId: string }): string
  tokenRequest(audience: string, scopes: readonly string[]): Promise<TokenRequest>
  readonly write: WritePort | Cannot
  readonly secrets: SecretsPort | Cannot
  readonly introspection: IntrospectionPort | Cannot
  readonly events: EventsPort | Cannot
  readonly changes: ChangesPort | Cannot
  /** What this very server turned out not to do, found by trying. Calls nothing: it is remembered. */
  learned?(): Promise<readonly Learned[]>
  /** Only for kinds that can be served by a file. */
  readonly document?: DocumentPort | Cannot
}

/** What a connector must remember between two openings and the provider will not tell: a rotating access token, the last bundle. */
export interface Memory {
  read(name: string): Promise<string | null>
  /** Sealed and committed when this resolves. `null` forgets. */
  write(name: string, value: string | null): Promise<void>
}

export const isPort = <T extends object>(port: T | Cannot): port is T => !("cannot" in port)

/** Opens a connector for one configured provider. `settings` is parsed by the kind's schema; secrets in it are opened by the caller. */
export interface Opened {
  readonly providerId: string
  readonly settings: Readonly<Record<string, unknown>>
  readonly fetch: GuardedFetch
  /** The same guard for connections that are no HTTP requests; absent: none may be made. */
  readonly resolve?: GuardedResolve
  readonly memory: Memory
  /** The vault's fingerprint of a secret value, as it stands in the registry and in events. */
  readonly fingerprint: (value: string) => string
}
