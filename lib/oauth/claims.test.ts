import { expect, it } from "vitest"
import { callerOf, missingScopes, scopesOf } from "./claims.ts"

it.each([
  [{ scope: "a b  a" }, ["a", "b"]],
  [{ scope: ["a", "b"] }, ["a", "b"]],
  [{ scp: ["a"] }, ["a"]],
  [{ scp: "a b" }, ["a", "b"]],
  [{ roles: ["Payments.Write"] }, ["Payments.Write"]],
  [{ scope: [{ rn: "my_service", role: "admin" }] }, ["my_service:admin"]],
  [{ scope: { rn: "my_service", role: "admin" } }, ["my_service:admin"]],
  [{ scope: [{ rn: "x" }, 7, null, ""] }, []],
  [{}, []],
])("scopes of %j", (claims, expected) => {
  expect(scopesOf(claims)).toEqual(expected)
})

it("takes the prefix of our own audience off, and of no other", () => {
  expect(scopesOf({ scope: "https://a/read https://b/read" }, ["https://a"])).toEqual([
    "https://a/read",
    "https://b/read",
    "read",
  ])
})

it.each([
  [{ azp: "a", client_id: "c", sub: "s" }, "a"],
  [{ client_id: "c", sub: "s" }, "c"],
  [{ azp: "", sub: "s" }, "s"],
  [{ sub: 7 }, undefined],
])("caller of %j", (claims, expected) => {
  expect(callerOf(claims)).toBe(expected)
})

it("a scope is not contained in a longer one", () => {
  expect(missingScopes(["read"], ["read:all"])).toEqual(["read"])
})
