import { describe, expect, test } from "vitest"
import type { ChangeWire } from "../../lib/sync/schema.ts"
import { blastOf, grouped, itemError, keyEnds, progressOf, setDiff, valueText } from "./shape.ts"

const change = (id: string, verb: string, kind: string, key: string, provider_id = "p1"): ChangeWire => ({
  id,
  verb,
  kind,
  key,
  provider_id,
  fields: [],
  needs_confirmation: false,
  status: "pending",
  attempt: 0,
  error: null,
  finished_at: null,
})

describe("plan as shown", () => {
  test("lists are compared as sets: order is no difference", () => {
    expect(setDiff(["a", "b"], ["b", "a"]).every((m) => m.is === "same")).toBe(true)
    expect(setDiff(["a"], ["b"])).toEqual([
      { text: "a", is: "removed" },
      { text: "b", is: "added" },
    ])
  })

  test("a member whose description moved goes and comes", () => {
    expect(setDiff([{ name: "read", description: "" }], [{ name: "read", description: "All" }])).toEqual([
      { text: "read", is: "removed" },
      { text: "read (All)", is: "added" },
    ])
  })

  test("deletes come first, and so does the client that has one", () => {
    const shown = grouped([
      change("1", "create", "client", "a"),
      change("2", "update", "client", "b"),
      change("3", "delete", "grant", "b https://x"),
    ])
    expect(shown[0]?.groups.map((g) => [g.client, g.changes.map((c) => c.id)])).toEqual([
      ["b", ["3", "2"]],
      ["a", ["1"]],
    ])
  })

  test("audiences stand in a group without a client, per provider", () => {
    const shown = grouped([
      change("1", "create", "audience", "https://x"),
      change("2", "create", "audience", "https://x", "p2"),
    ])
    expect(shown.map((p) => [p.providerId, p.groups.map((g) => g.client)])).toEqual([
      ["p1", [null]],
      ["p2", [null]],
    ])
  })

  test("a grant's key is parted at its first space", () => {
    expect(keyEnds("grant", "order-service https://a b")).toEqual({ client: "order-service", audience: "https://a b" })
  })

  test("an item that runs has no end yet", () => {
    expect(progressOf({ pending: 2, intent: 1, done: 3, failed: 1 })).toEqual({ all: 7, ended: 4 })
  })

  test("what is absent is not shown as a value", () => {
    expect([valueText(null), valueText(""), valueText([]), valueText(false), valueText(0)]).toEqual([
      null,
      null,
      null,
      "no",
      "0",
    ])
  })

  test("an error without a shape is none, and one without words says so", () => {
    expect(itemError(null)).toBeNull()
    expect(itemError({ code: "stale" })).toMatchObject({
      code: "stale",
      message: "The provider gave no reason.",
      excerpt: null,
    })
  })

  test("of several providers the one that deletes comes first", () => {
    const all = [change("1", "create", "client", "a", "p1"), change("2", "delete", "client", "b", "p2")]
    expect(grouped(all).map((g) => g.providerId)).toEqual(["p2", "p1"])
  })

  test("the deletes of a plan say whom they hit, and how far the limit is", () => {
    const one = [change("1", "delete", "audience", "https://a.test")]
    expect(blastOf(one, 20)).toBe("1 audience is deleted, of at most 20 deletes that one run may make here.")
    const more = [
      change("2", "delete", "client", "orders"),
      change("3", "delete", "grant", "orders https://a.test"),
      change("4", "delete", "grant", "stock https://a.test"),
    ]
    expect(blastOf(more, 3)).toContain("1 client, 2 grants are deleted, of at most 3")
    expect(blastOf(more, 3)).toContain("2 service clients get no new tokens")
  })
})
