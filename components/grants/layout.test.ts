import { expect, test } from "vitest"
import type { AccessRow } from "../../lib/access/queries.ts"
import { layoutOf } from "./layout.ts"

const row = (client: string, ...audiences: string[]): AccessRow => ({
  client,
  client_id: client,
  ids: [client],
  enabled: true,
  pairs: audiences.map((audience) => ({ audience, state: "used", grant: null, observed: null })),
})
const crossings = (rows: readonly AccessRow[]) => {
  const { edges } = layoutOf(rows)
  return edges.flatMap((a, i) => edges.slice(i + 1).filter((b) => (a.from - b.from) * (a.to - b.to) < 0)).length
}

test("lines of pairs that cross by name do not cross in the picture", () =>
  expect(crossings([row("a", "z"), row("b", "y"), row("c", "x"), row("d", "x", "y")])).toBe(0))
test("every pair is one line between its two ends, and each end has a height of its own", () => {
  const l = layoutOf([row("a", "x", "y"), row("b", "y")])
  expect(l.edges.map((e) => `${e.client} ${e.audience}`).sort()).toEqual(["a x", "a y", "b y"])
  expect(new Set(l.clients.map((n) => n.y)).size).toBe(2)
  expect(l.edges.every((e) => l.clients.some((n) => n.name === e.client && n.y === e.from))).toBe(true)
  expect(l.height).toBe(60)
})
test("nothing is an empty picture", () =>
  expect(layoutOf([])).toEqual({ clients: [], audiences: [], edges: [], height: 0 }))
