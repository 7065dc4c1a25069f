import { expect, test } from "vitest"
import { rateLimit } from "./rate.ts"

test("one key is stopped at its maximum, another is not, and the next window begins anew", () => {
  const wait = rateLimit({ max: 2, windowMs: 60_000, maxOfAll: 10 })
  expect([wait("a", 0), wait("a", 1_000), wait("a", 2_000)]).toEqual([0, 0, 58])
  expect(wait("b", 2_000)).toBe(0)
  expect(wait("a", 60_000)).toBe(0)
})

test("many keys together are stopped too", () => {
  const wait = rateLimit({ max: 2, windowMs: 60_000, maxOfAll: 3 })
  expect(["a", "b", "c", "d"].map((key) => wait(key, 59_500))).toEqual([0, 0, 0, 1])
})
