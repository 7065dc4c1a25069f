/** What OpenIddict's descriptors can hold. Pure. */
import { isObject } from "../../base/json.ts"
import { isPrivateJwk } from "../../token/private-jwk.ts"
import { namesIn } from "../fields.ts"
import { splitGrantKey, type DesiredObject, type Note, type Projection, type Refusal, type Shaped } from "../objects.ts"

const methods = ["client_secret_basic", "client_secret_post", "private_key_jwt"]
/** RFC 6749 section 3.3. */
const scopeToken = /^[\x21\x23-\x5B\x5D-\x7E]{1,200}$/

export function reject(desired: readonly DesiredObject[]): readonly Refusal[] {
  return desired.flatMap(({ kind, key, fields }): Refusal[] => {
    const refuse = (path: string, why: string): Refusal => ({ kind, key, path, why })
    if (kind === "audience")
      return namesIn(fields.scopes).flatMap((word) =>
        scopeToken.test(word) ? [] : [refuse("scopes", `${word} is no scope word (RFC 6749 section 3.3)`)],
      )
    if (kind === "grant") return []
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

/** Scopes and resources are two flat lists on a client, so a second audience can be asked for in the same token. */
export function project({ key }: DesiredObject, all: readonly DesiredObject[]): Projection {
  const { client } = splitGrantKey(key)
  const audiences = all.filter((other) => other.kind === "grant" && splitGrantKey(other.key).client === client).length
  return audiences <= 1
    ? { is: "exact", why: "Each scope is tied to its resource, and this client has scopes of one audience." }
    : {
        is: "widened",
        why: `This client has scopes of ${audiences} audiences: one token may carry them all, for all of these audiences. Which aud a token gets is decided by code in the host application.`,
      }
}

/** Token life moves to the client (the smallest of its audiences); algorithm and the mode of tokens belong to the whole server. */
export function shape(desired: readonly DesiredObject[]): Shaped {
  const notes: Note[] = []
  const life = new Map<string, readonly number[]>()
  const ttlOf = new Map(
    desired.flatMap(({ kind, key, fields }) =>
      kind === "audience" && typeof fields.token_ttl_seconds === "number" ? [[key, fields.token_ttl_seconds]] : [],
    ) as [string, number][],
  )
  for (const { kind, key } of desired) {
    if (kind !== "grant") continue
    const { client, audience } = splitGrantKey(key)
    const ttl = ttlOf.get(audience)
    if (ttl !== undefined) life.set(client, [...(life.get(client) ?? []), ttl])
  }
  const objects = desired.map(({ kind, key, fields }): DesiredObject => {
    const note = (why: string) => notes.push({ kind, key, why })
    if (kind === "client") {
      const { display_name = "", owner = "", auth_method = null, jwks = null, enabled = true } = fields
      const lives = life.get(key)
      if (lives && new Set(lives).size > 1)
        note(`A client has one token life here: the smallest of its audiences, ${Math.min(...lives)} s, is used.`)
      const ttl = lives ? Math.min(...lives) : (fields.token_ttl_seconds ?? null)
      return { kind, key, fields: { display_name, owner, auth_method, jwks, enabled, token_ttl_seconds: ttl } }
    }
    if (kind === "grant") return { kind, key, fields: { scopes: namesIn(fields.scopes).toSorted() } }
    const { name = "", scopes = [], token_format = "jwt" } = fields
    if (fields.signing_alg !== undefined)
      note("The signing algorithm is an option of the whole server and is not written.")
    if (token_format === "opaque")
      note("Reference tokens are an option of the whole server: the bundle carries the wish, and the host decides.")
    return { kind, key, fields: { name, scopes, token_format } }
  })
  return { objects, notes }
}
