import { afterEach, beforeEach, describe, expect, test, vi } from "vitest"
import { minuteMs } from "../base/time.ts"
import { ConnectorError } from "./connector-error.ts"
import { directory } from "./directory.ts"

interface Item {
  readonly id: string
  readonly name: string
}

/** Of two alike the first has the name, the other goes by its id. */
function keyed(items: readonly Item[]): ReadonlyMap<string, Item> {
  const names = new Map<string, Item>()
  for (const item of items) names.set(names.has(item.name) ? item.id : item.name, item)
  return names
}

/** What a provider has, and how often it was asked for all of it. */
function listed(...items: Item[]) {
  let listings = 0
  const names = directory<Item>(
    async () => {
      listings += 1
      return [...items]
    },
    keyed,
    ({ id }) => id,
  )
  const has = async (name: string) => (await names.recent()).has(name)
  return { names, items, has, listings: () => listings }
}

beforeEach(() => void vi.useFakeTimers())
afterEach(() => void vi.useRealTimers())

describe("a list of all names", () => {
  test("answers for a minute, with what we made and removed since", async () => {
    const { names, has, listings } = listed({ id: "1", name: "a" })
    expect(await has("b")).toBe(false)
    await names.making("b", Promise.resolve({ id: "2", name: "b" }))
    await names.removing("1", Promise.resolve())
    vi.advanceTimersByTime(minuteMs - 1)
    expect([await has("a"), await has("b"), listings()]).toEqual([false, true, 1])
    vi.advanceTimersByTime(1)
    expect([await has("a"), listings()]).toEqual([true, 2])
  })

  test("stays after a refusal, and is read again after a lost answer", async () => {
    const { names, has, listings } = listed()
    await has("a")
    const failed = (code: "quota" | "lost_answer") => Promise.reject(new ConnectorError(code, "create", "No."))
    await expect(names.making("a", failed("quota"))).rejects.toMatchObject({ code: "quota" })
    expect([await has("a"), listings()]).toEqual([false, 1])
    await expect(names.making("a", failed("lost_answer"))).rejects.toMatchObject({ code: "lost_answer" })
    expect([await has("a"), listings()]).toEqual([false, 2])
  })

  test("gives the name of the one that was removed to the other of two alike", async () => {
    const { names, listings } = listed({ id: "1", name: "a" }, { id: "2", name: "a" })
    expect((await names.recent()).get("a")?.id).toBe("1")
    await names.removing("1", Promise.resolve())
    expect([...(await names.recent())].map(([key, { id }]) => [key, id])).toEqual([["a", "2"]])
    expect(listings()).toBe(1)
  })

  test("knows all that is made at the same time, whichever ends first, also while it is being read", async () => {
    const { names, has, listings } = listed()
    await has("a")
    const [first, second] = [Promise.withResolvers<Item>(), Promise.withResolvers<Item>()]
    const both = [names.making("a", first.promise), names.making("b", second.promise)]
    second.resolve({ id: "2", name: "b" })
    await both[1]
    const read = names.fresh()
    first.resolve({ id: "1", name: "a" })
    await Promise.all([...both, read])
    expect([await has("a"), await has("b"), listings()]).toEqual([true, false, 2])
    await names.making("b", Promise.resolve({ id: "2", name: "b" }))
    await Promise.all([
      names.removing("1", Promise.resolve()),
      names.making("c", Promise.resolve({ id: "3", name: "c" })),
    ])
    expect([await has("a"), await has("b"), await has("c"), listings()]).toEqual([false, true, true, 2])
  })

  test("a listing from before a lost answer is not kept", async () => {
    const { names, has, listings } = listed()
    const lost = Promise.withResolvers<Item>()
    const making = names.making("a", lost.promise)
    const read = names.fresh()
    lost.reject(new ConnectorError("lost_answer", "create", "No."))
    await expect(making).rejects.toMatchObject({ code: "lost_answer" })
    await read
    expect([await has("a"), listings()]).toEqual([false, 2])
  })

  test("is read again once something goes that it did not know", async () => {
    const { names, has, listings } = listed({ id: "1", name: "a" })
    await has("a")
    await names.removing("9", Promise.resolve())
    expect([await has("a"), listings()]).toEqual([true, 2])
  })
})
