import { expect, test } from "vitest"
import { watermarkOf } from "./watermark.ts"

const source = (name: string, until: string | null, more: object = {}) => ({
  id: name,
  name,
  enabled: true,
  silent_after_seconds: 60 as number | null,
  state: until ? ("live" as const) : ("waiting" as const),
  complete_until: until,
  last_received_at: until,
  gaps: [],
  ...more,
})
const ten = "2026-11-21T10:00:00.000Z"
const eleven = "2026-11-21T11:00:00.000Z"
const nine = "2026-11-21T09:00:00.000Z"

test("the slowest source says until when", () =>
  expect(watermarkOf([source("a", eleven), source("b", ten)], 0)).toMatchObject({
    completeUntil: ten,
    heldBackBy: ["b"],
  }))
test("a source without a silence limit holds nothing back, however long ago it spoke", () => {
  const byHand = source("by hand", nine, { silent_after_seconds: null })
  expect(watermarkOf([source("a", eleven), byHand], 0)).toMatchObject({
    completeUntil: eleven,
    heldBackBy: [],
    uncounted: ["by hand"],
  })
  expect(watermarkOf([byHand], 0).completeUntil).toBeNull()
})
test("sources that beat seconds apart hold nobody back", () =>
  expect(watermarkOf([source("a", "2026-11-21T10:00:20.000Z"), source("b", ten)], 0)).toMatchObject({
    completeUntil: ten,
    heldBackBy: [],
  }))
test("a source that never spoke is named and not waited for", () =>
  expect(watermarkOf([source("a", ten), source("new", null)], 0)).toMatchObject({
    completeUntil: ten,
    waiting: [{ name: "new" }],
  }))
test("a disabled source does not count", () =>
  expect(watermarkOf([source("a", eleven), source("off", ten, { enabled: false })], 0).completeUntil).toBe(eleven))
test("no conclusion reaches over an unfilled gap", () => {
  const gap = (filled: boolean) => source("a", eleven, { gaps: [{ since: nine, until: ten, filled }] })
  expect(watermarkOf([gap(false)], Date.parse(nine))).toMatchObject({ completeUntil: nine, gaps: [{ source: "a" }] })
  expect(watermarkOf([gap(true)], Date.parse(nine)).completeUntil).toBe(eleven)
  expect(watermarkOf([gap(false)], Date.parse(eleven)).completeUntil).toBe(eleven)
})
test("without any word nothing is complete", () =>
  expect(watermarkOf([source("new", null)], 0).completeUntil).toBeNull())
