/** What Keycloak would break on without a word (it validates almost nothing), what a grant becomes, and how values are held. Pure. */
import { isObject, type Json } from "../../base/json.ts"
import { isPrivateJwk } from "../../token/private-jwk.ts"
import { namesIn, scopesIn } from "../fields.ts"
import { splitGrantKey, type DesiredObject, type Note, type Projection, type Refusal, type Shaped } from "../objects.ts"
import { refusalsOf, type Problem } from "../problems.ts"
import { builtInClients, longName, reservedWords, textMax } from "./names.ts"

/** Each was tried: it signs, and its key is in the key set. `HS256` works too, and nobody else can verify it. */
export const signingAlgs = [
  "RS256",
  "RS384",
  "RS512",
  "PS256",
  "PS384",
  "PS512",
  "ES256",
  "ES384",
  "ES512",
  "EdDSA",
] as const
const methods = ["client_secret_basic", "client_secret_post", "private_key_jwt"]
/** RFC 6749 section 3.3. */
const scopeToken = /^[\x21\x23-\x5B\x5D-\x7E]+$/
const visible = /^[\x21-\x7E]+$/
/** The realm's "SSO Session Max" of a new realm; a longer life is cut there without a word. */
const sessionMaxSeconds = 36_000
const ttlMax = 2_147_483_647

const tooLong = (path: string, value: Json | undefined): readonly Problem[] =>
  typeof value === "string" && value.length > textMax ? [[path, `is longer than ${textMax} characters`]] : []

const isName = (key: string): boolean => visible.test(key) && key.length <= textMax

/** Lifetime and algorithm, wherever they stand: on the audience as wanted, on the client once shaped. */
function tokenProblems({ fields }: DesiredObject): readonly Problem[] {
  const { token_ttl_seconds: ttl, signing_alg: alg } = fields
  return [
    ...(ttl === undefined ||
    ttl === null ||
    (typeof ttl === "number" && Number.isInteger(ttl) && ttl > 0 && ttl <= ttlMax)
      ? []
      : [
          [
            "token_ttl_seconds",
            "must be a whole number of seconds above 0: anything else breaks every token request",
          ] as const,
        ]),
    ...(alg === undefined || alg === null || signingAlgs.some((known) => known === alg)
      ? []
      : [["signing_alg", `must be one of ${signingAlgs.join(", ")}`] as const]),
  ]
}

function audienceProblems(audience: DesiredObject, all: readonly DesiredObject[]): readonly Problem[] {
  const { key, fields } = audience
  return [
    ...(isName(key) ? [] : [["identifier", `must be at most ${textMax} visible ASCII characters`] as const]),
    ...(all.some((other) => other.kind === "client" && other.key === key)
      ? [["identifier", "is also the name of a client: the realm has one client of each name"] as const]
      : []),
    ...(fields.token_format === "opaque"
      ? [["token_format", "is opaque, and Keycloak issues JWT access tokens only"] as const]
      : []),
    ...tooLong("name", fields.name),
    ...tokenProblems(audience),
    ...scopesIn(fields.scopes).flatMap(({ name, description }, i): readonly Problem[] => [
      ...(scopeToken.test(name) && name.length <= textMax
        ? []
        : [[`scopes.${i}.name`, "is not a scope token (RFC 6749 section 3.3)"] as const]),
      ...(reservedWords.has(name) && !scopeToken.test(longName(key, name))
        ? [[`scopes.${i}.name`, "is a word of Keycloak's own"] as const]
        : []),
      ...tooLong(`scopes.${i}.description`, description),
    ]),
  ]
}

function clientProblems(client: DesiredObject, own: string): readonly Problem[] {
  const { key, fields } = client
  const keys = isObject(fields.jwks) && Array.isArray(fields.jwks.keys) ? fields.jwks.keys : []
  return [
    ...(isName(key) ? [] : [["name", `must be at most ${textMax} visible ASCII characters`] as const]),
    ...(builtInClients.has(key) || key === own
      ? [["name", "is a client of the realm's own, or Grantry's own"] as const]
      : []),
    ...(methods.some((known) => known === fields.auth_method)
      ? []
      : [["auth_method", `must be one of ${methods.join(", ")}: anything else locks the client out`] as const]),
    ...(fields.auth_method === "private_key_jwt" && keys.length === 0
      ? [["jwks", "private_key_jwt needs at least one public key"] as const]
      : []),
    ...(keys.some(isPrivateJwk) ? [["jwks", "carries private key material"] as const] : []),
    ...tooLong("display_name", fields.display_name),
    ...tokenProblems(client),
  ]
}

function grantProblems({ key, fields }: DesiredObject, all: readonly DesiredObject[]): readonly Problem[] {
  const { audience } = splitGrantKey(key)
  const wanted = all.find((other) => other.kind === "audience" && other.key === audience)
  if (!wanted) return []
  const known = new Set(scopesIn(wanted.fields.scopes).map(({ name }) => name))
  return namesIn(fields.scopes).flatMap((scope, i): readonly Problem[] =>
    known.has(scope) ? [] : [[`scopes.${i}`, `${audience} has no scope ${scope}`]],
  )
}

