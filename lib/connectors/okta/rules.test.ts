import { describe, expect, test } from "vitest"
import type { Json } from "../../base/json.ts"
import { grantKey, type DesiredObject } from "../objects.ts"
import { nextPath } from "./api.ts"
import { effective, type PolicyWithRules } from "./effective.ts"
import { plainKeys } from "./keys.ts"
import { reject, shape } from "./rules.ts"

type Fields = Readonly<Record<string, Json>>
const client = (key: string, fields: Fields = {}): DesiredObject => ({
  kind: "client",
  key,
  fields: {
    display_name: "Orders",
    owner: "",
    auth_method: "client_secret_basic",
    jwks: null,
    enabled: true,
    ...fields,
  },
})
const audience = (fields: Fields = {}): DesiredObject => ({
  kind: "audience",
  key: "https://api.example",
  fields: {
    name: "API",
    scopes: [{ name: "read", description: "" }],
    token_ttl_seconds: 300,
    signing_alg: "RS256",
    token_format: "jwt",
    ...fields,
  },
})
const grant = (scopes: readonly string[] = ["read"]): DesiredObject => ({
  kind: "grant",
  key: grantKey("svc-orders", "https://api.example"),
  fields: { scopes },
})
const rsa = { kty: "RSA", n: "AQAB", e: "AQAB", kid: "a" }
const paths = (...objects: DesiredObject[]) => reject(objects, false).map(({ path }) => path)

describe("what Okta would refuse is refused before any call", () => {
  test.each<readonly [string, DesiredObject, readonly string[]]>([
    ["a good client", client("svc-orders"), []],
    ["every character that it allows", client("a$-_.+!*'(),Z9"), []],
    ["five characters", client("svc-1"), ["name"]],
    ["ninety-two", client("x".repeat(92)), []],
    ["ninety-three, for which our policy's name would be too long", client("x".repeat(93)), ["name"]],
    ["a colon", client("svc:orders"), ["name"]],
    ["Okta's own word", client("ALL_CLIENTS"), ["name"]],
    ["an unknown method", client("svc-orders", { auth_method: "tls_client_auth" }), ["auth_method"]],
    ["keys without a key", client("svc-orders", { auth_method: "private_key_jwt" }), ["jwks"]],
    ["a private key", client("svc-orders", { jwks: { keys: [{ ...rsa, d: "AQAB" }] } }), ["jwks.keys.0"]],
    ["an OKP key", client("svc-orders", { jwks: { keys: [{ kty: "OKP", x: "AQAB" }] } }), ["jwks.keys.0.kty"]],
    ["a key for encryption", client("svc-orders", { jwks: { keys: [{ ...rsa, use: "enc" }] } }), ["jwks.keys.0.use"]],
    [
      "two keys, one without kid",
      client("svc-orders", { jwks: { keys: [rsa, { ...rsa, kid: null }] } }),
      ["jwks.keys.1.kid"],
    ],
    ["a good audience", audience(), []],
    ["a scope of Okta's own", audience({ scopes: [{ name: "openid", description: "" }] }), ["scopes.0.name"]],
    ["a grant of nothing", grant([]), ["scopes"]],
  ])("%s", (_name, object, expected) => expect(paths(object)).toEqual(expected))

  test("a grant of a scope that its audience does not have", () => {
    expect(paths(audience(), grant(["read", "steal"]))).toEqual(["scopes.1"])
  })
})

describe("a token's life is whole minutes from 5 to 1440, and belongs to the grant", () => {
  test.each([
    [90, 300, ["90 s was rounded up to 5 minutes."]],
    [300, 300, []],
    [301, 360, ["301 s was rounded up to 6 minutes."]],
    [86_400, 86_400, []],
    [90_000, 86_400, ["90000 s was cut to 1440 minutes, the most that Okta gives."]],
  ])("%d s becomes %d s", (asked, held, notes) => {
    const shaped = shape([audience({ token_ttl_seconds: asked }), grant()])
    expect(shaped.objects.map(({ fields }) => fields)).toEqual([
      { name: "API", scopes: [{ name: "read", description: "" }] },
      { scopes: ["read"], token_ttl_seconds: held },
    ])
    expect(shaped.notes.map(({ why }) => why)).toEqual(notes)
  })
})

