import { expect, test } from "vitest"
import { db } from "../db/client.ts"
import { requestRead, updateProvider } from "../providers/commands.ts"
import { getProvider } from "../providers/queries.ts"
import { readDueProviders } from "./due.ts"
import { ada, rig, testServers, worldOf, worldWith, type SimRig } from "./rig.fixture.ts"

testServers()

const reads = ({ sim }: SimRig) => sim.calls.filter((call) => call === "observe").length
const cameUp = ({ providerId }: SimRig) =>
  db().$executeRaw`update provider set next_read_at = clock_timestamp() where id = ${providerId}::uuid`
const shown = ({ providerId }: SimRig) => getProvider(ada, providerId)

test("each provider is read in its own turn, or when asked; one that fails keeps its last good read and holds up no other", async () => {
  const [often, seldom] = [await rig(1), await rig(2)]
  const world = worldOf([often, seldom])
  await updateProvider(ada, often.providerId, { read_every_seconds: 60 }, null)
  await readDueProviders(world)
  await readDueProviders(world)
  expect([reads(often), reads(seldom)]).toEqual([1, 1])
  const waits = async (r: SimRig) => {
    const { next_read_at, last_read_at } = await shown(r)
    return (Date.parse(next_read_at ?? "") - Date.parse(last_read_at ?? "")) / 1_000
  }
  for (const [r, seconds] of [
    [often, 60],
    [seldom, 600],
  ] as const) {
    expect(await waits(r)).toBeGreaterThan(seconds * 0.85)
    expect(await waits(r)).toBeLessThan(seconds * 1.15)
  }
  await cameUp(often)
  await readDueProviders(world)
  expect([reads(often), reads(seldom)]).toEqual([2, 1])
  const good = (await shown(often)).last_read_at
  often.sim.down = true
  await cameUp(often)
  await requestRead(ada, seldom.providerId)
  await readDueProviders(world)
  expect([reads(often), reads(seldom)]).toEqual([3, 2])
  expect(await shown(often)).toMatchObject({ last_read_at: good, last_read_error: "down", status: "unreachable" })
  expect((await shown(seldom)).read_requested_at).toBeNull()
  await readDueProviders(world)
  expect(reads(often)).toBe(3)
})

test("who asked us to slow down is not read before then, not even when a person asks", async () => {
  const r = await rig(3)
  await db().provider.update({ where: { id: r.providerId }, data: { retryAt: new Date(Date.now() + 60_000) } })
  await requestRead(ada, r.providerId)
  await readDueProviders(worldOf([r]))
  expect(reads(r)).toBe(0)
  await db().provider.update({ where: { id: r.providerId }, data: { retryAt: new Date(Date.now() - 1) } })
  await readDueProviders(worldOf([r]))
  expect(reads(r)).toBe(1)
})

test("one that a person asked for is read once, however many processes sweep meanwhile, and again when asked later", async () => {
  const r = await rig(4)
  const [begun, answer] = [Promise.withResolvers<void>(), Promise.withResolvers<void>()]
  const slow = worldWith(r, (real) => ({
    observe: async () => {
      begun.resolve()
      await answer.promise
      return await real.observe()
    },
  }))
  await requestRead(ada, r.providerId)
  const first = readDueProviders(slow)
  await begun.promise
  await readDueProviders(worldOf([r]))
  expect(reads(r)).toBe(0)
  answer.resolve()
  await first
  expect([reads(r), (await shown(r)).read_requested_at]).toEqual([1, null])
  await requestRead(ada, r.providerId)
  await readDueProviders(worldOf([r]))
  expect(reads(r)).toBe(2)
})
