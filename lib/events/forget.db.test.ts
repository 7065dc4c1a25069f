import { afterAll, beforeAll, expect, test } from "vitest"
import { systemActor } from "../auth/system.ts"
import { newId } from "../base/id.ts"
import { db } from "../db/client.ts"
import { ingestPool } from "../db/ingest.ts"
import { testDatabase, type TestDatabase } from "../db/testing.ts"
import { removeEventsOfClients } from "./forget.ts"
import { floodWords } from "./flood.fixture.ts"
import { eventHistogram } from "./histogram.ts"
import { ingest } from "./ingest.ts"
import { foldRollups } from "./jobs.ts"
import { searchEvents } from "./search.ts"

let database: TestDatabase
let sourceId: string
beforeAll(async () => {
  database = await testDatabase()
  sourceId = newId()
  await db().source.create({ data: { id: sourceId, name: "services", kind: "push", createdBy: "test" } })
})
afterAll(() => database.drop())

const actor = systemActor("test")
const line = (client: string, i: number) =>
  JSON.stringify({
    event: i % 2 ? "token_issued" : "token_validated",
    event_id: `${client}-${i}`,
    client_id: client,
    validation_result: i % 3 ? "success" : "failure",
    ...(i % 3 ? {} : { failure_reason: "expired" }),
    duration_ms: 0.1 + (i % 17) * 1.7,
    expires_in: 300,
    grant_type: "client_credentials",
    auth_server: "local",
    audience: "https://a.example",
  })
const send = (client: string, from: number, to: number) =>
  ingest(
    sourceId,
    Array.from({ length: to - from }, (_, i) => line(client, from + i)),
  )

/** Every rollup as it reads once all deltas are folded, without rows that say nothing. */
async function rollups(): Promise<unknown> {
  await foldRollups()
  const { rows } = await ingestPool().query(
    `select 'flow' as k, span, event, result, reason, sum(n)::int as n, sum(lives)::int as lives, sum(life_seconds)::int as life from rollup_flow group by 2, 3, 4, 5 having sum(n) <> 0 or sum(lives) <> 0
     union all select 'party', span, event, result, client, sum(n)::int, 0, 0 from rollup_party group by 2, 3, 4, 5 having sum(n) <> 0
     union all select 'latency', span, event, bucket, provider, sum(n)::int, 0, 0 from rollup_latency group by 2, 3, 4, 5 having sum(n) <> 0 order by 1, 2, 3, 4, 5`,
  )
  return rows
}

test("a client's events go with exactly their part of every rollup, folded or not, and nobody else's", async () => {
  await send("order-service", 0, 60)
  const before = await rollups()
  await send("demo-gateway", 0, 50)
  await foldRollups()
  await send("demo-gateway", 50, 90)
  expect(await removeEventsOfClients(["demo-gateway", "never-seen"], [sourceId, newId()])).toBe(90)
  expect(await rollups()).toEqual(before)
  const { buckets } = await eventHistogram(actor, {})
  expect(buckets.reduce((sum, b) => sum + b.counts.success + b.counts.failure, 0)).toBe(60)
  expect(await removeEventsOfClients(["demo-gateway"], [sourceId])).toBe(0)
  expect(await removeEventsOfClients(["order-service"], [newId()])).toBe(0)
})

test("where names found no room in the dictionary any more, only the named clients' events go, and unknown names take nothing", async () => {
  await floodWords(["client"])
  await send("gateway-of-others", 0, 30)
  const before = await rollups()
  await send("demo-late", 0, 20)
  expect(await removeEventsOfClients(["demo-never-seen"], [sourceId])).toBe(0)
  expect(await removeEventsOfClients(["demo-late", "demo-never-seen"], [sourceId])).toBe(20)
  const left = async (client: string) =>
    (await searchEvents(actor, { client_id: [client] }, { limit: 100 })).items.length
  expect([await left("gateway-of-others"), await left("demo-late"), await left("order-service")]).toEqual([30, 0, 60])
  expect(await rollups()).toEqual(before)
})
