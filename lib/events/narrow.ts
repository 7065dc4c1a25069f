import "server-only"
import { dayMs, hourMs } from "../base/time.ts"
import { eventPool } from "../db/ingest.ts"
import type { Range } from "./query.ts"
import { partySql } from "./rollup.ts"
import type { Where } from "./where.ts"

export interface Bucket extends Range {
  /** How many events the rollups count in it; at least one. */
  readonly count: number
}

/**
 * The parts of a range in which the rollups count events that the filter finds, newest first, as many as a page of `limit`
 * needs: so a search that finds few or nothing does not walk the rows of a month. The filter must be one that
 * `rollup_party` answers.
 */
export async function partsWithEvents(where: Where, range: Range, limit: number): Promise<Range[]> {
  const whole = { fromMs: Math.floor(range.fromMs / hourMs) * hourMs, toMs: Math.ceil(range.toMs / hourMs) * hourMs }
  const { rows } = await eventPool().query<{ ms: number; n: number }>(
    `select (extract(epoch from at) * 1000)::float8 as ms, sum(n)::float8 as n from (${partySql(whole, 86400)}) as p
     where $1::timestamptz is not null and $2::timestamptz is not null${where.sql} group by 1 having sum(n) > 0`,
    [new Date(range.fromMs), new Date(range.toMs), ...where.values],
  )
  return neededParts(bucketsOf(rows, whole), range, limit)
}

/** Whole days within the range are counted as days (deltas of an hour among them too), its ends by the hour. Newest first. Pure. */
export function bucketsOf(rows: readonly { ms: number; n: number }[], whole: Range): Bucket[] {
  const firstDay = Math.ceil(whole.fromMs / dayMs) * dayMs
  const lastDay = Math.floor(whole.toMs / dayMs) * dayMs
  const counts = new Map<number, { toMs: number; count: number }>()
  for (const { ms, n } of rows) {
    const inDay = ms >= firstDay && ms < lastDay
    const fromMs = inDay ? Math.floor(ms / dayMs) * dayMs : ms
    const bucket = counts.get(fromMs) ?? { toMs: fromMs + (inDay ? dayMs : hourMs), count: 0 }
    bucket.count += n
    counts.set(fromMs, bucket)
  }
  return [...counts].map(([fromMs, { toMs, count }]) => ({ fromMs, toMs, count })).sort((a, b) => b.fromMs - a.fromMs)
}

/** Cuts the buckets to the range, stops when those that lie wholly in it hold `limit` events, joins neighbours. Newest first. Pure. */
export function neededParts(buckets: readonly Bucket[], range: Range, limit: number): Range[] {
  const parts: { fromMs: number; toMs: number }[] = []
  let sure = 0
  for (const bucket of buckets) {
    if (sure >= limit) break
    const fromMs = Math.max(bucket.fromMs, range.fromMs)
    const toMs = Math.min(bucket.toMs, range.toMs)
    if (fromMs >= toMs) continue
    if (fromMs === bucket.fromMs && toMs === bucket.toMs) sure += bucket.count
    const newer = parts.at(-1)
    if (newer?.fromMs === toMs) newer.fromMs = fromMs
    else parts.push({ fromMs, toMs })
  }
  return parts
}
