/** What the local provider would refuse, known before any call. Pure; held equal to the provider's own validation by a test. */
import { isObject, type Json } from "../../base/json.ts"
import { isPrivateJwk } from "../../token/private-jwk.ts"
import { splitGrantKey, type DesiredObject, type Projection, type Refusal } from "../objects.ts"
import { refusalsOf, type Problem } from "../problems.ts"

const algs = ["RS256", "RS384", "RS512", "PS256", "PS384", "PS512", "ES256", "ES384", "ES512", "EdDSA"]
const methods = ["client_secret_basic", "client_secret_post", "private_key_jwt"]
const formats = ["jwt", "opaque"]
const ttlMin = 10
const ttlMax = 86_400
/** RFC 6749 section 3.3. */
const scopeToken = /^[\x21\x23-\x5B\x5D-\x7E]{1,200}$/
const visible = /^[\x21-\x7E]+$/

const oneOf = (path: string, value: Json | undefined, words: readonly string[]): readonly Problem[] =>
  typeof value === "string" && words.includes(value) ? [] : [[path, `must be one of ${words.join(", ")}`]]

const isAudienceUri = (text: string): boolean =>
  text.length <= 512 && visible.test(text) && URL.canParse(text) && !text.includes("#")

function audienceProblems({ key, fields }: DesiredObject): readonly Problem[] {
  const ttl = fields.token_ttl_seconds
  const scopes = Array.isArray(fields.scopes) ? fields.scopes : []
  return [
    ...(isAudienceUri(key)
      ? []
      : [
          [
            "identifier",
            "must be an absolute URI without a fragment: tokens are asked for by the parameter resource (RFC 8707)",
          ] as const,
        ]),
    ...(typeof ttl === "number" && Number.isInteger(ttl) && ttl >= ttlMin && ttl <= ttlMax
      ? []
      : [["token_ttl_seconds", `must be a whole number from ${ttlMin} to ${ttlMax}`] as const]),
    ...oneOf("token_format", fields.token_format, formats),
    ...oneOf("signing_alg", fields.signing_alg, algs),
    ...scopes.flatMap((scope, i): readonly Problem[] =>
      isObject(scope) && typeof scope.name === "string" && scopeToken.test(scope.name)
        ? []
        : [[`scopes.${i}.name`, "is not a scope token (RFC 6749 section 3.3)"]],
    ),
  ]
}

function clientProblems({ key, fields }: DesiredObject): readonly Problem[] {
  const jwks = fields.jwks ?? null
  const keys = isObject(jwks) && Array.isArray(jwks.keys) ? jwks.keys : []
  const isPrivate = keys.some(isPrivateJwk)
  return [
    ...(visible.test(key) && key.length <= 200
      ? []
      : [["name", "must be at most 200 visible ASCII characters without a space"] as const]),
    ...oneOf("auth_method", fields.auth_method, methods),
    ...(fields.auth_method === "private_key_jwt" && keys.length === 0
      ? [["jwks", "private_key_jwt needs at least one public key"] as const]
      : []),
    ...(isPrivate ? [["jwks", "carries private key material"] as const] : []),
  ]
}

function grantProblems({ key, fields }: DesiredObject, all: readonly DesiredObject[]): readonly Problem[] {
  const { audience } = splitGrantKey(key)
  const wanted = all.find((other) => other.kind === "audience" && other.key === audience)?.fields.scopes
  if (!Array.isArray(wanted)) return []
  const known = new Set(wanted.map((scope) => (isObject(scope) ? scope.name : null)))
  const scopes = Array.isArray(fields.scopes) ? fields.scopes : []
  return scopes.flatMap((scope, i): readonly Problem[] =>
    known.has(scope) ? [] : [[`scopes.${i}`, `${audience} has no scope ${String(scope)}`]],
  )
}

export const reject = (desired: readonly DesiredObject[]): readonly Refusal[] =>
  refusalsOf(desired, {
    audience: audienceProblems,
    client: clientProblems,
    grant: (grant) => grantProblems(grant, desired),
  })

export const project = (): Projection => ({
  is: "exact",
  why: "The local identity provider enforces every grant exactly; other providers may not.",
})
