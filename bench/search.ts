/**
 * Search, histogram and facets on many events (BENCH_EVENTS, default 5 million, over 30 days, by COPY and the real rollups).
 * Prints p50 and p95 of each kind of question; nothing is cached by us between two of them. DATABASE_URL is a server.
 */
import { randomUUID } from "node:crypto"
import { ingestPool } from "../lib/db/ingest.ts"
import { testDatabase } from "../lib/db/testing.ts"
import { systemActor } from "../lib/auth/system.ts"
import { eventFacets } from "../lib/events/facets.ts"
import { eventHistogram } from "../lib/events/histogram.ts"
import { ingest } from "../lib/events/ingest.ts"
import { foldRollups } from "../lib/events/jobs.ts"
import { searchEvents } from "../lib/events/search.ts"
import { eventInsights } from "../lib/events/series.ts"
import { eventLines, quantile } from "./events.ts"

const total = Number(process.env.BENCH_EVENTS ?? 5_000_000)
const seeded = Math.min(total, Number(process.env.BENCH_SEED ?? 200_000))
const asks = Number(process.env.BENCH_ASKS ?? 40)
const days = 30
const database = await testDatabase()
const pool = ingestPool()
const now = new Date()
const source = randomUUID()

// A first part goes through ingest; the rest are copies of it made by SQL, moved in time, with identities of their own.
const lines = eventLines(seeded, now.getTime() - 60_000, 86_000_000, "seed")
for (let at = 0; at < lines.length; at += 10_000) await ingest(source, lines.slice(at, at + 10_000), { now })
await foldRollups()
const columns = (
  await pool.query<{ c: string }>(
    "select column_name as c from information_schema.columns where table_name = 'token_event' order by ordinal_position",
  )
).rows.map((r) => r.c)
const client = await pool.connect()
await client.query("set statement_timeout = 0")
await client.query("create table seed as select * from token_event")
const copies = Math.ceil(total / seeded)
for (let copy = 1; copy < copies; copy++) {
  const shift = `make_interval(secs => ${((copy % days) * 86_400 * (days - 2)) / days + copy})`
  const list = columns.map((c) =>
    c === "ts"
      ? `ts - ${shift}`
      : c === "id"
        ? `md5(id::text || '${copy}')::uuid`
        : c === "trace_id" || c === "jti"
          ? `md5(${c} || '${copy}')`
          : c,
  )
  await client.query(`insert into token_event (${columns.join(", ")}) select ${list.join(", ")} from seed order by ts`)
}
const dims = "coalesce(reason, -1), coalesce(provider, -1), source"
for (const span of [60, 3600, 86400]) {
  const at = `date_bin('${span} seconds', ts, 'epoch')`
  await client.query("delete from rollup_flow where span = $1", [span])
  await client.query(
    `insert into rollup_flow select ${span}, ${at}, event, result, ${dims}, coalesce(grant_type, -1), count(*), count(expires_in), coalesce(sum(expires_in), 0) from token_event group by 2, 3, 4, 5, 6, 7, 8 order by 2, 3, 4, 5, 6, 7, 8`,
  )
  if (span === 60) continue
  await client.query("delete from rollup_party where span = $1", [span])
  await client.query(
    `insert into rollup_party select ${span}, ${at}, event, result, ${dims}, coalesce(client, -1), coalesce(audience, -1), coalesce(scopes, -1), count(*) from token_event group by 2, 3, 4, 5, 6, 7, 8, 9, 10 order by 2, 8, 9, 3, 4, 5, 6, 7, 10`,
  )
}
await client.query("drop table seed")
await client.query("vacuum analyze")
client.release()

const actor = systemActor("bench")
const month = { from: new Date(now.getTime() - days * 86_400_000).toISOString() }
const some = <T>(list: readonly T[]): T => list[Math.floor(Math.random() * list.length)] as T
const service = () => `service-${Math.floor(Math.random() * 200)}`
const page = { limit: 50 }
const questions: Readonly<Record<string, () => Promise<unknown>>> = {
  "search, newest": () => searchEvents(actor, {}, page, now),
  "search, client": () => searchEvents(actor, { client_id: [service()] }, page, now),
  "search, client and reason, 30 days": () =>
    searchEvents(actor, { ...month, client_id: [service()], reason: ["expired"] }, page, now),
  "search, audience and result": () =>
    searchEvents(
      actor,
      { audience: [`https://api-${Math.floor(Math.random() * 12)}.internal`], result: ["failure"] },
      page,
      now,
    ),
  "search, matches nothing": () =>
    searchEvents(
      actor,
      {
        client_id: ["service-1"],
        scope: ["payments:write"],
        audience: ["https://api-9.internal"],
        reason: ["invalid_scope"],
      },
      page,
      now,
    ),
  "search, unknown client": () => searchEvents(actor, { client_id: [randomUUID()] }, page, now),
  "search, client and audience, 30 days": () =>
    searchEvents(
      actor,
      { ...month, client_id: [service()], audience: [`https://api-${Math.floor(Math.random() * 12)}.internal`] },
      page,
      now,
    ),
  "search, scope and reason, 30 days": () =>
    searchEvents(actor, { ...month, scope: ["payments:write"], reason: ["invalid_scope"] }, page, now),
  "search, trace, 30 days": () =>
    searchEvents(actor, { ...month, trace_id: [some(lines).match(/"trace_id":"(\w+)"/)?.[1] ?? ""] }, page, now),
  "search, token id": () => searchEvents(actor, { jti: [some(lines).match(/"jti":"([\w-]+)"/)?.[1] ?? ""] }, page, now),
  "search, trace": () =>
    searchEvents(actor, { trace_id: [some(lines).match(/"trace_id":"(\w+)"/)?.[1] ?? ""] }, page, now),
  "search, free text, found": () => searchEvents(actor, { q: `resource-${Math.floor(Math.random() * 40)}` }, page, now),
  "search, free text, nothing": () => searchEvents(actor, { q: randomUUID() }, page, now),
  "histogram, 30 days": () => eventHistogram(actor, month, now),
  "histogram, client, 30 days": () => eventHistogram(actor, { ...month, client_id: [service()] }, now),
  "facets, 24 hours": () => eventFacets(actor, {}, now),
  "facets, 30 days": () => eventFacets(actor, month, now),
  "facets, client, 30 days": () => eventFacets(actor, { ...month, client_id: [service()] }, now),
  "insights, 30 days": () => eventInsights(actor, month, now),
}
const { n } = (await pool.query<{ n: string }>("select count(*)::text as n from token_event")).rows[0] ?? { n: "0" }
console.log(`${n} events over ${days} days`)
for (const [name, ask] of Object.entries(questions)) {
  await ask()
  const times: number[] = []
  for (let i = 0; i < asks; i++) {
    const at = performance.now()
    await ask()
    times.push(performance.now() - at)
  }
  console.log(
    `${name.padEnd(38)} p50 ${quantile(times, 0.5).toFixed(1).padStart(8)} ms   p95 ${quantile(times, 0.95).toFixed(1).padStart(8)} ms`,
  )
}
await database.drop()
process.exit(0)
