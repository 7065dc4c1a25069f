import { expect, test } from "vitest"
import { atMost } from "./at-most.ts"

test("no more than so many run at a time, in order, and one that fails makes room too", async () => {
  const limited = atMost(2)
  const begun: number[] = []
  let [running, most] = [0, 0]
  const run = (n: number) =>
    limited(async () => {
      begun.push(n)
      most = Math.max(most, ++running)
      await new Promise((resolve) => setTimeout(resolve, 1))
      running--
      if (n === 1) throw new Error("no 1")
      return n
    })
  const ends = await Promise.allSettled([0, 1, 2, 3, 4].map(run))
  expect(ends.map((end) => (end.status === "fulfilled" ? end.value : String(end.reason)))).toEqual([
    0,
    "Error: no 1",
    2,
    3,
    4,
  ])
  expect([begun, most]).toEqual([[0, 1, 2, 3, 4], 2])
})