/** `own` is the client_id of Grantry's own client. */
export const reject =
  (own: string) =>
  (desired: readonly DesiredObject[]): readonly Refusal[] =>
    refusalsOf(desired, {
      audience: (audience) => audienceProblems(audience, desired),
      client: (client) => clientProblems(client, own),
      grant: (grant) => grantProblems(grant, desired),
    })

/** Exact while a client's grants are on one audience of the realm. */
export function project(grant: DesiredObject, all: readonly DesiredObject[]): Projection {
  const { client, audience } = splitGrantKey(grant.key)
  const api = all.find((one) => one.kind === "audience" && one.key === audience)
  if (api?.fields.token_format === "opaque")
    return { is: "unsupported", why: "Keycloak issues JWT access tokens only, and this audience wants opaque ones." }
  const audiences = new Set(
    all
      .filter((one) => one.kind === "grant")
      .map(({ key }) => splitGrantKey(key))
      .flatMap((ends) => (ends.client === client ? [ends.audience] : [])),
  )
  audiences.add(audience)
  return audiences.size === 1
    ? { is: "exact", why: "The audience appears in aud only when one of its granted scopes is asked for." }
    : {
        is: "widened",
        why: `Keycloak cannot keep one request from mixing scopes of two audiences; such a token carries both in aud. ${client} has grants on ${audiences.size} audiences here.`,
      }
}

/**
 * Lifetime and algorithm move from the audiences to the client, where Keycloak keeps them: the smallest lifetime of the
 * audiences that are granted to it. Of a client without a grant nothing is wanted there, so it keeps what it has.
 */
export function shape(desired: readonly DesiredObject[]): Shaped {
  const audiences = new Map(desired.filter(({ kind }) => kind === "audience").map((one) => [one.key, one]))
  const grants = Map.groupBy(
    desired.filter(({ kind }) => kind === "grant").map(({ key }) => splitGrantKey(key)),
    ({ client }) => client,
  )
  const notes: Note[] = [...wordNotes([...audiences.values()])]
  const objects = desired.map((object): DesiredObject => {
    if (object.kind === "grant") return { ...object, fields: { scopes: object.fields.scopes ?? [] } }
    if (object.kind === "audience") {
      const { name = "", scopes = [], token_format: format } = object.fields
      return { ...object, fields: { name, scopes, ...(format === "opaque" ? { token_format: format } : {}) } }
    }
    const apis = (grants.get(object.key) ?? []).flatMap(({ audience }) => audiences.get(audience) ?? [])
    const token = tokenOf(object, apis)
    notes.push(...token.notes)
    const { display_name = "", owner = "", auth_method = null, jwks = null, enabled = true } = object.fields
    return { ...object, fields: { display_name, owner, auth_method, jwks, enabled, ...token.fields } }
  })
  return { objects, notes }
}

function tokenOf(client: DesiredObject, apis: readonly DesiredObject[]) {
  const wanted = apis.flatMap(({ key, fields }) =>
    typeof fields.token_ttl_seconds === "number"
      ? [{ key, seconds: fields.token_ttl_seconds, alg: fields.signing_alg }]
      : [],
  )
  const [first, ...more] = wanted.toSorted((a, b) => a.seconds - b.seconds || (a.key < b.key ? -1 : 1))
  const note = (why: string): Note => ({ kind: "client", key: client.key, why })
  // Without a grant, or shaped before.
  const { token_ttl_seconds, signing_alg } = client.fields
  if (!first)
    return {
      fields: token_ttl_seconds === undefined ? {} : { token_ttl_seconds, signing_alg: signing_alg ?? null },
      notes: [],
    }
  const alg = first.alg ?? null
  return {
    fields: { token_ttl_seconds: first.seconds, signing_alg: alg },
    notes: [
      ...(more.some((one) => one.seconds !== first.seconds)
        ? [note(`Lifetime is per client: the smallest of its audiences (${first.seconds} s, ${first.key}) is used.`)]
        : []),
      ...(more.some((one) => (one.alg ?? null) !== alg)
        ? [
            note(
              `The signing algorithm is per client: ${String(alg)}, as ${first.key} wants it, is used for all of its audiences.`,
            ),
          ]
        : []),
      ...(first.seconds > sessionMaxSeconds
        ? [
            note(
              `Keycloak cuts a lifetime to the realm's SSO Session Max, ${sessionMaxSeconds} s unless it was raised.`,
            ),
          ]
        : []),
    ],
  }
}

/** Scope names are unique per realm. Who comes first keeps the word; the provider's own state may decide otherwise. */
function wordNotes(audiences: readonly DesiredObject[]): readonly Note[] {
  const owners = new Map<string, string>()
  return audiences
    .toSorted((a, b) => (a.key < b.key ? -1 : 1))
    .flatMap(({ key, fields }) =>
      scopesIn(fields.scopes).flatMap(({ name }): readonly Note[] => {
        const owner = reservedWords.has(name) ? "Keycloak itself" : owners.get(name)
        if (owner === undefined) owners.set(name, key)
        return owner === undefined
          ? []
          : [
              {
                kind: "audience",
                key,
                why: `Scope names are unique per realm: where ${owner} holds ${name}, it is stored as ${longName(key, name)}.`,
              },
            ]
      }),
    )
}
