import { expect, test } from "vitest"
import { inFlight } from "./in-flight.ts"

test("nothing is settled beyond the start of the oldest request that still runs", () => {
  let now = 1_000
  const requests = inFlight(() => now)
  expect(requests.settledUntil()).toBe(1_000)
  const first = requests.enter()
  now = 2_000
  const second = requests.enter()
  now = 3_000
  expect(requests.settledUntil()).toBe(1_000)
  first()
  expect(requests.settledUntil()).toBe(2_000)
  second()
  expect(requests.settledUntil()).toBe(3_000)
})

test("leaving twice is leaving once", () => {
  let now = 1
  const requests = inFlight(() => now)
  const leave = requests.enter()
  requests.enter()
  leave()
  leave()
  now = 9
  expect(requests.settledUntil()).toBe(1)
})
