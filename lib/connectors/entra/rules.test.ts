import fc from "fast-check"
import { describe, expect, test } from "vitest"
import { grantKey, type DesiredObject, type Fields } from "../objects.ts"
import { lifetimeOf, ttlDefault } from "./lifetime.ts"
import { tagOf, withTags } from "./names.ts"
import { roleIdOf, roleWrites, scopesOf } from "./roles.ts"
import { project, reject, shape } from "./rules.ts"
import type { Application } from "./shapes.ts"

const audience = (fields: Fields = {}, key = "api://x/orders"): DesiredObject => ({ kind: "audience", key, fields })
const client = (fields: Fields = {}): DesiredObject => ({
  kind: "client",
  key: "svc",
  fields: { auth_method: "client_secret_post", ...fields },
})
const grant = (scopes: readonly string[]): DesiredObject => ({
  kind: "grant",
  key: grantKey("svc", "api://x/orders"),
  fields: { scopes },
})
const scopes = (...names: string[]) => names.map((name) => ({ name, description: "" }))

describe("what Entra would refuse", () => {
  test.each<readonly [DesiredObject, string]>([
    [audience({}, `api://${"x".repeat(260)}`), "identifier"],
    [audience({ name: "x".repeat(257) }), "name"],
    [audience({ scopes: scopes("x".repeat(121)) }), "scopes.0.name"],
    [audience({ scopes: scopes("ok", ".dot") }), "scopes.1.name"],
    [client({ display_name: "x".repeat(257) }), "display_name"],
    [client({ owner: "x".repeat(300) }), "owner"],
    [client({ auth_method: "private_key_jwt" }), "auth_method"],
    [grant([]), "scopes"],
  ])("%# is refused at its place", (object, path) => {
    expect(reject([object]).map((refusal) => refusal.path)).toEqual([path])
  })

  test("a grant of a scope that the audience lacks is refused; of one that it has it is not", () => {
    const api = audience({ scopes: scopes("read") })
    expect(reject([api, grant(["read", "write"])])).toMatchObject([{ kind: "grant", path: "scopes.1" }])
    expect(reject([api, client(), grant(["read"])])).toEqual([])
  })
})

test("a grant of one scope is exact, of more it is widened: clients cannot ask for a subset", () => {
  expect(project(grant(["read"])).is).toBe("exact")
  expect(project(grant(["read", "write"])).is).toBe("widened")
})

describe("shape", () => {
  const shaped = (fields: Fields, key?: string) => shape([audience(fields, key)], "t1")

  test.each([
    [60, 600],
    [600, 600],
    [86_400, 86_400],
  ])("a life of %i s becomes %i s, with a note exactly when it moved", (from, to) => {
    const { objects, notes } = shaped({ token_ttl_seconds: from })
    expect(objects[0]?.fields.token_ttl_seconds).toBe(to)
    expect(notes).toHaveLength(from === to ? 0 : 1)
  })

  test.each<readonly [Fields, string | undefined]>([
    [{ token_format: "opaque" }, undefined],
    [{ signing_alg: "ES256" }, undefined],
    [{ name: "" }, undefined],
    [{}, "https://api.orders.example"],
  ])("%j is told in a sentence", (fields, key) => {
    expect(shaped(fields, key).notes).toHaveLength(1)
  })

  test("format, algorithm and keys have no place there", () => {
    expect(shaped({ token_format: "jwt", signing_alg: "RS256" }).objects[0]?.fields).toEqual({ settings_as_made: true })
    expect(shape([client({ jwks: null })], "t1").objects[0]?.fields).not.toHaveProperty("jwks")
    expect(shape([client({ jwks: { keys: [] } })], "t1").notes).toHaveLength(1)
  })
})

test("a role's id is a UUIDv5 of audience and scope, the same each time", () => {
  const id = roleIdOf("api://x", "read")
  expect(id).toMatch(/^[0-9a-f]{8}-[0-9a-f]{4}-5[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/)
  expect(roleIdOf("api://x", "read")).toBe(id)
  expect(new Set([id, roleIdOf("api://x", "write"), roleIdOf("api://y", "read")]).size).toBe(3)
})

test("roles: whatever stood there, the end result is what is wanted, and nothing enabled is cut off in one step", () => {
  const word = fc.constantFrom("a", "b", "c", "d")
  const wanted = fc.uniqueArray(fc.record({ name: word, description: fc.constantFrom("", "x", "y") }), {
    selector: ({ name }) => name,
  })
  fc.assert(
    fc.property(wanted, wanted, fc.boolean(), (before, after, enabled) => {
      const now = roleWrites([], "api://x", before).final.map((role) => ({ ...role, isEnabled: enabled }))
      const { disabled, final } = roleWrites(now, "api://x", after)
      expect(scopesOf(final)).toEqual(after.toSorted((a, b) => (a.name < b.name ? -1 : 1)))
      const then = disabled ?? now
      for (const old of then.filter(({ isEnabled }) => isEnabled)) expect(final).toContainEqual(old)
    }),
  )
})

test.each([
  ['{"TokenLifetimePolicy":{"Version":1,"AccessTokenLifetime":"8:00:00"}}', 28_800],
  ['{"TokenLifetimePolicy":{"Version":1,"MaxAgeSessionSingleFactor":"8:00:00"}}', ttlDefault],
  ["nonsense", null],
  ["[]", null],
])("the policy %s means %s", (definition, seconds) => {
  expect(lifetimeOf({ id: "p", displayName: null, definition: [definition] })).toBe(seconds)
})

test("tags of ours are set one by one, and those of others stay", () => {
  const tags = withTags(["theirs", "grantry:owner=a"], { owner: "b", client: "svc" })
  expect(tags).toEqual(["theirs", "grantry:owner=b", "grantry:client=svc"])
  const app = { id: "1", appId: "2", tags } as Application
  expect([tagOf(app, "owner"), tagOf(app, "client"), tagOf(app, "marker")]).toEqual(["b", "svc", null])
  expect(withTags(tags, { owner: "" })).toEqual(["theirs", "grantry:client=svc"])
})
