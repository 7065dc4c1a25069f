import { expect, test } from "vitest"
import { type Counted, grow, noTotals, type Totals } from "./tally.ts"

const issued: Counted = [0, 0, null, "client_credentials"]
const count = (totals: Totals) => [...totals.counts.values()].map(({ n }) => n)

test("totals grow by what a day gained, and never fall when a day is dropped or its events are removed", () => {
  let totals = grow(noTotals, [
    { day: 1, of: issued, n: 5 },
    { day: 2, of: issued, n: 1 },
  ])
  expect(count(totals)).toEqual([6])
  totals = grow(totals, [
    { day: 1, of: issued, n: 5 },
    { day: 2, of: issued, n: 4 },
  ])
  expect(count(totals)).toEqual([9])
  totals = grow(totals, [{ day: 2, of: issued, n: 2 }])
  expect(count(totals)).toEqual([9])
  totals = grow(totals, [
    { day: 2, of: issued, n: 3 },
    { day: 3, of: issued, n: 10 },
  ])
  expect(count(totals)).toEqual([20])
})

test("what differs in any respect is counted apart", () => {
  const others: Counted[] = [[0, 0, null, "refresh_token"], [0, 1, "invalid_client", "client_credentials"], [3]]
  const totals = grow(
    noTotals,
    [issued, ...others].map((of) => ({ day: 1, of, n: 1 })),
  )
  expect(count(totals)).toEqual([1, 1, 1, 1])
})
