import { setTimeout as wait } from "node:timers/promises"
import { afterAll, afterEach, beforeAll, describe, expect, test } from "vitest"
import { useCrashHook } from "../base/crashpoint.ts"
import { newId } from "../base/id.ts"
import type { Actor } from "../auth/actor.ts"
import { createApiToken } from "../auth/api-tokens.ts"
import { systemActor } from "../auth/system.ts"
import { ConnectorError } from "../connectors/connector-error.ts"
import { db } from "../db/client.ts"
import { eventPool, ingestPool } from "../db/ingest.ts"
import { testDatabase, type TestDatabase } from "../db/testing.ts"
import { searchEvents } from "../events/search.ts"
import { sourceOf as eventsGoTo } from "../events/source-of.ts"
import { getSource } from "../events/source-view.ts"
import { createPushToken, deleteSource, heartbeat, updateSource } from "../events/sources.ts"
import { freezeWatermarks } from "../events/watermark.ts"
import { dieAt } from "../sync/rig.fixture.ts"
import { seeded } from "../sync/simulator.fixture.ts"
import { readDueLogs } from "./due.ts"
import { collectCrashpoints } from "./poll.ts"
import { logOf } from "./queries.ts"
import { normalizeSimulated, SimulatedLog } from "./simulator.fixture.ts"
import type { CollectWorld } from "./world.ts"

let database: TestDatabase
const actor = systemActor("test")
beforeAll(async () => void (database = await testDatabase()))
afterEach(() => useCrashHook(null))
afterAll(() => database.drop())

interface Rig {
  readonly id: string
  readonly name: string
  readonly log: SimulatedLog
  readonly world: CollectWorld
}

let serial = 0
const start = Date.now() - 3_600_000
const at = (n: number) => new Date(start + n * 1_000).toISOString()

async function rig(seed = 1, kind = "simulator"): Promise<Rig> {
  await db().provider.deleteMany({})
  const log = new SimulatedLog(seed)
  const id = newId()
  const name = `idp ${++serial}`
  const issuer = "https://idp.example"
  await db().provider.create({
    data: { id, kind, name, environment: "test", issuer, tokenEndpoint: issuer, jwksUri: issuer, settings: {} },
  })
  const world: CollectWorld = {
    open: async () => log.connector(),
    normalizerOf: (of) => (of === "simulator" ? normalizeSimulated : null),
    random: seeded(seed),
    now: () => new Date(),
    lease: { leaseMs: 8_000, renewMs: 2_000 },
  }
  return { id, name, log, world }
}

/** n issued tokens, with something that is no token event after every fourth, and one that cannot be read. */
function fill({ log }: Rig, n: number, from = 0): void {
  for (let i = from; i < from + n; i++) {
    log.records.push({ id: `r${i}`, at: at(i), type: "issued", client: "remote-1", scope: "pay:write" })
    if (i % 4 === 3) log.records.push({ id: `l${i}`, at: at(i), type: "login" })
  }
  log.records.push({ at: at(from + n), type: "issued" })
  log.writtenUntil = new Date(start + (from + n) * 1_000)
}

const due = async ({ id }: Rig) =>
  void (await ingestPool().query("update provider_log set next_poll_at = clock_timestamp() where provider_id = $1", [
    id,
  ]))
async function read(r: Rig): Promise<void> {
  await due(r)
  await readDueLogs(r.world)
}
const sourceOf = ({ id }: Rig) => db().source.findUniqueOrThrow({ where: { providerId: id } })

/** Everything that a history leaves behind; equal for equal histories. */
async function endState(r: Rig): Promise<unknown> {
  const source = await sourceOf(r)
  const { items } = await searchEvents(actor, { source: [source.id] }, { limit: 500, cursor: undefined })
  const { stored, duplicates, rejected, complete_until, ...view } = await logOf(actor, source.id)
  const parked = await eventPool().query(
    "select count(*)::int as n from event_parked where source = (select id from dimension where field = 0 and value = $1)",
    [source.id],
  )
  return {
    events: items.map((item) => String(item.event_id)).sort(),
    counts: { stored, duplicates, rejected },
    complete_until,
    parked: parked.rows,
    aside: view.aside.map(({ kind, count }) => ({ kind, count })),
    error: view.error,
  }
}

const expected = (n: number) => ({
  events: Array.from({ length: n }, (_, i) => `r${i}`).sort(),
  counts: { stored: n, duplicates: 0, rejected: 1 },
  complete_until: new Date(start + n * 1_000).toISOString(),
  parked: [{ n: 1 }],
  aside: n < 4 ? [] : [{ kind: "login", count: Math.floor(n / 4) }],
  error: null,
})

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

