import { expect, test } from "vitest"
import type { Json } from "../../base/json.ts"
import { grantKey, type DesiredObject, type Fields } from "../objects.ts"
import { freeName, wordOf } from "./catalog.ts"
import { clientObject } from "./clients.ts"
import { rotationOf, withPolicy, withProfile } from "./policy.ts"
import { project, reject, shape } from "./rules.ts"
import { strategyFor } from "./secrets.ts"
import { client as clientShape, type Scope } from "./shapes.ts"

const api = (key: string, fields: Fields = {}): DesiredObject => ({
  kind: "audience",
  key,
  fields: {
    name: "",
    scopes: [{ name: "read", description: "" }],
    token_ttl_seconds: 300,
    token_format: "jwt",
    signing_alg: "RS256",
    ...fields,
  },
})
const service = (key: string, fields: Fields = {}): DesiredObject => ({
  kind: "client",
  key,
  fields: { display_name: "", owner: "", auth_method: "client_secret_basic", jwks: null, enabled: true, ...fields },
})
const grant = (client: string, audience: string, scopes: Json = ["read"]): DesiredObject => ({
  kind: "grant",
  key: grantKey(client, audience),
  fields: { scopes },
})
const long = "x".repeat(256)

test.each<[string, DesiredObject, string]>([
  ["a client name with a space", service("a b"), "name"],
  ["a client name of 256 characters", service(long), "name"],
  ["a client of Keycloak's own name", service("realm-management"), "name"],
  ["Grantry's own client", service("grantry-console"), "name"],
  ["an authenticator that Keycloak would take and lock out", service("a", { auth_method: "none" }), "auth_method"],
  ["private_key_jwt without a key", service("a", { auth_method: "private_key_jwt" }), "jwks"],
  ["a private key", service("a", { jwks: { keys: [{ kty: "EC", d: "x" }] } }), "jwks"],
  ["a display name of 256 characters", service("a", { display_name: long }), "display_name"],
  ["a lifetime of nothing", api("https://a.example", { token_ttl_seconds: 0 }), "token_ttl_seconds"],
  ["a lifetime that is no number", service("a", { token_ttl_seconds: "abc" }), "token_ttl_seconds"],
  ["the algorithm none", api("https://a.example", { signing_alg: "none" }), "signing_alg"],
  ["a symmetric algorithm", api("https://a.example", { signing_alg: "HS256" }), "signing_alg"],
  ["opaque tokens", api("https://a.example", { token_format: "opaque" }), "token_format"],
  ["an identifier of 256 characters", api(`https://${long}`), "identifier"],
  ["a scope with a space", api("https://a.example", { scopes: [{ name: "a b", description: "" }] }), "scopes.0.name"],
  [
    "a description of 256 characters",
    api("https://a.example", { scopes: [{ name: "a", description: long }] }),
    "scopes.0.description",
  ],
])("%s is refused before any call", (_name, object, path) => {
  expect(reject("grantry-console")([object]).map((one) => one.path)).toContain(path)
})

test("a grant of a scope that the audience does not have is refused; an audience may not be called like a client", () => {
  const all = [api("https://a.example"), service("a"), grant("a", "https://a.example", ["read", "write"])]
  expect(reject("c")(all)).toMatchObject([{ kind: "grant", path: "scopes.1" }])
  expect(reject("c")([api("same"), service("same")])).toMatchObject([{ kind: "audience", path: "identifier" }])
})

test("what is fine is not refused, shaped or not", () => {
  const all = [api("https://a.example"), service("a"), grant("a", "https://a.example")]
  expect(reject("c")(all)).toEqual([])
  expect(reject("c")(shape(all).objects)).toEqual([])
  expect(reject("c")(shape([api("https://o.example", { token_format: "opaque" })]).objects)).toHaveLength(1)
})

test("grants are exact on one audience and widened, each of them, from the second on; opaque is unsupported", () => {
  const [one, two] = [grant("a", "https://a.example"), grant("a", "https://b.example")]
  const other = grant("b", "https://b.example")
  expect(project(one, [one, other]).is).toBe("exact")
  for (const each of [one, two]) expect(project(each, [one, two, other]).is).toBe("widened")
  expect(project(other, [one, two, other]).is).toBe("exact")
  expect(project(two, [two, api("https://b.example", { token_format: "opaque" })]).is).toBe("unsupported")
})

test("lifetime and algorithm move to the client: the smallest of its audiences, with a sentence where they differ", () => {
  const all = [
    api("https://slow.example", { token_ttl_seconds: 900, signing_alg: "ES256" }),
    api("https://fast.example", { token_ttl_seconds: 300, scopes: [{ name: "fast", description: "" }] }),
    service("both"),
    service("slow"),
    service("none"),
    grant("both", "https://slow.example"),
    grant("both", "https://fast.example", ["fast"]),
    grant("slow", "https://slow.example"),
  ]
  const { objects, notes } = shape(all)
  const held = (key: string) => objects.find((one) => one.key === key)?.fields
  expect(held("both")).toMatchObject({ token_ttl_seconds: 300, signing_alg: "RS256" })
  expect(held("slow")).toMatchObject({ token_ttl_seconds: 900, signing_alg: "ES256" })
  expect(held("none")).not.toHaveProperty("token_ttl_seconds")
  expect(Object.keys(held("https://slow.example") ?? {})).toEqual(["name", "scopes"])
  expect(notes.map(({ key }) => key)).toEqual(["both", "both"])
  expect(shape(objects).objects).toEqual(objects)
})

