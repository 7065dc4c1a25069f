import { describe, expect, test } from "vitest"
import type { Json } from "../../base/json.ts"
import { grantKey, type DesiredObject, type Fields } from "../objects.ts"
import { project, reject, shape } from "./rules.ts"

const api = "https://pay.example"
const audience = (fields: Fields = {}, key = api): DesiredObject => ({
  kind: "audience",
  key,
  fields: {
    name: "Payments",
    scopes: [
      { name: "read", description: "" },
      { name: "write", description: "Change" },
    ],
    token_ttl_seconds: 900,
    token_format: "jwt",
    signing_alg: "RS256",
    ...fields,
  },
})
const client = (fields: Fields = {}, key = "order"): DesiredObject => ({
  kind: "client",
  key,
  fields: {
    display_name: "Orders",
    owner: "team",
    auth_method: "client_secret_post",
    jwks: null,
    enabled: true,
    ...fields,
  },
})
const grant = (scopes: Json = ["read"], of = api): DesiredObject => ({
  kind: "grant",
  key: grantKey("order", of),
  fields: { scopes },
})
const refused = (...objects: DesiredObject[]) => reject(objects).map(({ path }) => path)
const scopesOf = (n: number) =>
  Array.from({ length: n }, (_, i) => ({ name: `s${String(i).padStart(3, "0")}`, description: "" }))

describe("what Cognito would refuse", () => {
  test("nothing of what it takes", () => expect(refused(audience(), client(), grant())).toEqual([]))

  test.each([
    ["a blank in an identifier", audience({}, "https://pay example"), "identifier"],
    ["a long identifier", audience({ scopes: [] }, `https://${"x".repeat(250)}`), "identifier"],
    ["a slash in a scope", audience({ scopes: [{ name: "a/b", description: "" }] }), "scopes.0.name"],
    [
      "a scope that is too long on the wire",
      audience({ scopes: [{ name: "x".repeat(240), description: "" }] }),
      "scopes.0.name",
    ],
    ["a long description", audience({ scopes: [{ name: "a", description: "x".repeat(257) }] }), "scopes.0.description"],
    ["a hundred and one scopes", audience({ scopes: scopesOf(101) }), "scopes"],
    ["a name without room for our mark", client({}, "x".repeat(116)), "name"],
    ["keys instead of a secret", client({ auth_method: "private_key_jwt" }), "auth_method"],
    ["a grant of nothing", grant([]), "scopes"],
  ])("%s", (_what, object, path) => expect(refused(object)).toContain(path))

  test("a scope that its audience does not have", () =>
    expect(refused(audience(), client(), grant(["read", "drop"]))).toEqual(["scopes.1"]))

  test("more than fifty scopes of one client, over all its grants", () => {
    const [one, two] = [audience({ scopes: scopesOf(30) }), audience({ scopes: scopesOf(21) }, "https://two.example")]
    const names = (n: number) => scopesOf(n).map(({ name }) => name)
    const grants = [grant(names(30)), grant(names(21), "https://two.example")]
    expect(reject([one, two, client(), ...grants])).toEqual([
      { kind: "client", key: "order", path: "grants", why: expect.stringContaining("51") },
    ])
    expect(refused(one, two, client(), grant(names(30)), grant(names(20), "https://two.example"))).toEqual([])
  })
})

describe("what a grant becomes", () => {
  test("widened, always: no token says for whom it is", () => {
    const one = project(grant(), [audience(), client(), grant()])
    expect(one).toMatchObject({ is: "widened", why: expect.stringContaining("carry no audience") })
    const two = audience({}, "https://two.example")
    const both = project(grant(), [audience(), two, client(), grant(), grant(["read"], two.key)])
    expect(both.why).toContain("2 audiences")
  })

  test("unsupported where the audience wants opaque tokens", () =>
    expect(project(grant(), [audience({ token_format: "opaque" }), client(), grant()]).is).toBe("unsupported"))
})

describe("how values are held", () => {
  const only = (object: DesiredObject, ...more: DesiredObject[]) => {
    const { objects, notes } = shape([object, ...more])
    return { fields: objects[0]?.fields, notes: notes.filter(({ key }) => key === object.key).map(({ why }) => why) }
  }

  test("a client is its switch and its lifetime; what Cognito has no place for is left out", () =>
    expect(only(client(), audience(), grant())).toEqual({
      fields: { auth_method: "client_secret_basic", enabled: true, token_ttl_seconds: 900 },
      notes: [],
    }))

  test("without a grant no lifetime is wanted", () =>
    expect(only(client(), audience()).fields).not.toHaveProperty("token_ttl_seconds"))

  test("the smallest lifetime of its audiences is used, and said", () => {
    const two = audience({ token_ttl_seconds: 600 }, "https://two.example")
    const { fields, notes } = only(client(), audience(), two, grant(), grant(["read"], two.key))
    expect(fields).toMatchObject({ token_ttl_seconds: 600 })
    expect(notes).toEqual([expect.stringContaining("(600 s, https://two.example)")])
  })

  test.each([
    [60, 300],
    [300, 300],
    [86_400, 86_400],
    [172_800, 86_400],
  ])("%d s becomes %d s", (wanted, held) => {
    const { fields, notes } = only(client(), audience({ token_ttl_seconds: wanted }), grant())
    expect(fields).toMatchObject({ token_ttl_seconds: held })
    expect(notes).toHaveLength(wanted === held ? 0 : 1)
  })

  test("names lose what Cognito cannot hold, and a missing one is the identifier", () => {
    expect(only(audience({ name: "R & D" }))).toMatchObject({
      fields: { name: "R - D" },
      notes: [expect.stringContaining("R - D")],
    })
    expect(only(audience({ name: "" })).fields).toMatchObject({ name: "https-pay.example" })
  })

  test("another algorithm, or opaque tokens, are told to be impossible", () => {
    expect(only(audience({ signing_alg: "ES256" })).notes).toEqual([expect.stringContaining("RS256, not with ES256")])
    expect(only(audience({ token_format: "opaque" })).notes).toHaveLength(1)
  })

  test("a description that is the scope's own name is none", () =>
    expect(only(audience({ scopes: [{ name: "read", description: "read" }] })).fields).toMatchObject({
      scopes: [{ name: "read", description: "" }],
    }))
})
