import "server-only"
import { secondMs } from "../base/time.ts"
import { db } from "../db/client.ts"
import { eventPool, ingestPool } from "../db/ingest.ts"
import { type IngestTx, withIngestTx } from "../db/tx.ts"
import { findWord, learnWord, wordsOf } from "./dictionary.ts"

/** A time of which a source cannot show that nothing is missing. `until` is null while it lasts. */
export interface Gap {
  readonly since: Date
  readonly until: Date | null
  readonly filled: boolean
}

export interface Progress {
  readonly lastEventAt: Date | null
  readonly lastReceivedAt: Date | null
  readonly heartbeatAt: Date | null
  /** Everything of this source up to here has arrived. Null: nothing ever did. */
  readonly completeUntil: Date | null
  readonly stored: number
  readonly duplicates: number
  readonly rejected: number
  readonly gaps: readonly Gap[]
}

const nothing: Progress = {
  lastEventAt: null,
  lastReceivedAt: null,
  heartbeatAt: null,
  completeUntil: null,
  stored: 0,
  duplicates: 0,
  rejected: 0,
  gaps: [],
}

/** Folded state and waiting deltas, summed in one statement. */
const progressSql = `select dimension, max(last_ts) as last_ts, max(last_received_at) as last_received_at, sum(stored)::float8 as stored,
    sum(duplicates)::float8 as duplicates, sum(rejected)::float8 as rejected, max(heartbeat_at) as heartbeat_at, max(complete_until) as complete_until
  from (select dimension, last_ts, last_received_at, stored, duplicates, rejected, heartbeat_at, complete_until from source_state
    union all select source, max(last_ts), max(received_at), sum(stored), sum(duplicates), sum(rejected), null, null from event_delta group by source) as s
  group by dimension`

interface ProgressRow {
  dimension: number
  last_ts: Date | null
  last_received_at: Date | null
  stored: number
  duplicates: number
  rejected: number
  heartbeat_at: Date | null
  complete_until: Date | null
}

/**
 * How far each source has come. One that sends heartbeats is complete until what its last one says; any other push source
 * is complete until its last event, for nothing else is known of it.
 */
export async function progressOf(sourceIds: readonly string[]): Promise<ReadonlyMap<string, Progress>> {
  const pool = eventPool()
  const [states, gaps] = await Promise.all([
    pool.query<ProgressRow>(progressSql),
    pool.query<{ dimension: number; since: Date; until: Date | null; filled: boolean }>(
      "select dimension, since, until, filled_at is not null as filled from source_gap order by since desc limit 1000",
    ),
  ])
  const words = await wordsOf(
    pool,
    states.rows.map((r) => r.dimension),
  )
  const found = new Map<string, Progress>(sourceIds.map((id) => [id, nothing]))
  for (const row of states.rows) {
    const id = words.get(row.dimension)
    if (id === undefined || !found.has(id)) continue
    found.set(id, {
      lastEventAt: row.last_ts,
      lastReceivedAt: row.last_received_at,
      heartbeatAt: row.heartbeat_at,
      completeUntil: row.heartbeat_at ? row.complete_until : row.last_ts,
      stored: row.stored,
      duplicates: row.duplicates,
      rejected: row.rejected,
      gaps: gaps.rows
        .filter((g) => g.dimension === row.dimension)
        .map(({ since, until, filled }) => ({ since, until, filled })),
    })
  }
  return found
}

export interface Completeness {
  /** Up to here nothing is missing of any of the sources; null when one of them never sent anything. */
  readonly completeUntil: Date | null
  /** The sources that hold it back. */
  readonly heldBackBy: readonly string[]
}

/**
 * Until when everything that these sources (null: every enabled one) saw since `since` has arrived. An unfilled gap stops it
 * where the gap began: no conclusion reaches over one (P8).
 */
