/** What Cognito would refuse, what a grant becomes there, and how our objects look in its terms. Pure. Sources: the constraints of its API model, providers.md 5.2 and 5.3. */
import type { Json } from "../../base/json.ts"
import { namesIn, scopesIn, textOf } from "../fields.ts"
import { splitGrantKey, type DesiredObject, type Note, type Projection, type Refusal, type Shaped } from "../objects.ts"
import { problem, refusalsOf, type Problem } from "../problems.ts"
import { allowedName, clientKeyMax, isAllowedName, serverTitleMax, wireScope } from "./names.ts"

const identifierMax = 256
const wireScopeMax = 256
const descriptionMax = 256
const scopesPerServer = 100
export const scopesPerClient = 50
const ttl = { min: 300, max: 86_400 } as const
const identifierText = /^[\x21\x23-\x5B\x5D-\x7E]+$/
/** As an identifier, but for the slash, which parts the two on the wire. */
const scopeText = /^[\x21\x23-\x2E\x30-\x5B\x5D-\x7E]+$/
const methods = ["client_secret_basic", "client_secret_post"]
/** Cognito takes a secret in either form and does not tell them apart, so this one stands for both. */
export const eitherMethod = "client_secret_basic"

function audienceProblems({ key, fields }: DesiredObject): readonly Problem[] {
  const scopes = scopesIn(fields.scopes)
  return [
    ...problem(key.length > identifierMax, "identifier", `must have at most ${identifierMax} characters`),
    ...problem(!identifierText.test(key), "identifier", 'must be visible ASCII without " and \\'),
    ...problem(scopes.length > scopesPerServer, "scopes", `must be at most ${scopesPerServer}`),
    ...scopes.flatMap(({ name, description }, i) => [
      ...problem(!scopeText.test(name), `scopes.${i}.name`, 'must be visible ASCII without ", \\ and /'),
      ...problem(
        wireScope(key, name).length > wireScopeMax,
        `scopes.${i}.name`,
        `must have at most ${wireScopeMax} characters together with its audience, as tokens carry it`,
      ),
      ...problem(
        description.length > descriptionMax,
        `scopes.${i}.description`,
        `must have at most ${descriptionMax} characters`,
      ),
    ]),
  ]
}

function clientProblems({ key, fields }: DesiredObject, all: readonly DesiredObject[]): readonly Problem[] {
  const granted = grantsOf(key, all).flatMap((grant) => namesIn(grant.fields.scopes))
  const method = fields.auth_method
  return [
    ...problem(
      key.length > clientKeyMax,
      "name",
      `must have at most ${clientKeyMax} characters, so that our mark fits`,
    ),
    ...problem(!isAllowedName(key), "name", "must be of letters, digits and _ + = , . @ -"),
    ...problem(
      method !== undefined && !methods.includes(textOf(method)),
      "auth_method",
      `must be one of ${methods.join(", ")}`,
    ),
    ...problem(
      granted.length > scopesPerClient,
      "grants",
      `must be of at most ${scopesPerClient} scopes together, and are of ${granted.length}`,
    ),
  ]
}

function grantProblems({ key, fields }: DesiredObject, all: readonly DesiredObject[]): readonly Problem[] {
  const { audience } = splitGrantKey(key)
  const wanted = all.find((other) => other.kind === "audience" && other.key === audience)
  const names = namesIn(fields.scopes)
  const known = wanted && new Set(scopesIn(wanted.fields.scopes).map(({ name }) => name))
  return [
    ...problem(names.length === 0, "scopes", "must be at least one: Cognito has no grant without a scope"),
    ...names.flatMap((name, i) =>
      problem(known?.has(name) === false, `scopes.${i}`, `${audience} has no scope ${name}`),
    ),
  ]
}

const grantsOf = (client: string, all: readonly DesiredObject[]): readonly DesiredObject[] =>
  all.filter((one) => one.kind === "grant" && splitGrantKey(one.key).client === client)

export const reject = (desired: readonly DesiredObject[]): readonly Refusal[] =>
  refusalsOf(desired, {
    audience: audienceProblems,
    client: (client) => clientProblems(client, desired),
    grant: (grant) => grantProblems(grant, desired),
  })

