/**
 * The three kinds of object as plain data: as the registry wants them, as a provider shows them, as they were last applied,
 * and what a kind of provider says of wanted ones before any call.
 */
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

/** One field that moves. `from` is null on create, `to` is null on delete. */
export interface FieldChange {
  readonly field: string
  readonly from: Json
  readonly to: Json
}

export type Projection =
  | { readonly is: "exact"; readonly why: string }
  | { readonly is: "widened"; readonly why: string }
  | { readonly is: "unsupported"; readonly why: string }

export interface Refusal {
  readonly kind: ObjectKind
  readonly key: ObjectKey
  readonly path: string
  readonly why: string
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
