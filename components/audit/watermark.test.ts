import { expect, test } from "vitest"
import { watermarkOf } from "./watermark.ts"

const source = (name: string, until: string | null, more: object = {}) => ({ id: name, name, enabled: true, state: until ? ("live" as const) : ("waiting" as const), complete_until: until, last_received_at: until, gaps: [], ...more })
const ten = "2026-11-21T10:00:00.000Z"
const eleven = "2026-11-21T11:00:00.000Z"
const nine = "2026-11-21T09:00:00.000Z"

test("the slowest source says until when", () => expect(watermarkOf([source("a", eleven), source("b", ten)], 0)).toMatchObject({ completeUntil: ten, heldBackBy: ["b"] }))
test("a source that never spoke is named and not waited for", () => expect(watermarkOf([source("a", ten), source("new", null)], 0)).toMatchObject({ completeUntil: ten, waiting: [{ name: "new" }] }))
test("a disabled source does not count", () => expect(watermarkOf([source("a", eleven), source("off", ten, { enabled: false })], 0).completeUntil).toBe(eleven))
test("no conclusion reaches over an unfilled gap", () => {
  const gap = (filled: boolean) => source("a", eleven, { gaps: [{ since: nine, until: ten, filled }] })
  expect(watermarkOf([gap(false)], Date.parse(nine))).toMatchObject({ completeUntil: nine, gaps: [{ source: "a" }] })
  expect(watermarkOf([gap(true)], Date.parse(nine)).completeUntil).toBe(eleven)
  expect(watermarkOf([gap(false)], Date.parse(eleven)).completeUntil).toBe(eleven)
})
test("without any word nothing is complete", () => expect(watermarkOf([source("new", null)], 0).completeUntil).toBeNull())