const noAudience =
  "Tokens of Cognito for services carry no audience: each API must check the prefix of the scopes, and the client_id."

/** Never exact: a token of several APIs is one token, and no token says for which API it is. */
export function project(grant: DesiredObject, all: readonly DesiredObject[]): Projection {
  const { client, audience } = splitGrantKey(grant.key)
  const api = all.find((one) => one.kind === "audience" && one.key === audience)
  if (api?.fields.token_format === "opaque")
    return { is: "unsupported", why: "Cognito issues JWT access tokens only, and this audience wants opaque ones." }
  const audiences = new Set([audience, ...grantsOf(client, all).map(({ key }) => splitGrantKey(key).audience)])
  return {
    is: "widened",
    why:
      audiences.size === 1
        ? noAudience
        : `${noAudience} ${client} has grants on ${audiences.size} audiences here, and one token may carry the scopes of all.`,
  }
}

/**
 * A client is its switch and the life of its tokens, which moves there from the audiences that are granted to it: the
 * smallest, within what Cognito takes. Of a client without a grant no lifetime is wanted, so it keeps what it has.
 */
export function shape(desired: readonly DesiredObject[]): Shaped {
  const notes: Note[] = []
  const audiences = new Map(desired.filter(({ kind }) => kind === "audience").map((one) => [one.key, one]))
  const objects = desired.map((object): DesiredObject => {
    const { kind, key, fields } = object
    const note = (why: string) => notes.push({ kind, key, why })
    if (kind === "grant") return { kind, key, fields: { scopes: [...new Set(namesIn(fields.scopes))].toSorted() } }
    if (kind === "audience") return { kind, key, fields: audienceFields(object, note) }
    const apis = grantsOf(key, desired).flatMap((grant) => audiences.get(splitGrantKey(grant.key).audience) ?? [])
    return {
      kind,
      key,
      fields: { auth_method: eitherMethod, enabled: fields.enabled !== false, ...lifetime(object, apis, note) },
    }
  })
  return { objects, notes }
}

type Tell = (why: string) => void

function audienceFields({ key, fields }: DesiredObject, note: Tell): Record<string, Json> {
  const wanted = textOf(fields.name)
  const name = allowedName(wanted) || allowedName(key) || "API"
  if (wanted === "") note("Cognito wants a name; the identifier is used.")
  else if (name !== wanted)
    note(
      `Cognito's names are up to ${serverTitleMax} letters, digits, spaces and _ + = , . @ -: it is called ${name} there.`,
    )
  if (typeof fields.signing_alg === "string" && fields.signing_alg !== "RS256")
    note(`Cognito signs every token with RS256, not with ${fields.signing_alg}.`)
  if (fields.token_format === "opaque") note("Cognito issues JWT access tokens only.")
  const scopes = scopesIn(fields.scopes).map(({ name: scope, description }) => ({
    name: scope,
    // A description is required there, and the scope's own name stands for none.
    description: description === scope ? "" : description,
  }))
  return { name, scopes: scopes.toSorted((a, b) => (a.name < b.name ? -1 : 1)) }
}

function lifetime(client: DesiredObject, apis: readonly DesiredObject[], note: Tell): Record<string, Json> {
  const wanted = apis.flatMap(({ key, fields }) =>
    typeof fields.token_ttl_seconds === "number" ? [{ key, seconds: fields.token_ttl_seconds }] : [],
  )
  const [first, ...more] = wanted.toSorted((a, b) => a.seconds - b.seconds || (a.key < b.key ? -1 : 1))
  // Without a grant, or shaped before.
  const { token_ttl_seconds: shaped } = client.fields
  if (!first) return typeof shaped === "number" ? { token_ttl_seconds: shaped } : {}
  const seconds = Math.min(ttl.max, Math.max(ttl.min, Math.round(first.seconds)))
  if (more.some((one) => one.seconds !== first.seconds))
    note(`Lifetime is per client: the smallest of its audiences (${first.seconds} s, ${first.key}) is used.`)
  if (seconds !== first.seconds)
    note(`Tokens of Cognito live from 5 minutes to 1 day: ${first.seconds} s became ${seconds} s.`)
  return { token_ttl_seconds: seconds }
}
