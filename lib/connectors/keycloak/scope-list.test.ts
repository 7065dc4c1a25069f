import { expect, test } from "vitest"
import { scopeList } from "./scope-list.ts"
import type { Scope } from "./shapes.ts"

const scope = (id: string): Scope => ({ id, name: id, description: "", attributes: {}, protocolMappers: [] })
const ids = (scopes: readonly Scope[]) => scopes.map(({ id }) => id).sort()

test("steps side by side share one reading, and another one follows only when it is asked for", async () => {
  let readings = 0
  const list = scopeList(async () => {
    readings += 1
    return [scope("a")]
  })
  await Promise.all([list.all(), list.all(), list.all()])
  await list.all()
  expect(readings).toBe(1)
  await list.all(true)
  expect(readings).toBe(2)
})

test("what was written while a reading was on its way is not lost by it, and what was removed does not come back", async () => {
  let finish = (_scopes: Scope[]): void => {}
  const list = scopeList(() => new Promise((resolve) => (finish = resolve)))
  const first = list.all()
  list.note("mine", scope("mine"), Date.now())
  list.note("gone", null, Date.now())
  finish([scope("a"), scope("gone")])
  expect(ids(await first)).toEqual(["a", "mine"])
  expect(ids(await list.all())).toEqual(["a", "mine"])
})

test("an older note does not stand over a newer reading", async () => {
  const list = scopeList(async () => [scope("a")])
  list.note("old", scope("old"), Date.now() - 1_000)
  expect(ids(await list.all())).toEqual(["a"])
})

test("a failed reading is not kept", async () => {
  let fails = true
  const list = scopeList(async () => {
    if (fails) throw new Error("down")
    return [scope("a")]
  })
  await expect(list.all()).rejects.toThrow("down")
  fails = false
  expect(ids(await list.all())).toEqual(["a"])
})
