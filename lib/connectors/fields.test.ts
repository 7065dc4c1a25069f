import { expect, test } from "vitest"
import { namesIn, scopesIn, textOf } from "./fields.ts"

test("scopes are those that have a name; a description that is none is empty", () => {
  const value = [
    { name: "a", description: "May a" },
    { name: "b" },
    { name: "c", description: 1 },
    { name: 2 },
    "d",
    null,
  ]
  expect(scopesIn(value)).toEqual([
    { name: "a", description: "May a" },
    { name: "b", description: "" },
    { name: "c", description: "" },
  ])
})

test("a grant and an audience name their scopes alike", () => {
  expect(namesIn(["a", "b"])).toEqual(["a", "b"])
  expect(namesIn([{ name: "a", description: "May a" }, { name: "b" }])).toEqual(["a", "b"])
  expect(namesIn(["a", 1, null, { name: null }])).toEqual(["a"])
})

test.each([undefined, null, "a", 1, true, { name: "a" }])(
  "where no list is wanted there are no scopes: %j",
  (value) => {
    expect(scopesIn(value)).toEqual([])
    expect(namesIn(value)).toEqual([])
  },
)

test("what is no text is an empty one", () => {
  expect([undefined, null, 1, ["a"], "a"].map(textOf)).toEqual(["", "", "", "", "a"])
})
