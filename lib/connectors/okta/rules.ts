/** What Okta would refuse, and how our objects look in its terms. Pure. Sources: Management API 2026.06, providers.md 3.2, 3.3. */
import { isPrivateJwk } from "../../token/private-jwk.ts"
import { namesIn } from "../fields.ts"
import { splitGrantKey, type DesiredObject, type Note, type Projection, type Refusal, type Shaped } from "../objects.ts"
import { problem, refusalsOf, type Problem } from "../problems.ts"
import { keysOf, plainKeys } from "./keys.ts"
import { policyPrefix } from "./marker.ts"

/** OAuth client credentials of an app: 6 to 100 characters; the name of its policies takes some of the 100 that those may have. */
const clientId = { min: 6, max: 100 - policyPrefix.length, characters: /^[A-Za-z0-9$\-_.+!*'(),]*$/ }
const reserved = "ALL_CLIENTS"
const authMethods = ["client_secret_basic", "client_secret_post", "private_key_jwt"]
/** They stand on every authorization server, and are nobody's to make. */
const systemScopes = ["openid", "profile", "email", "address", "phone", "offline_access", "device_sso"]
/** `accessTokenLifetimeMinutes` of a rule. */
const lifeMinutes = { min: 5, max: 1_440 }
const defaultTtlSeconds = 3_600

function clientProblems({ key, fields }: DesiredObject): readonly Problem[] {
  const keys = keysOf(fields.jwks)
  return [
    ...problem(
      key.length < clientId.min || key.length > clientId.max,
      "name",
      `must have ${clientId.min} to ${clientId.max} characters, because it is the client_id`,
    ),
    ...problem(!clientId.characters.test(key), "name", "may hold letters, digits and $-_.+!*'(), only"),
    ...problem(key === reserved, "name", "is a word of Okta's own"),
    ...problem(
      !authMethods.includes(String(fields.auth_method)),
      "auth_method",
      `must be one of ${authMethods.join(", ")}`,
    ),
    ...problem(
      fields.auth_method === "private_key_jwt" && keys.length === 0,
      "jwks",
      "private_key_jwt needs at least one public key",
    ),
    ...keys.flatMap((one, i) => [
      ...problem(one.kty !== "RSA" && one.kty !== "EC", `jwks.keys.${i}.kty`, "must be RSA or EC"),
      ...problem(one.use === "enc", `jwks.keys.${i}.use`, "must be sig"),
      ...problem(
        keys.length > 1 && typeof one.kid !== "string",
        `jwks.keys.${i}.kid`,
        "is needed where there are several keys",
      ),
      ...problem(isPrivateJwk(one), `jwks.keys.${i}`, "carries private key material"),
    ]),
  ]
}

const audienceProblems = ({ key, fields }: DesiredObject): readonly Problem[] => [
  ...problem(key === "", "identifier", "must not be empty"),
  ...namesIn(fields.scopes).flatMap((name, i) =>
    problem(systemScopes.includes(name), `scopes.${i}.name`, `${name} is a scope of Okta's own on every server`),
  ),
]

function grantProblems({ key, fields }: DesiredObject, all: readonly DesiredObject[]): readonly Problem[] {
  const { audience } = splitGrantKey(key)
  const wanted = all.find((other) => other.kind === "audience" && other.key === audience)
  const known = wanted ? new Set(namesIn(wanted.fields.scopes)) : null
  const scopes = namesIn(fields.scopes)
  return [
    ...problem(scopes.length === 0, "scopes", "a rule of Okta needs at least one scope"),
    ...scopes.flatMap((scope, i) =>
      problem(known !== null && !known.has(scope), `scopes.${i}`, `${audience} has no scope ${scope}`),
    ),
  ]
}

/** @param bound Grantry is kept to one authorization server, so to one audience. */
export function reject(desired: readonly DesiredObject[], bound: boolean): readonly Refusal[] {
  const many = problem(
    bound && desired.filter(({ kind }) => kind === "audience").length > 1,
    "identifier",
    "this provider is one authorization server, which has one audience",
  )
  return refusalsOf(desired, {
    audience: (audience) => [...audienceProblems(audience), ...many],
    client: clientProblems,
    grant: (grant) => grantProblems(grant, desired),
  })
}

export const project = (): Projection => ({
  is: "exact",
  why: "A policy for this client alone and one rule with these scopes: exact while our policy comes first on the authorization server.",
})

/** A token's life belongs to the rule, so it moves from the audience to its grants; what is fixed at Okta is left out. */
export function shape(desired: readonly DesiredObject[]): Shaped {
  const notes: Note[] = []
  const ttls = new Map(
    desired
      .filter(({ kind, fields }) => kind === "audience" && typeof fields.token_ttl_seconds === "number")
      .map(({ key, fields }) => [key, roundedTtl(Number(fields.token_ttl_seconds))]),
  )
  const objects = desired.map((object): DesiredObject => {
    const { kind, key, fields } = object
    const note = (why: string) => notes.push({ kind, key, why })
    if (kind === "client") {
      const { display_name = "", owner = "", auth_method = null, enabled = true } = fields
      if (display_name === "") note("Okta wants a label; the client's own name is used.")
      const jwks = plainKeys(fields.jwks)
      return {
        kind,
        key,
        fields: { display_name: display_name === "" ? key : display_name, owner, auth_method, jwks, enabled },
      }
    }
    if (kind === "grant") {
      const { audience } = splitGrantKey(key)
      const ttl = fields.token_ttl_seconds ?? ttls.get(audience) ?? defaultTtlSeconds
      return { kind, key, fields: { scopes: namesIn(fields.scopes).toSorted(), token_ttl_seconds: ttl } }
    }
    const { name = "", scopes = [], token_ttl_seconds: life, signing_alg, token_format } = fields
    if (name === "") note("Okta wants a name; the identifier is used.")
    if (typeof life === "number") {
      const minutes = roundedTtl(life) / 60
      if (minutes * 60 > life) note(`${life} s was rounded up to ${minutes} minutes.`)
      if (minutes * 60 < life) note(`${life} s was cut to ${minutes} minutes, the most that Okta gives.`)
    }
    if (signing_alg !== undefined && signing_alg !== "RS256")
      note("Not configurable on Okta: tokens are signed with RS256.")
    if (token_format === "opaque")
      note("Okta gives signed JWTs for a custom authorization server, never opaque tokens.")
    return { kind, key, fields: { name: name === "" ? key : name, scopes } }
  })
  return { objects, notes }
}

/** Whole minutes, 5 to 1440. */
function roundedTtl(seconds: number): number {
  const minutes = Math.ceil(seconds / 60)
  return Math.min(Math.max(minutes, lifeMinutes.min), lifeMinutes.max) * 60
}
