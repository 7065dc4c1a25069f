import { expect, test } from "vitest"
import type { DesiredObject } from "../objects.ts"
import { reject, shape } from "./rules.ts"
import { samples } from "./tenant.fixture.ts"

const { audience, client } = samples(null)
const management = "https://acme.eu.auth0.com/api/v2/"
const api = (fields: DesiredObject["fields"], key = audience.key): DesiredObject => ({
  ...audience,
  key,
  fields: { ...audience.fields, ...fields },
})
const service = (fields: DesiredObject["fields"]): DesiredObject => ({
  ...client,
  fields: { ...client.fields, ...fields },
})
const key = { kty: "RSA", n: "x", e: "AQAB", kid: "0123456789", alg: "RS256" }
const keyed = (...keys: readonly Record<string, string>[]) =>
  service({ auth_method: "private_key_jwt", jwks: { keys } })

test.each<readonly [string, DesiredObject, string]>([
  ["an identifier longer than 600 characters", api({}, `https://a.example/${"x".repeat(600)}`), "identifier"],
  ["a name with angle brackets", api({ name: "<b>" }), "name"],
  ["a name that leaves no room for our mark", api({ name: "x".repeat(195) }), "name"],
  ["a life of no seconds", api({ token_ttl_seconds: 0 }), "token_ttl_seconds"],
  ["a life above 30 days", api({ token_ttl_seconds: 2_592_001 }), "token_ttl_seconds"],
  ["HS256, which is a shared secret", api({ signing_alg: "HS256" }), "signing_alg"],
  ["ES256, which Auth0 has not", api({ signing_alg: "ES256" }), "signing_alg"],
  ["a scope of 281 characters", api({ scopes: [{ name: "x".repeat(281), description: "" }] }), "scopes.0.name"],
  ["a description of 501", api({ scopes: [{ name: "x", description: "x".repeat(501) }] }), "scopes.0.description"],
  [
    "1001 scopes",
    api({ scopes: Array.from({ length: 1001 }, (_, i) => ({ name: `s${i}`, description: "" })) }),
    "scopes",
  ],
  ["an owner of 256 characters", service({ owner: "x".repeat(256) }), "owner"],
  ["a display name with angle brackets", service({ display_name: "a<b" }), "display_name"],
  ["another way to prove itself", service({ auth_method: "tls_client_auth" }), "auth_method"],
  ["three keys", keyed(key, key, key), "jwks"],
  ["a key that is no RSA key", keyed({ ...key, kty: "EC" }), "jwks.keys.0.kty"],
  ["ES256", keyed({ ...key, alg: "ES256" }), "jwks.keys.0.alg"],
  ["a short key id", keyed({ ...key, kid: "k1" }), "jwks.keys.0.kid"],
  ["a private key", keyed({ ...key, d: "x" }), "jwks.keys.0"],
])("%s is refused before any call", (_name, object, path) => {
  expect(reject([object], management).map((refusal) => refusal.path)).toEqual([path])
})

test("a grant of a scope that its audience does not have is refused", () => {
  const grant: DesiredObject = {
    kind: "grant",
    key: `svc ${audience.key}`,
    fields: { scopes: ["payments:write", "nope"] },
  }
  expect(reject([audience, grant], management).map(({ path }) => path)).toEqual(["scopes.1"])
  expect(reject([grant], management)).toEqual([])
})

test("what Auth0 cannot hold is left out or filled, each with its sentence", () => {
  const { objects, notes } = shape([
    api({ token_format: "opaque", name: "" }),
    service({ display_name: "", jwks: { keys: [key] } }),
  ])
  expect(objects[0]?.fields).toMatchObject({ name: audience.key })
  expect(objects[0]?.fields).not.toHaveProperty("token_format")
  expect(objects[1]?.fields).toMatchObject({ display_name: client.key, jwks: null })
  expect(notes.map(({ why }) => why)).toEqual([
    "Auth0 gives signed JWTs for an API of its own, never opaque tokens.",
    "Auth0 wants a name; the identifier is used.",
    "Its public keys are sent once it proves itself with them; now it uses a secret.",
    "Auth0 wants a name; the client's own is used.",
  ])
  expect(shape([audience, client]).notes).toEqual([])
})
