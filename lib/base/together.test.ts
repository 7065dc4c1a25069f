import { expect, test } from "vitest"
import { together } from "./together.ts"

const never = () => false
const always = () => true

const turn = () => new Promise((resolve) => setImmediate(resolve))

/** A store whose writes are let through one by one. */
function slowStore() {
  const writes: (readonly number[])[] = []
  const gates: (() => void)[] = []
  const write = async (items: readonly number[]) => {
    writes.push(items)
    await new Promise<void>((open) => gates.push(open))
    return items.map((item) => item * 10)
  }
  return { writes, write, open: () => gates.shift()?.() }
}

test("what comes in during a write goes together into the next one, and everybody gets the own answer", async () => {
  const { writes, write, open } = slowStore()
  const put = together(write, never)
  const first = [put(1), put(2)]
  await turn()
  const second = [put(3), put(4), put(5)]
  await turn()
  expect(writes).toEqual([[1, 2]])
  open()
  expect(await Promise.all(first)).toEqual([10, 20])
  await turn()
  open()
  expect(await Promise.all(second)).toEqual([30, 40, 50])
  expect(writes).toEqual([
    [1, 2],
    [3, 4, 5],
  ])
})

test("no more than so many at once, in the order in which they came", async () => {
  const writes: (readonly number[])[] = []
  const put = together<number, number>(
    async (items) => {
      writes.push(items)
      return items
    },
    never,
    2,
  )
  await Promise.all([1, 2, 3, 4, 5].map(put))
  expect(writes).toEqual([[1, 2], [3, 4], [5]])
})

test("a joint write that one item spoils is tried one by one: the failure is the one's whose it is, and the next goes on", async () => {
  const put = together<number, number>(async (items) => {
    if (items.includes(2)) throw new Error("no 2")
    return items
  }, always)
  const ends = await Promise.allSettled([1, 2, 3].map(put))
  expect(ends.map(({ status }) => status)).toEqual(["fulfilled", "rejected", "fulfilled"])
  expect(ends[1]).toMatchObject({ reason: { message: "no 2" } })
  expect(await put(4)).toBe(4)
})

test("a joint write whose answer is lost is not written again: it is everybody's failure, and the next goes on", async () => {
  const written: number[] = []
  const put = together<number, number>(
    async (items) => {
      written.push(...items)
      if (items.length > 1) throw new Error("the answer is lost")
      return items
    },
    (error) => !(error instanceof Error && error.message === "the answer is lost"),
  )
  const ends = await Promise.allSettled([1, 2, 3].map(put))
  expect(ends.map(({ status }) => status)).toEqual(["rejected", "rejected", "rejected"])
  expect(await put(4)).toBe(4)
  expect(written).toEqual([1, 2, 3, 4])
})

test("an answer too few is an error, not another one's answer", async () => {
  const put = together<number, number>(async (items) => items.slice(1), never)
  await expect(put(1)).rejects.toThrow("1 items got 0 results")
})
