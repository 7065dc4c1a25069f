import { describe, expect, test } from "vitest"
import { rangeWords, sinceMs, widened, windowOf } from "./range.ts"

const now = Date.parse("2026-11-21T12:00:00Z")
const none = { since: null, from: null, to: null }

test.each([
  ["15m", 900_000],
  ["1h", 3_600_000],
  ["7d", 604_800_000],
  ["0h", null],
  ["1w", null],
  ["", null],
  ["9999d", null],
])("%j is %j ms", (text, ms) => expect(sinceMs(text)).toBe(ms))

describe("the window", () => {
  test("is the last 24 hours when nothing is said", () =>
    expect(windowOf(none, now)).toEqual({ fromMs: now - 86_400_000, toMs: null, relative: true }))
  test("a relative range moves with the clock", () =>
    expect(windowOf({ ...none, since: "1h" }, now + 5).fromMs).toBe(now + 5 - 3_600_000))
  test("a start and an end stand still", () => {
    const spoken = { since: "1h", from: "2026-11-20T00:00:00Z", to: "2026-11-20T01:00:00Z" }
    expect(windowOf(spoken, now)).toEqual({
      fromMs: Date.parse(spoken.from),
      toMs: Date.parse(spoken.to),
      relative: false,
    })
  })
  test("an end before its start, or no time at all, falls back", () => {
    expect(windowOf({ since: null, from: "2026-11-20T01:00:00Z", to: "2026-11-20T00:00:00Z" }, now).relative).toBe(true)
    expect(windowOf({ since: "x", from: "yesterday", to: null }, now).fromMs).toBe(now - 86_400_000)
  })
})

test("a range is named by its preset or its length", () => {
  expect(rangeWords({ ...none, since: "1h" })).toBe("Last hour")
  expect(rangeWords({ ...none, since: "5h" })).toBe("Last 5 h")
  expect(rangeWords({ ...none, from: "2026-11-20T00:00:00Z" })).toBeNull()
})

test("zooming out is three times as wide and ends at the latest now", () => {
  const hour = 3_600_000
  expect(widened({ fromMs: now - 10 * hour, toMs: now - 9 * hour, relative: false }, now)).toEqual({
    fromMs: now - 11 * hour,
    toMs: now - 8 * hour,
  })
  expect(widened({ fromMs: now - hour, toMs: null, relative: true }, now)).toEqual({
    fromMs: now - 3 * hour,
    toMs: now,
  })
})