test("a word of two audiences, or of Keycloak's own, is told before it is stored under its long name", () => {
  const words = [
    { name: "read", description: "" },
    { name: "email", description: "" },
  ]
  const { notes } = shape([api("https://b.example"), api("https://a.example", { scopes: words })])
  expect(notes.map(({ key, why }) => [key, why.slice(why.indexOf("stored as"))])).toEqual([
    ["https://a.example", "stored as https://a.example/email."],
    ["https://b.example", "stored as https://b.example/read."],
  ])
})

const scope = (name: string, attributes: Record<string, string> = {}): Scope => ({
  id: name,
  name,
  description: "",
  attributes,
  protocolMappers: [],
})
test("words and names of scopes go there and back", () => {
  const audience = "https://a.example"
  expect(freeName(audience, "read", [])).toBe("read")
  expect(freeName(audience, "read", [scope("read")])).toBe("https://a.example/read")
  expect(freeName(audience, "openid", [])).toBe("https://a.example/openid")
  expect(wordOf(scope("https://a.example/read"), audience)).toBe("read")
  expect(wordOf(scope("read"), audience)).toBe("read")
  const renamed = scope("renamed", { "grantry.audience": audience, "grantry.scope": "read" })
  expect([wordOf(renamed, audience), wordOf(renamed, "https://other.example")]).toEqual(["read", "renamed"])
})

const rotating = { publicClient: false, bearerOnly: false, attributes: { "grantry.rotation": "true" } }
const plain = { ...rotating, attributes: {} }
const policyOf = (condition: string, configuration: Record<string, unknown>, more: object = {}) => ({
  policies: [
    { name: "p", enabled: true, profiles: ["grantry-rotation"], conditions: [{ condition, configuration }], ...more },
  ],
})

test.each<[string, Parameters<typeof rotationOf>, "on" | "off"]>([
  ["ours, for a client of ours", [rotating, withPolicy({}), withProfile({})], "on"],
  ["ours, for somebody else's", [plain, withPolicy({}), withProfile({})], "off"],
  ["one whose profile is gone", [rotating, withPolicy({}), { profiles: [] }], "off"],
  ["any client", [plain, policyOf("any-client", {}), withProfile({})], "on"],
  ["one that is switched off", [plain, policyOf("any-client", {}, { enabled: false }), withProfile({})], "off"],
  ["confidential clients", [plain, policyOf("client-access-type", { type: ["confidential"] }), withProfile({})], "on"],
  ["public clients", [plain, policyOf("client-access-type", { type: ["public"] }), withProfile({})], "off"],
  [
    "all but ours",
    [
      plain,
      policyOf("client-attributes", {
        "is-negative-logic": "true",
        attributes: '[{"key":"grantry.rotation","value":"true"}]',
      }),
      withProfile({}),
    ],
    "on",
  ],
  ["a condition that nobody here knows", [plain, policyOf("client-roles", {}), withProfile({})], "off"],
  [
    "a list where text must stand",
    [
      rotating,
      policyOf("client-attributes", { attributes: [{ key: "grantry.rotation", value: "true" }] }),
      withProfile({}),
    ],
    "off",
  ],
])("a policy for %s is judged", (_name, [client, policies, profiles], is) => {
  expect(rotationOf(client, policies, profiles).is).toBe(is)
})

test("the policies of others stay when ours is added, and adding it twice is adding it once", () => {
  const others = policyOf("any-client", {})
  const twice = withPolicy(withPolicy(others))
  expect(twice.policies?.map(({ name }) => name)).toEqual(["p", "grantry-rotation"])
  expect(withProfile(withProfile({})).profiles).toHaveLength(1)
})

test("without a policy, or without sight of it, a rotation is a cut-over that says why", () => {
  const on = { is: "on", expirationSeconds: 86_400 } as const
  expect(strategyFor({ ...on, overlapSeconds: 7_200 })).toMatchObject({
    is: "overlap",
    why: expect.stringContaining("at most 2 hours") as string,
  })
  expect(strategyFor({ ...on, overlapSeconds: 0 })).toMatchObject({ is: "in_place" })
  for (const is of ["off", "unknown"] as const) expect(strategyFor({ is })).toMatchObject({ is: "in_place" })
})

test("a client of ours tells its own lifetime or none; another's tells what its tokens have", () => {
  const defaults = { seconds: 300, alg: "RS256" }
  const bare = { id: "1", clientId: "c" }
  const ours = { ...bare, attributes: { "grantry.managed": "true" } }
  const fieldsOf = (raw: object) => clientObject(clientShape.parse(raw), defaults).fields
  expect(fieldsOf(bare)).toMatchObject({ token_ttl_seconds: 300, signing_alg: "RS256" })
  expect(fieldsOf(ours)).toMatchObject({ token_ttl_seconds: null, signing_alg: null })
  expect(fieldsOf({ ...bare, attributes: { "access.token.lifespan": "60" } })).toMatchObject({ token_ttl_seconds: 60 })
})

test("a client with nulls everywhere is read; keys behind an address are unknown, not gone", () => {
  const nothing = { seconds: null, alg: null }
  const bare = { id: "1", clientId: "c", name: null, attributes: null, enabled: null, clientAuthenticatorType: null }
  expect(clientObject(clientShape.parse(bare), nothing)).toMatchObject({
    marked: false,
    fields: {
      display_name: "",
      owner: "",
      auth_method: "client_secret_basic",
      jwks: null,
      enabled: false,
      token_ttl_seconds: null,
    },
  })
  const attributes = { "use.jwks.url": "true", "access.token.lifespan": "abc", x: null }
  expect(clientObject(clientShape.parse({ ...bare, attributes }), nothing)).toMatchObject({
    unknown: ["jwks"],
    fields: { token_ttl_seconds: "abc" },
  })
})