export async function completeUntil(sourceIds: readonly string[] | null, since: Date): Promise<Completeness> {
  const sources = await db().source.findMany({
    where: sourceIds === null ? { enabled: true } : { id: { in: [...sourceIds] } },
    select: { id: true },
  })
  const progress = await progressOf(sources.map((s) => s.id))
  let least: Date | null = null
  const held: { id: string; until: Date | null }[] = []
  for (const [id, p] of progress) {
    // Of "every source", one that never sent anything cannot be waited for; a named one must have spoken.
    if (sourceIds === null && p.completeUntil === null) continue
    const gap = p.gaps.filter((g) => !g.filled && (g.until === null || g.until > since)).at(-1)
    const until = p.completeUntil === null ? null : gap && gap.since < p.completeUntil ? gap.since : p.completeUntil
    held.push({ id, until })
    if (until !== null && (least === null || until < least)) least = until
  }
  const missing = held.some((h) => h.until === null) || held.length === 0
  return {
    completeUntil: missing ? null : least,
    heldBackBy: held
      .filter((h) => (missing ? h.until === null : h.until?.getTime() === least?.getTime()))
      .map((h) => h.id),
  }
}

/** A source says that it has sent everything up to a time. Never goes back, never into the future. */
export async function advanceWatermark(sourceId: string, until: Date, now: Date): Promise<Date> {
  const dimension = await learnWord(ingestPool(), "source", sourceId)
  return withIngestTx((tx) => moveWatermark(tx, dimension, until, now))
}

/** The same inside of a transaction; `dimension` is the source's word. */
export async function moveWatermark(tx: IngestTx, dimension: number, until: Date, now: Date): Promise<Date> {
  const claimed = until > now ? now : until
  const { rows } = await tx.query<{ complete_until: Date }>(
    `insert into source_state (dimension, heartbeat_at, complete_until) values ($1, $2, $3)
     on conflict (dimension) do update set heartbeat_at = greatest(source_state.heartbeat_at, excluded.heartbeat_at),
       complete_until = greatest(source_state.complete_until, excluded.complete_until) returning complete_until`,
    [dimension, now, claimed],
  )
  const reached = rows[0]?.complete_until ?? claimed
  await tx.query(
    "update source_gap set until = coalesce(until, $2), filled_at = $3 where dimension = $1 and filled_at is null and coalesce(until, since) <= $2",
    [dimension, reached, now],
  )
  return reached
}

/** From now on this source is complete until what it says itself, whatever its last event is. */
export async function holdWatermark(tx: IngestTx, dimension: number, now: Date): Promise<void> {
  await tx.query(
    `insert into source_state (dimension, heartbeat_at) values ($1, $2)
     on conflict (dimension) do update set heartbeat_at = excluded.heartbeat_at where source_state.heartbeat_at is null`,
    [dimension, now],
  )
}

/**
 * Notices sources that are silent for longer than their own limit: from there on their watermark stands, and a gap is noted.
 * One that speaks again gets its gap closed; it counts as filled only when a heartbeat says so. Answers the silent ones.
 */
export async function freezeWatermarks(now: Date = new Date()): Promise<readonly string[]> {
  const sources = await db().source.findMany({ where: { enabled: true, silentAfterSeconds: { not: null } } })
  const progress = await progressOf(sources.map((s) => s.id))
  const silent: string[] = []
  for (const source of sources) {
    const p = progress.get(source.id)
    const dimension = await findWord(ingestPool(), "source", source.id)
    const lastSign = p && latest(p.lastReceivedAt, p.heartbeatAt)
    if (!p?.completeUntil || !lastSign || dimension === null) continue
    if (now.getTime() - lastSign.getTime() > (source.silentAfterSeconds ?? 0) * secondMs) {
      silent.push(source.id)
      await ingestPool().query("insert into source_gap (dimension, since) values ($1, $2) on conflict do nothing", [
        dimension,
        p.completeUntil,
      ])
    } else
      await ingestPool().query(
        "update source_gap set until = $2 where dimension = $1 and until is null and since < $2",
        [dimension, lastSign],
      )
  }
  return silent
}

const latest = (a: Date | null, b: Date | null): Date | null => (a === null ? b : b === null ? a : a > b ? a : b)
