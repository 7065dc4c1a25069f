/** What a registration can hold, and what a server would refuse, before any call. Pure. */
import { isObject, type Json } from "../../base/json.ts"
import { isPrivateJwk } from "../../token/private-jwk.ts"
import { namesIn } from "../fields.ts"
import { splitGrantKey, type DesiredObject, type Note, type Projection, type Refusal, type Shaped } from "../objects.ts"
import { limits, type Manners } from "./manners.ts"

const methods = ["client_secret_basic", "client_secret_post", "private_key_jwt"]
/** RFC 6749 section 3.3. */
const scopeToken = /^[\x21\x23-\x5B\x5D-\x7E]+$/

export function reject(desired: readonly DesiredObject[]): readonly Refusal[] {
  return desired.flatMap(({ kind, key, fields }) => {
    const refuse = (path: string, why: string): Refusal => ({ kind, key, path, why })
    if (kind !== "client")
      return namesIn(fields.scopes).flatMap((name) =>
        scopeToken.test(name) ? [] : [refuse("scopes", `${name} is no scope word (RFC 6749 section 3.3)`)],
      )
    const keys = isObject(fields.jwks) && Array.isArray(fields.jwks.keys) ? fields.jwks.keys : []
    return [
      ...(methods.includes(String(fields.auth_method))
        ? []
        : [refuse("auth_method", `must be one of ${methods.join(", ")}`)]),
      ...(fields.auth_method === "private_key_jwt" && keys.length === 0
        ? [refuse("jwks", "private_key_jwt needs at least one public key")]
        : []),
      ...(keys.some(isPrivateJwk) ? [refuse("jwks", "carries private key material")] : []),
    ]
  })
}

/** A registration has one flat list of scopes: what is granted on one audience may be asked for with another. */
export const project = (_grant: DesiredObject): Projection => ({
  is: "widened",
  why: "Registration knows one list of scopes per client and no audience (RFC 7591 section 2): the server decides which audience a token with these scopes is for.",
})

/** OpenID Connect Dynamic Client Registration 1.0 section 2; some servers refuse anything else. */
const isMail = (value: Json | undefined): value is string =>
  typeof value === "string" && /^[^\s@,]+@[^\s@,]+$/.test(value)

/**
 * Clients as registrations, grants as scope words, audiences as the names of their scopes, which Grantry alone remembers.
 * A disabled client is none: a registration has no switch.
 */
export function shape(desired: readonly DesiredObject[], manners: Manners): Shaped {
  const notes: Note[] = []
  const off = new Set(
    desired.filter(({ kind, fields }) => kind === "client" && fields.enabled === false).map(({ key }) => key),
  )
  const learned = limits(manners).filter(({ name }) => name === "drops" || name === "changes")
  const objects = desired.flatMap((object): DesiredObject[] => {
    const { kind, key, fields } = object
    const note = (why: string) => notes.push({ kind, key, why })
    if (kind === "client") {
      if (off.has(key)) {
        note(
          "A registration cannot be switched off: disabling deletes it, and enabling registers it anew, with a new client_id.",
        )
        return []
      }
      for (const { why } of learned) note(why)
      const owner = isMail(fields.owner) ? fields.owner : ""
      if (owner === "" && fields.owner)
        note("The contacts of a registration are e-mail addresses: this owner is none, so Grantry alone remembers it.")
      const { auth_method = null, jwks = null } = fields
      // A registration is found by its name alone: one without a name gets that of the client.
      return [{ kind, key, fields: { display_name: fields.display_name || key, owner, auth_method, jwks } }]
    }
    if (kind === "grant")
      return off.has(splitGrantKey(key).client)
        ? []
        : [{ kind, key, fields: { scopes: namesIn(fields.scopes).toSorted() } }]
    note(
      "Registration has no audiences: Grantry remembers which scopes belong to this one. Token life, format and algorithm are the server's choice.",
    )
    return [{ kind, key, fields: { scopes: namesIn(fields.scopes).toSorted() } }]
  })
  return { objects, notes }
}