test("what is fixed at Okta is left out with a sentence; names that it wants are filled", () => {
  const { objects, notes } = shape([
    audience({ name: "", signing_alg: "ES256", token_format: "opaque" }),
    client("svc-orders", { display_name: "" }),
  ])
  expect(objects.map(({ fields }) => fields.name ?? fields.display_name)).toEqual(["https://api.example", "svc-orders"])
  expect(notes.map(({ why }) => why)).toEqual([
    "Okta wants a name; the identifier is used.",
    "Not configurable on Okta: tokens are signed with RS256.",
    "Okta gives signed JWTs for a custom authorization server, never opaque tokens.",
    "Okta wants a label; the client's own name is used.",
  ])
})

test("keys read alike in any order, with or without what Okta adds, and inactive ones are none", () => {
  const ours = { keys: [rsa, { kty: "EC", crv: "P-256", x: "x", y: "y", kid: "b", use: "sig" }] }
  const theirs = {
    keys: [
      {
        kid: "b",
        y: "y",
        x: "x",
        crv: "P-256",
        kty: "EC",
        use: "sig",
        id: "pks1",
        created: "2026-01-01",
        status: "ACTIVE",
      },
      { ...rsa, id: "pks2", alg: null, _links: {} },
      { ...rsa, kid: "old", status: "INACTIVE" },
    ],
  }
  expect(plainKeys(theirs)).toEqual(plainKeys(ours))
  expect(plainKeys({ keys: [] })).toBeNull()
})

describe("what a client really gets", () => {
  const policy = (
    id: string,
    priority: number | null,
    clients: readonly string[],
    scopes: readonly string[],
    minutes: number,
  ): PolicyWithRules => ({
    id,
    priority,
    status: "ACTIVE",
    conditions: { clients: { include: [...clients] } },
    rules: [
      {
        id: `${id}-rule`,
        conditions: { grantTypes: { include: ["client_credentials"] }, scopes: { include: [...scopes] } },
        actions: { token: { accessTokenLifetimeMinutes: minutes } },
      },
    ],
  })
  const own = policy("own", 2, ["svc"], ["read"], 5)

  test.each([
    ["alone", [own], ["read"], 300, null],
    ["below one for everybody", [policy("p", 1, ["ALL_CLIENTS"], ["*"], 60), own], ["read", "write"], 3_600, "p"],
    ["below one for another scope", [policy("p", 1, ["svc"], ["write"], 60), own], ["read", "write"], 3_600, "p"],
    ["below one for another client", [policy("p", 1, ["other"], ["*"], 60), own], ["read"], 300, null],
    ["above one for everybody", [own, policy("p", 3, ["ALL_CLIENTS"], ["*"], 60)], ["read"], 300, null],
    ["beside one without a priority", [policy("p", null, ["ALL_CLIENTS"], ["*"], 60), own], ["read"], 300, null],
    [
      "below two: the first decides",
      [policy("b", 1, ["svc"], ["read"], 30), policy("a", 0, ["svc"], ["read"], 20), own],
      ["read"],
      1_200,
      "a",
    ],
  ] as const)("%s", (_name, all, scopes, ttlSeconds, shadow) => {
    const told = effective("svc", own, all, ["read", "write"])
    expect({ ...told, shadow: told.shadow?.id ?? null }).toEqual({ scopes, ttlSeconds, shadow })
  })
})

test("a next link is followed by its path alone, and only where the list is", () => {
  const at = "/api/v1/apps?limit=200"
  expect(nextPath(null, at, "list")).toBeNull()
  expect(nextPath('<https://acme.okta.com/api/v1/apps?limit=200>; rel="self"', at, "list")).toBeNull()
  const links =
    '<https://x.example/api/v1/apps?limit=200>; rel="self", <https://x.example/api/v1/apps?after=a%2Cb&limit=200>; rel="next"'
  expect(nextPath(links, at, "list")).toBe("/api/v1/apps?after=a%2Cb&limit=200")
  expect(() => nextPath('<https://x.example/api/v1/users?after=1>; rel="next"', at, "list")).toThrow("another address")
  expect(() => nextPath('<http://>; rel="next"', at, "list")).toThrow("another address")
})