describe("a log that does not answer", () => {
  test("says so, is asked later each time and at the provider's own word, and keeps its place", async () => {
    const r = await rig()
    fill(r, 8)
    await readDueLogs(r.world)
    const source = await sourceOf(r)
    const waits = async () => (Date.parse((await logOf(actor, source.id)).next_poll_at) - Date.now()) / 1_000
    expect(await waits()).toBeGreaterThan(13)
    expect(await waits()).toBeLessThan(17)
    const good = (await logOf(actor, source.id)).good_at
    r.log.trouble = new ConnectorError("unavailable", "read log", "It did not answer.", {
      cause: Object.assign(new Error("refused"), { code: "ECONNREFUSED" }),
    })
    await read(r)
    await read(r)
    await read(r)
    expect(await logOf(actor, source.id)).toMatchObject({
      error: { code: "unavailable", message: "It did not answer." },
      failures: 3,
      good_at: good,
    })
    expect(await waits()).toBeGreaterThan(50)
    r.log.trouble = new ConnectorError("rate_limited", "read log", "Slow down.", {
      retryAt: new Date(Date.now() + 500_000),
    })
    await read(r)
    expect(await waits()).toBeGreaterThan(490)
    r.log.trouble = null
    fill(r, 4, 8)
    await read(r)
    expect(await logOf(actor, source.id)).toMatchObject({ error: null, failures: 0, stored: 12 })
  })

  test("F28: its watermark stands, a gap is noted and filled when it speaks again; one that tells no completeness proves nothing", async () => {
    const r = await rig()
    fill(r, 2)
    r.log.mute = true
    await readDueLogs(r.world)
    const source = await sourceOf(r)
    expect(await logOf(actor, source.id)).toMatchObject({ complete_until: null, behind_seconds: null, stored: 2 })
    r.log.mute = false
    await read(r)
    expect(await logOf(actor, source.id)).toMatchObject({ complete_until: at(2) })
    expect((await logOf(actor, source.id)).behind_seconds).toBeGreaterThan(3_000)
    r.log.trouble = new ConnectorError("unavailable", "read log", "down")
    await read(r)
    expect(await freezeWatermarks(new Date(Date.now() + 130_000))).toContain(source.id)
    expect((await logOf(actor, source.id)).gaps).toMatchObject([{ since: at(2), until: null, filled: false }])
    r.log.trouble = null
    r.log.writtenUntil = new Date(start + 100_000)
    await read(r)
    expect((await logOf(actor, source.id)).gaps).toMatchObject([{ since: at(2), until: at(100), filled: true }])
  })

  test("nobody speaks for a provider's log: no token, no heartbeat, no event, while it is connected and after", async () => {
    const r = await rig()
    fill(r, 1)
    await readDueLogs(r.world)
    const { id } = await sourceOf(r)
    const own: Actor = { ...actor, kind: "token", sourceId: id }
    const refused = { status: 409, code: "source_of_provider" }
    const held = await logOf(actor, id)
    for (const connected of [true, false]) {
      if (!connected) await db().provider.delete({ where: { id: r.id } })
      await expect(createPushToken(actor, id, {})).rejects.toMatchObject(refused)
      const token = createApiToken(actor, { name: "voice", permissions: ["events:write"], source_id: id })
      await expect(token).rejects.toMatchObject(refused)
      await expect(heartbeat(actor, id, {})).rejects.toMatchObject(refused)
      await expect(heartbeat(own, id, {})).rejects.toMatchObject(refused)
      await expect(eventsGoTo(own)).rejects.toMatchObject(refused)
    }
    expect((await getSource(actor, id)).complete_until).toBe(held.complete_until)
    expect(await db().apiToken.count({ where: { sourceId: id } })).toBe(0)
    await deleteSource(actor, id, { events: true, ifMatch: null })
  })

  test("a kind without a log, or one that nobody can read, says why and makes no source", async () => {
    const r = await rig(1, "unheard")
    await readDueLogs(r.world)
    expect(r.log.asked).toEqual([])
    expect(await db().source.findUnique({ where: { providerId: r.id } })).toBeNull()
  })

  test("switched off it is not asked; it cannot be removed while its provider is connected, and ends when that goes", async () => {
    const r = await rig()
    fill(r, 1)
    await readDueLogs(r.world)
    const source = await sourceOf(r)
    await expect(deleteSource(actor, source.id, { events: true, ifMatch: null })).rejects.toMatchObject({
      status: 409,
      code: "source_of_provider",
    })
    await updateSource(actor, source.id, { enabled: false }, null)
    const polls = r.log.asked.length
    await read(r)
    expect(r.log.asked.length).toBe(polls)
    await updateSource(actor, source.id, { enabled: true }, null)
    const next = await rig(2)
    fill(next, 1)
    await readDueLogs(next.world)
    expect(await db().source.findUniqueOrThrow({ where: { id: source.id } })).toMatchObject({
      enabled: false,
      providerId: null,
    })
  })
})
