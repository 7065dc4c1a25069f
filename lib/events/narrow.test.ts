import fc from "fast-check"
import { describe, expect, test } from "vitest"
import { bucketsOf, neededParts } from "./narrow.ts"

const hour = 3_600_000
const day = 24 * hour
const t0 = Date.parse("2026-03-01T00:00:00Z")

describe("partsWithEvents", () => {
  test("days in the middle, hours at the ends, neighbours joined, newest first", () => {
    const whole = { fromMs: t0 - 2 * hour, toMs: t0 + 2 * day + 3 * hour }
    const rows = [
      { ms: t0 - 2 * hour, n: 1 },
      { ms: t0, n: 5 },
      { ms: t0 + 7 * hour, n: 2 },
      { ms: t0 + 2 * day, n: 1 },
      { ms: t0 + 2 * day + 2 * hour, n: 4 },
    ]
    const buckets = bucketsOf(rows, whole)
    expect(buckets.map((b) => [(b.fromMs - t0) / hour, (b.toMs - b.fromMs) / hour, b.count])).toEqual([
      [50, 1, 4],
      [48, 1, 1],
      [0, 24, 7],
      [-2, 1, 1],
    ])
    const range = { fromMs: whole.fromMs + 60_000, toMs: whole.toMs - 60_000 }
    expect(neededParts(buckets, range, 100)).toEqual([
      { fromMs: t0 + 50 * hour, toMs: range.toMs },
      { fromMs: t0 + 48 * hour, toMs: t0 + 49 * hour },
      { fromMs: t0, toMs: t0 + day },
      { fromMs: range.fromMs, toMs: t0 - hour },
    ])
    // The bucket at the ragged end may hold none of its four: it does not count towards the page.
    expect(neededParts(buckets, range, 2)).toHaveLength(3)
  })

  test("the newest matches of a page always lie in the parts, whatever the range and the limit", () => {
    const times = fc.array(fc.integer({ min: 0, max: 5 * day - 1 }), { maxLength: 60 })
    fc.assert(
      fc.property(
        times,
        fc.integer({ min: 0, max: 5 * day }),
        fc.integer({ min: 0, max: 5 * day }),
        fc.integer({ min: 1, max: 20 }),
        (offsets, a, b, limit) => {
          const range = { fromMs: t0 + Math.min(a, b), toMs: t0 + Math.max(a, b) + 1 }
          const whole = { fromMs: Math.floor(range.fromMs / hour) * hour, toMs: Math.ceil(range.toMs / hour) * hour }
          const all = offsets.map((o) => t0 + o)
          const rows = all
            .filter((ms) => ms >= whole.fromMs && ms < whole.toMs)
            .map((ms) => ({ ms: Math.floor(ms / hour) * hour, n: 1 }))
          const parts = neededParts(bucketsOf(rows, whole), range, limit)
          const wanted = all
            .filter((ms) => ms >= range.fromMs && ms < range.toMs)
            .sort((x, y) => y - x)
            .slice(0, limit)
          for (const ms of wanted) expect(parts.some((p) => ms >= p.fromMs && ms < p.toMs)).toBe(true)
          for (const part of parts) expect(part.fromMs >= range.fromMs && part.toMs <= range.toMs).toBe(true)
        },
      ),
      { numRuns: 1_000 },
    )
  })
})
