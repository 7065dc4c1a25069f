import { describe, expect, test } from "vitest"
import { fieldDiff } from "./diff.ts"

describe("fieldDiff", () => {
  test("names only what differs, and leaves out the version", () => {
    expect(fieldDiff({ owner: "a", version: 1, tags: ["x"] }, { owner: "b", version: 2, tags: ["x"] })).toEqual([
      { path: "owner", before: "a", after: "b" },
    ])
  })
  test("a new object has every field as new, a deleted one as gone", () => {
    expect(fieldDiff(null, { name: "x" })).toEqual([{ path: "name", before: null, after: "x" }])
    expect(fieldDiff({ name: "x" }, null)).toEqual([{ path: "name", before: "x", after: null }])
  })
  test("lists of objects are compared place by place", () => {
    expect(fieldDiff({ scopes: [{ name: "a" }] }, { scopes: [{ name: "b" }] })).toEqual([
      { path: "scopes.0.name", before: "a", after: "b" },
    ])
  })
})
