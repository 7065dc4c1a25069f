import { hourMs, minuteMs, dayMs } from "../base/time.ts"
import type { Range } from "./query.ts"

/** One stretch of a range and where it is read: whole spans from a rollup, the ragged ends from rows. */
export interface Stretch extends Range {
  readonly spanSeconds: 60 | 3600 | 86400 | null
}

const ceil = (ms: number, unit: number) => Math.ceil(ms / unit) * unit
const floor = (ms: number, unit: number) => Math.floor(ms / unit) * unit

/**
 * Parts a range exactly: the coarsest spans in the middle, finer ones around them, rows at both ends. Nothing is counted
 * twice and nothing is left out. Pure.
 */
export function stretches(range: Range, finest: 60 | 3600, coarsest: 60 | 3600 | 86400): Stretch[] {
  const spans = ([60, 3600, 86400] as const).filter((s) => s >= finest && s <= coarsest)
  return part(range, [null, ...spans]).filter((s) => s.fromMs < s.toMs)
}

function part(range: Range, spans: readonly Stretch["spanSeconds"][]): Stretch[] {
  const [span = null, next, ...rest] = spans
  const unit = next === undefined || next === null ? 0 : { 60: minuteMs, 3600: hourMs, 86400: dayMs }[next]
  if (unit === 0) return [{ ...range, spanSeconds: span }]
  const fromMs = ceil(range.fromMs, unit)
  const toMs = floor(range.toMs, unit)
  if (fromMs >= toMs) return [{ ...range, spanSeconds: span }]
  return [
    { fromMs: range.fromMs, toMs: fromMs, spanSeconds: span },
    ...part({ fromMs, toMs }, [next ?? null, ...rest]),
    { fromMs: toMs, toMs: range.toMs, spanSeconds: span },
  ]
}

const literal = (ms: number) => `'${new Date(ms).toISOString()}'::timestamptz`

const flowColumns = "at, event, result, reason, provider, source, grant_type, n, lives, life_seconds"
const partyColumns = "at, event, result, reason, provider, source, client, audience, scopes, n"

/** SQL whose rows are the counts of the range: rollups, waiting deltas and ragged ends together, in one snapshot. Columns as named above. */
export function flowSql(range: Range, coarsest: 60 | 3600 | 86400): string {
  const all = stretches(range, 60, coarsest)
  return [
    ...all.map((s) =>
      s.spanSeconds === null
        ? `select ts, event::int, result::int, coalesce(reason, -1), coalesce(provider, -1), source, coalesce(grant_type, -1), 1::bigint,
            case when event = 0 and expires_in is not null then 1 else 0 end::bigint, case when event = 0 then coalesce(expires_in, 0) else 0 end::bigint
           from token_event where ts >= ${literal(s.fromMs)} and ts < ${literal(s.toMs)}`
        : `select ${flowColumns} from rollup_flow where span = ${s.spanSeconds} and at >= ${literal(s.fromMs)} and at < ${literal(s.toMs)}`,
    ),
    ...whole(all).map(
      ({ fromMs, toMs }) => `select to_timestamp(flow[i] * 60), flow[i+1]::int, flow[i+2]::int, flow[i+3]::int, flow[i+4]::int, source, flow[i+5]::int, flow[i+6], flow[i+7], flow[i+8]
        from event_delta, generate_series(1, cardinality(flow), 9) as i where flow[i] >= ${fromMs / minuteMs} and flow[i] < ${toMs / minuteMs}`,
    ),
  ]
    .map((sql, i) => (i === 0 ? `select * from (${sql}) as first(${flowColumns})` : sql))
    .join("\nunion all\n")
}

export function partySql(range: Range, coarsest: 3600 | 86400): string {
  const all = stretches(range, 3600, coarsest)
  return [
    ...all.map((s) =>
      s.spanSeconds === null
        ? `select ts, event::int, result::int, coalesce(reason, -1), coalesce(provider, -1), source, coalesce(client, -1), coalesce(audience, -1), coalesce(scopes, -1), 1::bigint
           from token_event where ts >= ${literal(s.fromMs)} and ts < ${literal(s.toMs)}`
        : `select ${partyColumns} from rollup_party where span = ${s.spanSeconds} and at >= ${literal(s.fromMs)} and at < ${literal(s.toMs)}`,
    ),
    ...whole(all).map(
      ({ fromMs, toMs }) => `select to_timestamp(party[i]::float8 * 3600), party[i+1], party[i+2], party[i+3], party[i+4], source, party[i+5], party[i+6], party[i+7], party[i+8]::bigint
        from event_delta, generate_series(1, cardinality(party), 9) as i where party[i] >= ${fromMs / hourMs} and party[i] < ${toMs / hourMs}`,
    ),
  ]
    .map((sql, i) => (i === 0 ? `select * from (${sql}) as first(${partyColumns})` : sql))
    .join("\nunion all\n")
}

export function latencySql(range: Range, coarsest: 60 | 3600 | 86400): string {
  const all = stretches({ fromMs: floor(range.fromMs, minuteMs), toMs: ceil(range.toMs, minuteMs) }, 60, coarsest)
  return [
    ...all.map((s) => `select at, event, provider, source, bucket, n from rollup_latency where span = ${s.spanSeconds ?? 60} and at >= ${literal(s.fromMs)} and at < ${literal(s.toMs)}`),
    ...whole(all).map(
      ({ fromMs, toMs }) => `select to_timestamp(latency[i]::float8 * 60), latency[i+1], latency[i+2], source, latency[i+3], latency[i+4]::bigint
        from event_delta, generate_series(1, cardinality(latency), 5) as i where latency[i] >= ${fromMs / minuteMs} and latency[i] < ${toMs / minuteMs}`,
    ),
  ].join("\nunion all\n")
}

/** The middle that rollups answer, as one range. */
function whole(all: readonly Stretch[]): Range[] {
  const rolled = all.filter((s) => s.spanSeconds !== null)
  const first = rolled[0]
  const last = rolled.at(-1)
  return first && last ? [{ fromMs: first.fromMs, toMs: last.toMs }] : []
}
