import { expect, test } from "vitest"
import { apiQuery, auditHref, isFiltered, toggled, unfiltered as none } from "./filter.ts"

test("the query holds the window, the set filters and the trimmed text, and nothing else", () => {
  expect(
    apiQuery({ ...none, client_id: ["a", "b"] }, "  charge ", { fromMs: 0, toMs: 1_000, relative: false }),
  ).toEqual({
    from: "1970-01-01T00:00:00.000Z",
    to: "1970-01-01T00:00:01.000Z",
    client_id: ["a", "b"],
    q: "charge",
  })
  expect(apiQuery(none, " ", null)).toEqual({})
})

test("blank text is no filter, a value is", () => {
  expect(isFiltered(none, "  ")).toBe(false)
  expect(isFiltered({ ...none, jti: ["x"] }, "")).toBe(true)
})

test("a value is added, taken away, and an empty list leaves the URL", () => {
  expect(toggled(["a"], "b")).toEqual(["a", "b"])
  expect(toggled(["a", "b"], "a")).toEqual(["b"])
  expect(toggled(["a"], "a")).toBeNull()
})

test("a link carries filter and range, escaped", () => {
  expect(auditHref({ audience: "https://a?b&c" }, { since: "1h", from: null })).toBe(
    "/audit?since=1h&audience=https%3A%2F%2Fa%3Fb%26c",
  )
  expect(auditHref({ client_id: ["a", "b"], result: "failure" })).toBe("/audit?client_id=a&client_id=b&result=failure")
  expect(auditHref({})).toBe("/audit")
})
