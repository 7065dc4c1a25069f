import { expect, test } from "vitest"
import { spread } from "./spread.ts"

test("at most so many run at once, and the answers keep the order", async () => {
  let running = 0
  let most = 0
  const answers = await spread([5, 4, 3, 2, 1], 2, async (n) => {
    most = Math.max(most, ++running)
    await new Promise((done) => setTimeout(done, n))
    running--
    return n * 10
  })
  expect(answers).toEqual([50, 40, 30, 20, 10])
  expect(most).toBe(2)
})

test("after a failure nothing further is begun", async () => {
  const begun: number[] = []
  const run = async (n: number) => {
    begun.push(n)
    if (n === 2) throw new Error("no")
  }
  await expect(spread([1, 2, 3, 4], 2, run)).rejects.toThrow("no")
  expect(begun).toEqual([1, 2])
})
