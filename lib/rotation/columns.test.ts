import { expect, test } from "vitest"
import { Refused } from "../base/errors.ts"
import { gateJson, rotationGate } from "./columns.ts"
import { gate } from "./gate.ts"

const seen = gate({
  grade: "A",
  graceStartedAt: new Date("2026-01-01T00:00:00Z"),
  graceSeconds: 60,
  oldLastSeenAt: null,
  newLastSeenAt: new Date("2026-01-01T00:01:00Z"),
  completeUntil: new Date("2026-01-01T00:05:00Z"),
  gap: null,
})

test("a gate comes back from its column as it was written, and none is none", () => {
  expect(rotationGate(JSON.parse(JSON.stringify(gateJson(seen))))).toEqual(seen)
  expect(rotationGate(null)).toBeNull()
})

test("a damaged gate is refused by its column, never taken for an open one", () => {
  for (const damage of [
    {},
    { ...seen, open: "true" },
    { ...seen, conditions: [{ name: "else" }] },
    "open",
    undefined,
  ]) {
    const thrown: unknown = (() => {
      try {
        return rotationGate(damage)
      } catch (error) {
        return error
      }
    })()
    expect(thrown).toBeInstanceOf(Refused)
    expect(thrown).toMatchObject({ code: "stored_data_unreadable", evidence: { column: "rotation.gate" } })
  }
})
