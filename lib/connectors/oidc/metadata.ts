/** Our fields as registration metadata (RFC 7591 section 2), and back. Pure. */
import { isObject, type Json } from "../../base/json.ts"
import { grantKey, type DesiredObject, type Fields, type RemoteObject } from "../objects.ts"
import type { Manners } from "./manners.ts"
import type { Index, Registration } from "./records.ts"
import { ownedOf, scopesOf, type Metadata } from "./shapes.ts"

/** Where a server keeps it, this says whose registration it is. */
const softwareId = (key: string): string => `urn:grantry:client:${key}`

export function metadataOf({ key, fields }: DesiredObject, scopes: readonly string[]): Metadata {
  const { display_name: name, owner, auth_method, jwks } = fields
  return {
    client_name: typeof name === "string" && name !== "" ? name : key,
    grant_types: ["client_credentials"],
    response_types: [],
    redirect_uris: [],
    token_endpoint_auth_method: auth_method ?? "client_secret_basic",
    software_id: softwareId(key),
    ...(typeof owner === "string" && owner !== "" ? { contacts: [owner] } : {}),
    ...(jwks === null || jwks === undefined ? {} : { jwks }),
    ...(scopes.length === 0 ? {} : { scope: scopes.join(" ") }),
  }
}

/** What was asked for, in our words. */
export function wantedFields({ wanted }: Registration): Readonly<Record<string, Json>> {
  const owned = ownedOf(wanted)
  return {
    display_name: owned.display_name ?? "",
    owner: owned.owner ?? "",
    auth_method: owned.auth_method ?? null,
    jwks: owned.jwks ?? null,
  }
}

const members: Readonly<Record<string, string>> = {
  display_name: "client_name",
  owner: "contacts",
  auth_method: "token_endpoint_auth_method",
  jwks: "jwks",
}
/** What is ours in a registration: an update that leaves one of them out takes it away (RFC 7592 section 2.2). */
export const ownMembers: readonly string[] = [...Object.values(members), "scope"]

/** Of these members, the ones that hold something. */
export const filled = (names: readonly string[], told: Readonly<Record<string, unknown>>): string[] =>
  names.filter((name) => !isEmpty(told[name]))

/** The members as empty values, for a server that keeps whatever an update does not name. */
export const emptied = (names: readonly string[]): Metadata =>
  Object.fromEntries(names.map((name) => [name, name === "contacts" ? [] : name === "jwks" ? { keys: [] } : ""]))

const absent: Readonly<Record<string, Json>> = { display_name: "", owner: "", auth_method: null, jwks: null }

/**
 * A registered client as the server tells it. A member that the server was never seen to show says nothing by its absence:
 * where we sent none it counts as none, where we sent one it is unknown.
 *
 * @param told null: the server does not let us look; everything is unknown.
 */
export function remoteClient(
  key: string,
  registration: Registration,
  told: Readonly<Record<string, unknown>> | null,
  manners: Manners,
): RemoteObject {
  const asked = wantedFields(registration)
  const seen = told === null ? {} : ownedOf(told)
  const fields: Record<string, Json> = {}
  const unknown: string[] = []
  for (const [field, member] of Object.entries(members)) {
    const value = seen[field]
    if (value !== undefined) fields[field] = value
    else if (told !== null && (manners.shows.includes(member) || isNone(asked[field])))
      fields[field] = absent[field] ?? null
    else unknown.push(field)
  }
  return {
    ...ours("client", key, registration.client_id, registration.marker),
    fields,
    ...(unknown.length > 0 ? { unknown } : {}),
  }
}

/**
 * A grant: of the scopes that the server holds for the client, those of this audience, but for those that another grant of
 * the client brought.
 */
export function remoteGrant(
  client: string,
  audience: string,
  registration: Registration,
  told: Readonly<Record<string, unknown>> | null,
  index: Index,
): RemoteObject {
  const grant = registration.grants[audience]
  const common = ours("grant", grantKey(client, audience), `${registration.client_id} ${audience}`, grant?.marker ?? "")
  const held = told === null ? null : (scopesOf(told) ?? (index.manners.shows.includes("scope") ? [] : null))
  if (held === null) return { ...common, fields: {}, unknown: ["scopes"] }
  const own = new Set([...(grant?.scopes ?? []), ...(index.audiences[audience]?.scopes ?? [])])
  const others = new Set(
    Object.entries(registration.grants).flatMap(([name, other]) => (name === audience ? [] : other.scopes)),
  )
  const scopes = held.filter(
    (scope) => (grant?.scopes.includes(scope) ?? false) || (own.has(scope) && !others.has(scope)),
  )
  return { ...common, fields: { scopes } }
}

export const remoteAudience = (
  key: string,
  { marker, scopes }: { marker: string; scopes: readonly string[] },
): RemoteObject => ({
  ...ours("audience", key, key, marker),
  fields: { scopes: [...scopes] },
})

/** Everything that is known here was made by us: nobody else's registration can be seen. */
const ours = (kind: RemoteObject["kind"], key: string, remoteId: string, marker: string) => ({
  kind,
  key,
  remoteId,
  marked: true,
  marker,
})

const isEmpty = (value: unknown): boolean =>
  value === undefined ||
  value === null ||
  value === "" ||
  (Array.isArray(value) && value.length === 0) ||
  (isObject(value) && Array.isArray(value.keys) && value.keys.length === 0)

const isNone = (value: Json | undefined): boolean => value === null || value === undefined || value === ""

/** All scope words of a client's grants, sorted, each once. */
export const scopesWanted = (grants: Registration["grants"]): string[] =>
  [...new Set(Object.values(grants).flatMap(({ scopes }) => scopes))].toSorted()

/** The client's fields as registered, for a write that changes something else. */
export const asDesired = (key: string, registration: Registration): DesiredObject => ({
  kind: "client",
  key,
  fields: wantedFields(registration) as Fields,
})
