import "server-only"
import { dayMs } from "../base/time.ts"
import { eventPool } from "../db/ingest.ts"
import { wordsOf } from "./dictionary.ts"
import { flowSql, latencySql } from "./rollup.ts"
import { type DayCount, grow, noTotals, type Totals } from "./tally.ts"

/** How far back a late event is still counted. */
const windowDays = 32
/** A scrape within this time of the last one is answered from memory. */
const freshMs = 5_000

let totals: Totals = noTotals
let readAt = -Infinity
let reading: Promise<Totals> | null = null

/**
 * Everything that was counted since this process first asked, and the days of the window before: only ever growing, though
 * retention drops rollups. Reads whole days of the rollups, so it costs the same at any rate of events.
 */
export async function eventTotals(now = new Date()): Promise<Totals> {
  if (now.getTime() - readAt < freshMs) return totals
  reading ??= read(now).finally(() => (reading = null))
  return reading
}

async function read(now: Date): Promise<Totals> {
  const today = Math.floor(now.getTime() / dayMs)
  // Both ends at midnight: then no row of an event is read, only rollups of days and what waits to be folded into them.
  const range = { fromMs: (today - windowDays) * dayMs, toMs: (today + 3) * dayMs }
  totals = grow(totals, [...(await flow(range)), ...(await durations(range))])
  readAt = now.getTime()
  return totals
}

type Range = Parameters<typeof latencySql>[0]
const day = "floor(extract(epoch from at) / 86400)::int as day"

async function flow(range: Range): Promise<DayCount[]> {
  const pool = eventPool()
  const { rows } = await pool.query<{
    day: number
    event: number
    result: number
    reason: number
    grant_type: number
    n: number
  }>(
    `select ${day}, event, result, reason, grant_type, sum(n)::float8 as n from (${flowSql(range, 86400)}) as f group by 1, 2, 3, 4, 5`,
  )
  const words = await wordsOf(
    pool,
    rows.flatMap((r) => [r.reason, r.grant_type]),
  )
  return rows.map((r) => ({
    day: r.day,
    of: [r.event, r.result, words.get(r.reason) ?? null, words.get(r.grant_type) ?? null],
    n: r.n,
  }))
}

async function durations(range: Range): Promise<DayCount[]> {
  const { rows } = await eventPool().query<{ day: number; bucket: number; n: number }>(
    `select ${day}, bucket, sum(n)::float8 as n from (${latencySql(range, 86400)}) as l where event = 1 group by 1, 2`,
  )
  return rows.map((r) => ({ day: r.day, of: [r.bucket], n: r.n }))
}
