/** A configured provider whose log misbehaves, the readings of it, and what they leave behind. */
import { afterAll, beforeAll } from "vitest"
import { systemActor } from "../auth/system.ts"
import { newId } from "../base/id.ts"
import { db } from "../db/client.ts"
import { eventPool, ingestPool } from "../db/ingest.ts"
import { testDatabase, type TestDatabase } from "../db/testing.ts"
import { searchEvents } from "../events/search.ts"
import { seeded } from "../sync/simulator.fixture.ts"
import { readDueLogs } from "./due.ts"
import { logOf } from "./queries.ts"
import { normalizeSimulated, SimulatedLog } from "./simulator.fixture.ts"
import type { CollectWorld } from "./world.ts"

export const actor = systemActor("test")

/** A database for the tests of one file. */
export function collecting(): void {
  let database: TestDatabase
  beforeAll(async () => void (database = await testDatabase()))
  afterAll(() => database.drop())
}

export interface Rig {
  readonly id: string
  readonly name: string
  readonly log: SimulatedLog
  readonly world: CollectWorld
}

let serial = 0
export const start = Date.now() - 3_600_000
/** So many seconds after the log began. */
export const at = (n: number) => new Date(start + n * 1_000).toISOString()

/** A provider of its own with a log of its own; the one before is gone. */
export async function rig(seed = 1, kind = "simulator"): Promise<Rig> {
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
export function fill({ log }: Rig, n: number, from = 0): void {
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

/** Reads it now, whenever it would be due. */
export async function read(r: Rig): Promise<void> {
  await due(r)
  await readDueLogs(r.world)
}

export const sourceOf = ({ id }: Rig) => db().source.findUniqueOrThrow({ where: { providerId: id } })

/** Everything that a history leaves behind; equal for equal histories. */
export async function endState(r: Rig): Promise<unknown> {
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

/** What n records of `fill` leave behind. */
export const expected = (n: number) => ({
  events: Array.from({ length: n }, (_, i) => `r${i}`).sort(),
  counts: { stored: n, duplicates: 0, rejected: 1 },
  complete_until: new Date(start + n * 1_000).toISOString(),
  parked: [{ n: 1 }],
  aside: n < 4 ? [] : [{ kind: "login", count: Math.floor(n / 4) }],
  error: null,
})
