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

/** The columns of a list of event_delta, cut out once each: a subscript per cell would unpack the whole list every time. */
export function unnestColumns(list: "flow" | "party" | "latency", names: readonly string[]): string {
  const count = `cardinality(${list}) / ${names.length}`
  const cuts = names.map((_, i) => `${list}[${i} * (${count}) + 1 : ${i + 1} * (${count})]`)
  return `unnest(${cuts.join(", ")}) as d(${names.join(", ")})`
}

export const flowNames = [
  "t",
  "event",
  "result",
  "reason",
  "provider",
  "grant_type",
  "n",
  "lives",
  "life_seconds",
] as const
export const partyNames = ["t", "event", "result", "reason", "provider", "client", "audience", "scopes", "n"] as const
export const latencyNames = ["t", "event", "provider", "bucket", "n"] as const

/** A moment as SQL. Milliseconds since 1970, never text of a user. */
export const literal = (ms: number) => `'${new Date(ms).toISOString()}'::timestamptz`

const flowColumns = "at, event, result, reason, provider, source, grant_type, n, lives, life_seconds"
const partyColumns = "at, event, result, reason, provider, source, client, audience, scopes, n"

const flowOfEvent = `ts as at, event::int as event, result::int as result, coalesce(reason, -1) as reason, coalesce(provider, -1) as provider, source,
  coalesce(grant_type, -1) as grant_type, 1::bigint as n, case when event = 0 and expires_in is not null then 1 else 0 end::bigint as lives,
  case when event = 0 then coalesce(expires_in, 0) else 0 end::bigint as life_seconds`
const partyOfEvent = `ts as at, event::int as event, result::int as result, coalesce(reason, -1) as reason, coalesce(provider, -1) as provider, source,
  coalesce(client, -1) as client, coalesce(audience, -1) as audience, coalesce(scopes, -1) as scopes, 1::bigint as n`
const eventsIn = ({ fromMs, toMs }: Range) =>
  `from token_event where ts >= ${literal(fromMs)} and ts < ${literal(toMs)}`

/** The columns of `flowSql` and `inline`, event by event: for a filter by a word that no rollup knows. */
export const flowOfEvents = (range: Range): string => `select ${flowOfEvent}, inline ${eventsIn(range)}`
/** The columns of `partySql` and `inline`, event by event. */
export const partyOfEvents = (range: Range): string => `select ${partyOfEvent}, inline ${eventsIn(range)}`

/** SQL whose rows are the counts of the range: rollups, waiting deltas and ragged ends together, in one snapshot. Columns as named above. */
export function flowSql(range: Range, coarsest: 60 | 3600 | 86400): string {
  const all = stretches(range, 60, coarsest)
  return [
    ...all.map((s) =>
      s.spanSeconds === null
        ? `select ${flowOfEvent} ${eventsIn(s)}`
        : `select ${flowColumns} from rollup_flow where span = ${s.spanSeconds} and at >= ${literal(s.fromMs)} and at < ${literal(s.toMs)}`,
    ),
    ...whole(all).map(
      ({
        fromMs,
        toMs,
      }) => `select to_timestamp(d.t::float8 * 60), d.event::int, d.result::int, d.reason::int, d.provider::int, source, d.grant_type::int, d.n, d.lives, d.life_seconds
        from event_delta, ${unnestColumns("flow", flowNames)} where d.t >= ${fromMs / minuteMs} and d.t < ${toMs / minuteMs}`,
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
        ? `select ${partyOfEvent} ${eventsIn(s)}`
        : `select ${partyColumns} from rollup_party where span = ${s.spanSeconds} and at >= ${literal(s.fromMs)} and at < ${literal(s.toMs)}`,
    ),
    ...whole(all).map(
      ({
        fromMs,
        toMs,
      }) => `select to_timestamp(d.t::float8 * 3600), d.event, d.result, d.reason, d.provider, source, d.client, d.audience, d.scopes, d.n::bigint
        from event_delta, ${unnestColumns("party", partyNames)} where d.t >= ${fromMs / hourMs} and d.t < ${toMs / hourMs}`,
    ),
  ]
    .map((sql, i) => (i === 0 ? `select * from (${sql}) as first(${partyColumns})` : sql))
    .join("\nunion all\n")
}

export function latencySql(range: Range, coarsest: 60 | 3600 | 86400): string {
  const all = stretches({ fromMs: floor(range.fromMs, minuteMs), toMs: ceil(range.toMs, minuteMs) }, 60, coarsest)
  return [
    ...all.map(
      (s) =>
        `select at, event, provider, source, bucket, n from rollup_latency where span = ${s.spanSeconds ?? 60} and at >= ${literal(s.fromMs)} and at < ${literal(s.toMs)}`,
    ),
    ...whole(all).map(
      ({ fromMs, toMs }) => `select to_timestamp(d.t::float8 * 60), d.event, d.provider, source, d.bucket, d.n::bigint
        from event_delta, ${unnestColumns("latency", latencyNames)} where d.t >= ${fromMs / minuteMs} and d.t < ${toMs / minuteMs}`,
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
