import fc from "fast-check"
import { expect, it } from "vitest"
import { backoffMs, retryAfterMs } from "./backoff.ts"

const backoff = { baseMs: 200, maxMs: 5_000 }

it("doubles with every failure up to its cap, and chance takes at most half of a wait away", () => {
  const longest = [1, 2, 3, 4, 5, 6, 60].map((failures) => backoffMs(failures, 1, backoff))
  expect(longest).toEqual([200, 400, 800, 1_600, 3_200, 5_000, 5_000])
  expect([1, 2, 3].map((failures) => backoffMs(failures, 0, backoff))).toEqual([100, 200, 400])
})

it("property: callers that failed together do not come back together", () => {
  const chance = fc.double({ min: 0, max: 1, noNaN: true, maxExcluded: true })
  fc.assert(
    fc.property(fc.integer({ min: 1, max: 100 }), chance, chance, (failures, one, other) => {
      fc.pre(Math.abs(one - other) > 1e-6)
      const [first, second] = [backoffMs(failures, one, backoff), backoffMs(failures, other, backoff)]
      expect(first < second).toBe(one < other)
      expect(first).not.toBe(second)
    }),
  )
})

it.each([
  ["7", 7_000],
  ["Sat, 21 Nov 2026 12:00:30 GMT", 30_000],
  ["Sat, 21 Nov 2026 11:00:00 GMT", 0],
  ["soon", undefined],
  [null, undefined],
])("Retry-After %j is %j ms", (header, ms) => {
  expect(retryAfterMs(header, Date.UTC(2026, 10, 21, 12))).toBe(ms)
})
