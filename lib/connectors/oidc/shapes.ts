import { z } from "zod"
import { isObject, type Json } from "../../base/json.ts"

const text = z.string().nullish()
const seconds = z.number().nullish()

/**
 * What a server tells of a registered client (RFC 7591 section 3.2.1, RFC 7592 section 3). Only the client_id is sure to be
 * there; everything else is kept as it came and read field by field, since servers shape it as they like.
 */
export const clientInformation = z.looseObject({
  client_id: z.string().min(1),
  client_secret: text,
  client_id_issued_at: seconds.catch(null),
  /** 0: never. */
  client_secret_expires_at: seconds.catch(null),
  registration_access_token: text,
  registration_client_uri: text,
})
export type ClientInformation = z.output<typeof clientInformation>

/** Of the server, and never sent back (RFC 7592 section 2.2). */
export const neverSent = [
  "registration_access_token",
  "registration_client_uri",
  "client_id_issued_at",
  "client_secret_expires_at",
  "client_secret",
]

export type Metadata = Readonly<Record<string, Json>>

const textOf = (value: unknown): string | null => {
  // One server answers its single method as a list.
  const one: unknown = Array.isArray(value) && value.length === 1 ? value[0] : value
  return typeof one === "string" ? one : null
}

/** The server's words for what we own, read into ours. A member that is absent is absent here too. */
export function ownedOf(told: Readonly<Record<string, unknown>>): Readonly<Record<string, Json>> {
  const owned: Record<string, Json> = {}
  const name = textOf(told.client_name)
  if (name !== null) owned.display_name = name
  if (Array.isArray(told.contacts)) owned.owner = told.contacts.filter((one) => typeof one === "string").join(", ")
  const method = textOf(told.token_endpoint_auth_method)
  if (method !== null) owned.auth_method = method
  // A set without keys is none.
  if (isObject(told.jwks)) owned.jwks = [told.jwks.keys].flat().length === 0 ? null : (told.jwks as Json)
  return owned
}

/** The scope words (RFC 7591 section 2), sorted; null: the server does not tell. */
export function scopesOf(told: Readonly<Record<string, unknown>>): readonly string[] | null {
  if (typeof told.scope !== "string") return null
  return [...new Set(told.scope.split(" ").filter(Boolean))].toSorted()
}
