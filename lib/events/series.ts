import "server-only"
import type { Actor } from "../auth/actor.ts"
import { authorize } from "../auth/permissions.ts"
import { eventPool } from "../db/ingest.ts"
import { bucketTopMs } from "./delta.ts"
import { wordsOf } from "./dictionary.ts"
import { stepFor } from "./histogram.ts"
import { type EventFilter, type Range, rangeOf } from "./query.ts"
import { flowOfEvents, flowSql, latencySql, partyOfEvents, partySql } from "./rollup.ts"
import { whereOf } from "./where.ts"
import { eventNames, resultNames } from "./words.ts"

export interface Insights {
  readonly step_seconds: number
  readonly from: string
  readonly to: string
  /** One entry per bucket and combination that occurred. `result` of a `token_issued` failure is a refusal. */
  readonly flow: readonly {
    at: string
    event: string
    result: string
    reason: string | null
    provider: string | null
    grant_type: string | null
    count: number
  }[]
  /** Busiest first, at most 50. */
  readonly clients: readonly {
    client_id: string
    issued: number
    refused: number
    accepted: number
    rejected: number
  }[]
  readonly audiences: readonly { audience: string; accepted: number; rejected: number }[]
  /** Percentiles of duration_ms, per provider and event; upper edges of logarithmic buckets. */
  readonly latency: readonly {
    provider: string | null
    event: string
    count: number
    p50: number
    p95: number
    p99: number
  }[]
  /** Over issued tokens that say their life. */
  readonly average_lifetime_seconds: number | null
}

type Dimensions = Pick<EventFilter, "from" | "to" | "provider" | "client_id" | "audience">
const topMax = 50

/** What the dashboards draw, from rollups. `client_id` and `audience` narrow the lists of clients and audiences only. */
export async function eventInsights(actor: Actor, filter: Dimensions, now = new Date()): Promise<Insights> {
  authorize(actor, "events:read")
  const range = rangeOf(filter, now)
  const step = Math.max(60, stepFor(range))
  const [flow, parties, latency] = await Promise.all([
    flowOf(range, step, filter),
    partiesOf(range, filter),
    latencyOf(range),
  ])
  return {
    step_seconds: step,
    from: new Date(range.fromMs).toISOString(),
    to: new Date(range.toMs).toISOString(),
    ...flow,
    ...parties,
    latency,
  }
}

async function flowOf(range: Range, step: number, filter: Dimensions) {
  const pool = eventPool()
  const where = await whereOf(pool, filter.provider ? { provider: filter.provider } : {})
  const coarsest = step % 86_400 === 0 ? 86400 : step % 3600 === 0 ? 3600 : 60
  const { rows } = await pool.query<{
    at: number
    event: number
    result: number
    reason: number
    provider: number
    grant_type: number
    n: number
    lives: number
    life_seconds: number
  }>(
    `select (floor(extract(epoch from at) / ${step}) * ${step})::float8 as at, event, result, reason, provider, grant_type, sum(n)::float8 as n,
       sum(lives)::float8 as lives, sum(life_seconds)::float8 as life_seconds
     from (${where.answers === "flow" ? flowSql(range, coarsest) : flowOfEvents(range)}) as f where $1::timestamptz is not null and $2::timestamptz is not null and ${!where.impossible}${where.sql} group by 1, 2, 3, 4, 5, 6 order by 1`,
    [new Date(range.fromMs), new Date(range.toMs), ...where.values],
  )
  const words = await wordsOf(
    pool,
    rows.flatMap((r) => [r.reason, r.provider, r.grant_type]),
  )
  const lives = rows.reduce((sum, r) => sum + r.lives, 0)
  return {
    flow: rows.map((r) => ({
      at: new Date(r.at * 1_000).toISOString(),
      event: eventNames[r.event] ?? "token_validated",
      result: resultNames[r.result] ?? "unknown",
      reason: words.get(r.reason) ?? null,
      provider: words.get(r.provider) ?? null,
      grant_type: words.get(r.grant_type) ?? null,
      count: r.n,
    })),
    average_lifetime_seconds: lives > 0 ? Math.round(rows.reduce((sum, r) => sum + r.life_seconds, 0) / lives) : null,
  }
}

async function partiesOf(range: Range, filter: Dimensions) {
  const pool = eventPool()
  const { from: _from, to: _to, ...rest } = filter
  const where = await whereOf(pool, rest)
  // A word that found no room among the ids stands in the events alone.
  const [from, word] =
    where.answers === "rows"
      ? [partyOfEvents(range), (field: string) => `inline->>'${field}'`]
      : [partySql(range, 86400), () => "null::text"]
  const counts = `sum(n) filter (where event = 0 and result = 0)::float8 as issued, sum(n) filter (where event = 0 and result = 1)::float8 as refused,
       sum(n) filter (where event = 1 and result = 0)::float8 as accepted, sum(n) filter (where event = 1 and result = 1)::float8 as rejected`
  const busiest = (field: "client" | "audience") =>
    `(select '${field}' as field, ${field} as id, ${field}_word as word, ${counts} from c
      where ${field} > 0 or ${field}_word is not null group by 2, 3 order by sum(n) desc limit ${topMax})`
  const { rows } = await pool.query<{
    field: "client" | "audience"
    id: number
    word: string | null
    issued: number | null
    refused: number | null
    accepted: number | null
    rejected: number | null
  }>(
    `with c as materialized (select client, audience, ${word("client")} as client_word, ${word("audience")} as audience_word, event, result, sum(n) as n
     from (${from}) as p where $1::timestamptz is not null and $2::timestamptz is not null and ${!where.impossible}${where.sql} group by 1, 2, 3, 4, 5, 6)
     ${busiest("client")} union all ${busiest("audience")}`,
    [new Date(range.fromMs), new Date(range.toMs), ...where.values],
  )
  const words = await wordsOf(
    pool,
    rows.map(({ id }) => id),
  )
  const named = rows.map((r) => ({
    field: r.field,
    name: words.get(r.id) ?? r.word ?? "",
    issued: r.issued ?? 0,
    refused: r.refused ?? 0,
    accepted: r.accepted ?? 0,
    rejected: r.rejected ?? 0,
  }))
  return {
    clients: named.flatMap(({ field, name, ...counted }) =>
      field === "client" ? { client_id: name, ...counted } : [],
    ),
    audiences: named.flatMap(({ field, name, accepted, rejected }) =>
      field === "audience" ? { audience: name, accepted, rejected } : [],
    ),
  }
}

async function latencyOf(range: Range) {
  const pool = eventPool()
  const { rows } = await pool.query<{ event: number; provider: number; bucket: number; n: number }>(
    `select event, provider, bucket, sum(n)::float8 as n from (${latencySql(range, 86400)}) as l group by 1, 2, 3 having sum(n) > 0 order by 1, 2, 3`,
  )
  const words = await wordsOf(
    pool,
    rows.map((r) => r.provider),
  )
  const groups = Map.groupBy(rows, (r) => `${r.event} ${r.provider}`)
  return [...groups.values()].map((group) => {
    const count = group.reduce((sum, r) => sum + r.n, 0)
    const at = (share: number) => {
      let sum = 0
      return bucketTopMs(group.find((r) => (sum += r.n) >= share * count)?.bucket ?? 0)
    }
    return {
      provider: words.get(group[0]?.provider ?? -1) ?? null,
      event: eventNames[group[0]?.event ?? 1] ?? "token_validated",
      count,
      p50: at(0.5),
      p95: at(0.95),
      p99: at(0.99),
    }
  })
}
