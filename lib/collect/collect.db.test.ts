import { setTimeout as wait } from "node:timers/promises"
import { afterEach, describe, expect, test } from "vitest"
import { useCrashHook } from "../base/crashpoint.ts"
import { newId } from "../base/id.ts"
import { db } from "../db/client.ts"
import { eventPool, ingestPool } from "../db/ingest.ts"
import { searchEvents } from "../events/search.ts"
import { dieAt } from "../sync/rig.fixture.ts"
import { actor, at, collecting, endState, expected, fill, read, rig, sourceOf } from "./collect.fixture.ts"
import { readDueLogs } from "./due.ts"
import { collectCrashpoints } from "./poll.ts"

collecting()
afterEach(() => useCrashHook(null))

describe("a provider's log", () => {
  test("becomes token events once each, though its pages overlap, come out of order and repeat; the rest is kept and counted", async () => {
    const r = await rig()
    fill(r, 30)
    await readDueLogs(r.world)
    expect(await endState(r)).toEqual(expected(30))
    const polls = r.log.asked.length
    await readDueLogs(r.world)
    expect(r.log.asked.length).toBe(polls)
    for (let i = 0; i < 3; i++) await read(r)
    expect(r.log.asked.length).toBe(polls + 3)
    expect(await endState(r)).toEqual(expected(30))
    const source = await sourceOf(r)
    expect(source).toMatchObject({ name: r.name, kind: "provider", silentAfterSeconds: 120 })
    expect(
      await eventPool()
        .query("select 1 from event_conflict")
        .then((a) => a.rowCount),
    ).toBe(0)
  })

  test("its events carry our names: the client by its id at the provider, the audience by its scope, as of the reading", async () => {
    const r = await rig()
    fill(r, 1)
    await readDueLogs(r.world)
    const placed = { providerId: r.id, origin: "created", appliedAt: new Date() }
    await db().placement.createMany({
      data: [
        { ...placed, id: newId(), kind: "client", key: "order-service", remoteId: "remote-1", applied: {} },
        {
          ...placed,
          id: newId(),
          kind: "audience",
          key: "https://pay.example",
          remoteId: "api-1",
          applied: { scopes: [{ name: "pay:write", description: "" }] },
        },
      ],
    })
    r.log.records.push({ id: "late", at: at(5), type: "issued", client: "remote-1", scope: "pay:write" })
    await read(r)
    const { items } = await searchEvents(actor, { source: [(await sourceOf(r)).id] }, { limit: 10, cursor: undefined })
    expect(items).toMatchObject([
      { event_id: "late", client_id: "order-service", audience: "https://pay.example", auth_server: r.name },
      { event_id: "r0", client_id: "remote-1" },
    ])
    // Somebody has made it anew there, and that was adopted: nothing was applied.
    await db().placement.updateMany({ where: { providerId: r.id, kind: "client" }, data: { remoteId: "remote-2" } })
    r.log.records.push({ id: "later", at: at(6), type: "issued", client: "remote-2", scope: "pay:write" })
    await read(r)
    const [newest] = (await searchEvents(actor, { source: [(await sourceOf(r)).id] }, { limit: 1, cursor: undefined }))
      .items
    expect(newest).toMatchObject({ event_id: "later", client_id: "order-service" })
    expect(
      await eventPool()
        .query("select 1 from event_conflict")
        .then((a) => a.rowCount),
    ).toBe(0)
  })

  test("killed between any two effects and read again by another process, nothing is lost or doubled; the zombie changes nothing", async () => {
    const counting = await rig()
    fill(counting, 12)
    const { passed } = dieAt(Number.POSITIVE_INFINITY)
    await readDueLogs(counting.world)
    useCrashHook(null)
    expect(new Set(passed)).toEqual(new Set(collectCrashpoints))
    const undisturbed = await endState(counting)
    expect(undisturbed).toEqual(expected(12))
    for (let n = 1; n <= passed.length; n++) {
      const r = await rig(n)
      fill(r, 12)
      const death = dieAt(n)
      const first = readDueLogs(r.world)
      const label = `killed at pass ${n}, ${await death.died}`
      useCrashHook(null)
      // The dead process's connection ends with it, and its lease runs out.
      await eventPool().query(
        "select pg_terminate_backend(pid) from pg_stat_activity where datname = current_database() and state = 'idle in transaction'",
      )
      await db().$executeRaw`update lease set until = clock_timestamp()`
      await read(r)
      expect(await endState(r), label).toEqual(undisturbed)
      death.haunt()
      await first
      expect(await endState(r), `${label}, then the zombie`).toEqual(undisturbed)
    }
  }, 60_000)

  test("one worker at a time: a second one neither finds it due nor gets its lease", async () => {
    const r = await rig()
    fill(r, 3)
    const gate = Promise.withResolvers<void>()
    r.log.hold = gate.promise
    const first = readDueLogs(r.world)
    while (r.log.asked.length === 0) await wait(5)
    await readDueLogs(r.world)
    await read(r)
    expect(r.log.asked.length).toBe(1)
    gate.resolve()
    await first
    expect(await endState(r)).toEqual(expected(3))
  })

  test("a worker that comes back late does not set the place in the log back", async () => {
    const r = await rig()
    fill(r, 12)
    const gate = Promise.withResolvers<void>()
    r.log.hold = gate.promise
    const late = readDueLogs(r.world)
    while (r.log.asked.length === 0) await wait(5)
    await db().$executeRaw`update lease set until = clock_timestamp()`
    r.log.hold = null
    await read(r)
    gate.resolve()
    await late
    const { rows } = await ingestPool().query("select cursor from provider_log where provider_id = $1", [r.id])
    expect(rows).toEqual([{ cursor: String(r.log.records.length) }])
    expect(await endState(r)).toEqual(expected(12))
  })
})
