import { expect, test } from "vitest"
import { spread } from "./spread.ts"

test("at most so many run at once, a free place is taken at once, and the answers keep the order", async () => {
  let running = 0
  let most = 0
  const over: number[] = []
  const answers = await spread([50, 4, 3, 2, 1], 2, async (n) => {
    most = Math.max(most, ++running)
    await new Promise((done) => setTimeout(done, n))
    running--
    over.push(n)
    return n * 10
  })
  expect(answers).toEqual([500, 40, 30, 20, 10])
  expect([most, over]).toEqual([2, [4, 3, 2, 1, 50]])
})

test("after a failure nothing further is begun, and it is told when what runs is over", async () => {
  const begun: number[] = []
  let over = false
  const failed = Promise.withResolvers<void>()
  const run = async (n: number) => {
    begun.push(n)
    if (n === 2) {
      setTimeout(failed.resolve, 1)
      throw new Error("no")
    }
    await failed.promise
    over = true
  }
  await expect(spread([1, 2, 3, 4], 2, run)).rejects.toThrow("no")
  expect([begun, over]).toEqual([[1, 2], true])
})

test("of nothing nothing is run", async () => {
  expect(await spread([], 2, () => Promise.reject(new Error("run")))).toEqual([])
})
