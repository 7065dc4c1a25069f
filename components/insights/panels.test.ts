import { describe, expect, test } from "vitest"
import type { Insights } from "../../lib/events/series.ts"
import { moments, ratioOf, restName, seriesOf, sumOf } from "./panels.ts"

const at = (minute: number) => new Date(Date.parse("2026-11-21T10:00:00Z") + minute * 60_000).toISOString()
const flow = (minute: number, count: number, more: Partial<Insights["flow"][number]> = {}) => ({
  at: at(minute),
  event: "token_validated",
  result: "success",
  reason: null,
  provider: "a",
  grant_type: null,
  count,
  ...more,
})
const data = (flows: Insights["flow"]): Insights => ({
  step_seconds: 60,
  from: at(0),
  to: at(3),
  flow: flows,
  clients: [],
  audiences: [],
  latency: [],
  average_lifetime_seconds: null,
})
const now = Date.parse(at(9))

test("every bucket of the range is there, and none after now", () => {
  expect(moments(data([]), now)).toHaveLength(3)
  expect(moments(data([]), Date.parse(at(1)) + 1)).toHaveLength(2)
})

test("counts are parted by name, a quiet bucket has 0, the biggest comes first", () => {
  const s = seriesOf(
    data([flow(0, 2, { provider: "a" }), flow(0, 5, { provider: "b" }), flow(2, 1, { provider: "a" })]),
    now,
    (f) => f.provider,
  )
  expect(s.names).toEqual(["b", "a"])
  expect(s.points.map((p) => p.values)).toEqual([
    { a: 2, b: 5 },
    { a: 0, b: 0 },
    { a: 1, b: 0 },
  ])
  expect(s.totals).toEqual({ b: 5, a: 3 })
})

test("beyond five names the rest stands together, and nothing is lost", () => {
  const s = seriesOf(data([..."abcdefgh"].map((p, i) => flow(0, 10 - i, { provider: p }))), now, (f) => f.provider)
  expect(s.names).toEqual(["a", "b", "c", "d", "e", restName])
  expect(Object.values(s.totals).reduce((x, y) => x + y)).toBe(52)
  expect(s.totals[restName]).toBe(12)
})

describe("a ratio", () => {
  test("is absent where nothing came, and leaves out what does not say how it ended", () => {
    const r = ratioOf(
      data([flow(0, 3), flow(0, 1, { result: "failure" }), flow(1, 9, { result: "unknown" })]),
      now,
      "token_validated",
    )
    expect(r.points.map((p) => p.values.success)).toEqual([75, null, null])
    expect(r.totals).toEqual({ success: 75, base: 4 })
  })
  test("of nothing has no total", () => expect(ratioOf(data([]), now, "token_issued").totals).toEqual({}))
})

test("a sum of what never came is absent, not zero", () => {
  expect(sumOf(data([flow(0, 3)]), "token_issued")).toBeNull()
  expect(sumOf(data([flow(0, 3)]), "token_validated", "failure")).toBe(0)
})
