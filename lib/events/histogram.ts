import "server-only"
import type { Actor } from "../auth/actor.ts"
import { authorize } from "../auth/permissions.ts"
import { eventPool } from "../db/ingest.ts"
import { type EventFilter, type Range, rangeOf } from "./query.ts"
import { flowSql, partySql } from "./rollup.ts"
import { type Where, whereOf } from "./where.ts"

export interface Histogram {
  readonly step_seconds: number
  /** `at` is the start of a bucket; empty ones are there too. An event that does not say how it ended counts in neither. */
  readonly buckets: readonly { at: string; counts: { success: number; failure: number } }[]
}

const steps = [1, 5, 10, 30, 60, 300, 600, 1800, 3600, 10_800, 21_600, 43_200, 86_400, 604_800] as const
const bucketsMax = 100

/** The finest step that parts the range into at most 100 buckets. */
export function stepFor(range: Range): number {
  const seconds = (range.toMs - range.fromMs) / 1_000
  return steps.find((step) => seconds / step <= bucketsMax) ?? 604_800
}

/** Counts over time: from rollups where they can answer the filter, else from rows. Exact at both ends. */
export async function eventHistogram(actor: Actor, filter: EventFilter, now = new Date()): Promise<Histogram> {
  authorize(actor, "events:read")
  const range = rangeOf(filter, now)
  const step = stepFor(range)
  const where = await whereOf(eventPool(), filter)
  const counts = new Map<number, { success: number; failure: number }>()
  if (!where.impossible) {
    const { rows } = await eventPool().query<{ at: number; success: number; failure: number }>(
      `select (floor(extract(epoch from at) / ${step}) * ${step})::float8 as at, sum(n) filter (where result = 0)::float8 as success, sum(n) filter (where result = 1)::float8 as failure
       from (${countsSql(where, range, step)}) as c group by 1`,
      [new Date(range.fromMs), new Date(range.toMs), ...where.values],
    )
    for (const row of rows) counts.set(row.at, { success: row.success ?? 0, failure: row.failure ?? 0 })
  }
  const buckets: { at: string; counts: { success: number; failure: number } }[] = []
  // Without an explicit end the buckets stop at now, or at the last one that holds something.
  const last = Math.max(
    filter.to ? range.toMs : Math.min(range.toMs, now.getTime() + 1),
    ...[...counts.keys()].map((at) => at * 1_000 + 1),
  )
  for (let at = Math.floor(range.fromMs / 1_000 / step) * step; at * 1_000 < last; at += step) {
    buckets.push({ at: new Date(at * 1_000).toISOString(), counts: counts.get(at) ?? { success: 0, failure: 0 } })
  }
  return { step_seconds: step, buckets }
}

/** Columns at, result, n. `$1` and `$2` are the range in every shape of it, so that the values are the same. */
function countsSql(where: Where, range: Range, step: number): string {
  const bounds = "$1::timestamptz is not null and $2::timestamptz is not null"
  const coarsest = step % 86_400 === 0 ? 86400 : step % 3600 === 0 ? 3600 : 60
  if (where.answers === "flow" && step >= 60)
    return `select at, result, n from (${flowSql(range, coarsest)}) as f where ${bounds}${where.sql}`
  if (where.answers === "party" && step >= 3600)
    return `select at, result, n from (${partySql(range, coarsest === 86400 ? 86400 : 3600)}) as p where ${bounds}${where.sql}`
  return `select ts as at, result, 1::bigint as n from token_event where ts >= $1 and ts < $2${where.sql}`
}
