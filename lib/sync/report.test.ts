import { expect, test } from "vitest"
import { grantKey, type DesiredObject } from "../connectors/objects.ts"
import { projections, reportOf } from "./report.ts"

const object = (kind: DesiredObject["kind"], key: string): DesiredObject => ({ kind, key, fields: {} })
const grant = (client: string, audience: string) => object("grant", grantKey(client, audience))
const registry = [
  ...["a", "b", "c"].map((key) => object("audience", key)),
  ...["one", "two", "three"].map((key) => object("client", key)),
  grant("one", "a"),
  grant("one", "b"),
  grant("two", "b"),
  grant("three", "c"),
]

test("a grant is judged beside every grant that shares an end with it, with all of their ends, and nothing else", () => {
  const shown = new Map<string, string[]>()
  projections(registry, (one, all) => {
    shown.set(
      one.key,
      all.map(({ kind, key }) => `${kind} ${key}`),
    )
    return { is: "exact", why: "" }
  })
  expect(shown.get("one a")).toEqual(["audience a", "client one", "audience b", "grant one a", "grant one b"])
  expect(shown.get("two b")?.toSorted((a, b) => (a < b ? -1 : 1))).toEqual([
    "audience b",
    "client one",
    "client two",
    "grant one b",
    "grant two b",
  ])
  expect(shown.get("three c")).toEqual(["audience c", "client three", "grant three c"])
})

test("the report counts each grant once and names those that are not exact", () => {
  const is = { "one a": "exact", "one b": "widened", "two b": "unsupported", "three c": "exact" } as const
  const found = projections(registry, ({ key }) => ({ is: is[key as keyof typeof is], why: `because ${key}` }))
  expect(reportOf(found)).toEqual({
    exact: 2,
    widened: 1,
    unsupported: 1,
    items: [
      { key: "one b", is: "widened", why: "because one b" },
      { key: "two b", is: "unsupported", why: "because two b" },
    ],
  })
})
