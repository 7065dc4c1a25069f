/** What Auth0 would refuse, and how our objects look in its terms. Pure. Sources: Management API v2, providers.md 2.2. */
import { isObject } from "../../base/json.ts"
import { isPrivateJwk } from "../../token/private-jwk.ts"
import { scopesIn, textOf } from "../fields.ts"
import { splitGrantKey, type DesiredObject, type Note, type Projection, type Refusal, type Shaped } from "../objects.ts"
import { problem, refusalsOf, type Problem } from "../problems.ts"
import { keyAlgs, keysOf, kidPattern, liveKeysMax } from "./keys.ts"
import { apiNameMax, metadataValueMax } from "./metadata.ts"

const identifierMax = 600
const ttlMax = 2_592_000
const scopesMax = 1_000
const scopeMax = 280
const scopeDescriptionMax = 500
/** HS256 would hand the API's signing secret to whoever verifies. */
const signingAlgs = ["RS256", "RS512", "PS256"]
const authMethods = ["client_secret_basic", "client_secret_post", "private_key_jwt"]
/** Names hold no angle brackets (pattern of the contract). */
const nameText = /^[^<>]+$/

function audienceProblems({ key, fields }: DesiredObject, management: string): readonly Problem[] {
  const name = textOf(fields.name)
  const ttl = fields.token_ttl_seconds
  const scopes = scopesIn(fields.scopes)
  return [
    ...problem(
      key.length === 0 || key.length > identifierMax,
      "identifier",
      `must have 1 to ${identifierMax} characters`,
    ),
    ...problem(key === management, "identifier", "is that of Auth0's own Management API"),
    ...problem(name !== "" && !nameText.test(name), "name", "must not hold < or >"),
    ...problem(name.length > apiNameMax, "name", `must have at most ${apiNameMax} characters, so that our mark fits`),
    ...problem(
      !(typeof ttl === "number" && Number.isInteger(ttl) && ttl > 0 && ttl <= ttlMax),
      "token_ttl_seconds",
      `must be a whole number from 1 to ${ttlMax}`,
    ),
    ...problem(
      !signingAlgs.includes(textOf(fields.signing_alg)),
      "signing_alg",
      `must be one of ${signingAlgs.join(", ")}`,
    ),
    ...problem(scopes.length > scopesMax, "scopes", `must be at most ${scopesMax}`),
    ...scopes.flatMap(({ name: scope, description }, i) => [
      ...problem(scope.length > scopeMax, `scopes.${i}.name`, `must have at most ${scopeMax} characters`),
      ...problem(
        description.length > scopeDescriptionMax,
        `scopes.${i}.description`,
        `must have at most ${scopeDescriptionMax} characters`,
      ),
    ]),
  ]
}

function clientProblems({ fields }: DesiredObject): readonly Problem[] {
  const keys = fields.auth_method === "private_key_jwt" ? keysOf(fields.jwks) : []
  const name = textOf(fields.display_name)
  return [
    ...problem(name !== "" && !nameText.test(name), "display_name", "must not hold < or >"),
    ...problem(
      textOf(fields.owner).length > metadataValueMax,
      "owner",
      `must have at most ${metadataValueMax} characters`,
    ),
    ...problem(
      !authMethods.includes(textOf(fields.auth_method)),
      "auth_method",
      `must be one of ${authMethods.join(", ")}`,
    ),
    ...problem(keys.length > liveKeysMax, "jwks", `must hold at most ${liveKeysMax} keys`),
    ...keys.flatMap((key, i) => [
      ...problem(key.kty !== "RSA", `jwks.keys.${i}.kty`, "must be RSA"),
      ...problem(
        key.alg !== undefined && !keyAlgs.some((alg) => alg === key.alg),
        `jwks.keys.${i}.alg`,
        `must be one of ${keyAlgs.join(", ")}`,
      ),
      ...problem(
        key.kid !== undefined && !kidPattern.test(textOf(key.kid)),
        `jwks.keys.${i}.kid`,
        "must have 10 to 64 letters, digits, - or _",
      ),
      ...problem(isPrivateJwk(key), `jwks.keys.${i}`, "carries private key material"),
    ]),
  ]
}

function grantProblems({ key, fields }: DesiredObject, all: readonly DesiredObject[]): readonly Problem[] {
  const { audience } = splitGrantKey(key)
  const wanted = all.find((other) => other.kind === "audience" && other.key === audience)?.fields.scopes
  if (!Array.isArray(wanted)) return []
  const known = new Set(wanted.map((scope) => (isObject(scope) ? scope.name : null)))
  const scopes = Array.isArray(fields.scopes) ? fields.scopes : []
  return scopes.flatMap((scope, i) =>
    problem(!known.has(scope), `scopes.${i}`, `${audience} has no scope ${String(scope)}`),
  )
}

/** @param management the identifier of the tenant's Management API. */
export const reject = (desired: readonly DesiredObject[], management: string): readonly Refusal[] =>
  refusalsOf(desired, {
    audience: (audience) => audienceProblems(audience, management),
    client: clientProblems,
    grant: (grant) => grantProblems(grant, desired),
  })

export const project = (): Projection => ({
  is: "exact",
  why: "A client grant of Auth0 is a hard ceiling: this client gets at most these scopes of this API.",
})

/** Names that Auth0 demands are filled, the token format that it has is the only one, keys stand only where they are used. */
export function shape(desired: readonly DesiredObject[]): Shaped {
  const notes: Note[] = []
  const objects = desired.map((object): DesiredObject => {
    const { kind, key, fields } = object
    const note = (why: string) => notes.push({ kind, key, why })
    if (kind === "audience") {
      const { token_format, ...rest } = fields
      if (token_format === "opaque") note("Auth0 gives signed JWTs for an API of its own, never opaque tokens.")
      if (textOf(fields.name) !== "") return { kind, key, fields: rest }
      note("Auth0 wants a name; the identifier is used.")
      return { kind, key, fields: { ...rest, name: key.slice(0, apiNameMax) } }
    }
    if (kind === "client") {
      const keyed = fields.auth_method === "private_key_jwt"
      const jwks = keyed && keysOf(fields.jwks).length > 0 ? (fields.jwks ?? null) : null
      if (!keyed && keysOf(fields.jwks).length > 0)
        note("Its public keys are sent once it proves itself with them; now it uses a secret.")
      if (textOf(fields.display_name) === "") note("Auth0 wants a name; the client's own is used.")
      const name = textOf(fields.display_name) === "" ? key : fields.display_name
      return { kind, key, fields: { ...fields, display_name: name ?? key, jwks } }
    }
    return object
  })
  return { objects, notes }
}
