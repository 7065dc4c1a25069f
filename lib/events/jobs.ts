import "server-only"
import { dayMs } from "../base/time.ts"
import { eventPool, ingestPool } from "../db/ingest.ts"
import { withIngestTx } from "../db/tx.ts"
import { retentionDaysDefault } from "./limits.ts"
import { flowNames, latencyNames, partyNames, unnestColumns } from "./rollup.ts"

/** One folder at a time; any fixed number. */
const foldLock = 4_270_926_124
const foldBatch = 2_000

/**
 * Adds waiting deltas to the rollups and to the sources' progress, and removes them, in one transaction: readers, who sum
 * both, never see a difference. Answers how many deltas were folded. Safe in several processes at once.
 */
export async function foldRollups(): Promise<number> {
  let total = 0
  for (;;) {
    const folded = await withIngestTx(async (tx) => {
      await tx.query("set local statement_timeout = '60s'")
      const lock = await tx.query<{ ok: boolean }>("select pg_try_advisory_xact_lock($1) as ok", [foldLock])
      if (!lock.rows[0]?.ok) return 0
      await tx.query("create temp table if not exists folding (like event_delta) on commit delete rows")
      const moved = await tx.query(
        `with gone as (delete from event_delta where id in (select id from event_delta order by id limit $1) returning *) insert into folding select * from gone`,
        [foldBatch],
      )
      if (!moved.rowCount) return 0
      for (const span of [60, 3600, 86400]) await tx.query(foldFlow, [span])
      for (const span of [3600, 86400]) await tx.query(foldParty, [span])
      for (const span of [60, 3600, 86400]) await tx.query(foldLatency, [span])
      await tx.query(foldProgress)
      return moved.rowCount
    })
    total += folded
    if (folded < foldBatch) return total
  }
}

/** $1 is the span in seconds. */
const floorTo = (unit: number) => `to_timestamp(floor(d.t::float8 * ${unit} / $1::int) * $1::int)`

const foldFlow = `insert into rollup_flow (span, at, event, result, reason, provider, source, grant_type, n, lives, life_seconds)
  select $1::int, ${floorTo(60)}, d.event, d.result, d.reason, d.provider, source, d.grant_type, sum(d.n), sum(d.lives), sum(d.life_seconds)
  from folding, ${unnestColumns("flow", flowNames)} group by 1, 2, 3, 4, 5, 6, 7, 8 order by 1, 2, 3, 4, 5, 6, 7, 8
  on conflict (span, at, event, result, reason, provider, source, grant_type)
  do update set n = rollup_flow.n + excluded.n, lives = rollup_flow.lives + excluded.lives, life_seconds = rollup_flow.life_seconds + excluded.life_seconds`

const foldParty = `insert into rollup_party (span, at, event, result, reason, provider, source, client, audience, scopes, n)
  select $1::int, ${floorTo(3600)}, d.event, d.result, d.reason, d.provider, source, d.client, d.audience, d.scopes, sum(d.n)
  from folding, ${unnestColumns("party", partyNames)} group by 1, 2, 3, 4, 5, 6, 7, 8, 9, 10 order by 1, 2, 3, 4, 5, 6, 7, 8, 9, 10
  on conflict (span, at, client, audience, event, result, reason, provider, source, scopes) do update set n = rollup_party.n + excluded.n`

const foldLatency = `insert into rollup_latency (span, at, event, provider, source, bucket, n)
  select $1::int, ${floorTo(60)}, d.event, d.provider, source, d.bucket, sum(d.n)
  from folding, ${unnestColumns("latency", latencyNames)} group by 1, 2, 3, 4, 5, 6 order by 1, 2, 3, 4, 5, 6
  on conflict (span, at, event, provider, source, bucket) do update set n = rollup_latency.n + excluded.n`

const foldProgress = `insert into source_state (dimension, last_ts, last_received_at, stored, duplicates, rejected)
  select source, max(last_ts), max(received_at), sum(stored), sum(duplicates), sum(rejected) from folding group by source
  on conflict (dimension) do update set last_ts = greatest(source_state.last_ts, excluded.last_ts),
    last_received_at = greatest(source_state.last_received_at, excluded.last_received_at), stored = source_state.stored + excluded.stored,
    duplicates = source_state.duplicates + excluded.duplicates, rejected = source_state.rejected + excluded.rejected`

/**
 * Makes the partitions of every day from the start of retention to three days ahead, each in a transaction of its own, and
 * keeps the seldom-used index summarised. Answers the days made, and how many rows lie in the default partition (0, or an
 * alarm).
 */
export async function ensurePartitions(
  now: Date = new Date(),
  retentionDays: number = retentionDaysDefault,
): Promise<{ made: number; stray: number }> {
  const pool = ingestPool()
  let made = 0
  for (let offset = -retentionDays - 1; offset <= 3; offset++) {
    const day = new Date(now.getTime() + offset * dayMs).toISOString().slice(0, 10)
    const { rows } = await pool.query<{ made: boolean }>("select make_event_partition($1::date) as made", [day])
    if (rows[0]?.made) made++
  }
  const stray = await pool.query<{ n: number }>(
    "select count(*)::int as n from (select from token_event_default limit 100000) as d",
  )
  return { made, stray: stray.rows[0]?.n ?? 0 }
}

/** Lets the BRIN indexes of the days that are being written know their newest pages; searches by trace or token id need it. */
export async function summarise(now: Date = new Date()): Promise<void> {
  for (const offset of [-1, 0, 1]) {
    const part = `token_event_${new Date(now.getTime() + offset * dayMs).toISOString().slice(0, 10).replaceAll("-", "")}`
    await ingestPool().query(
      `select brin_summarize_new_values(i.indexrelid) from pg_index i join pg_class c on c.oid = i.indexrelid join pg_am a on a.oid = c.relam
       where a.amname = 'brin' and i.indrelid = to_regclass($1)`,
      [part],
    )
  }
}

export interface Dropped {
  readonly partitions: readonly string[]
}

/** Drops the days whose last event is past retention, with their rollups. Each drop is atomic; a crash between is finished by the next run (F30). */
export async function dropExpired(
  now: Date = new Date(),
  retentionDays: number = retentionDaysDefault,
): Promise<Dropped> {
  const pool = ingestPool()
  const oldest = new Date(now.getTime() - retentionDays * dayMs)
  const limit = `token_event_${oldest.toISOString().slice(0, 10).replaceAll("-", "")}`
  const { rows } = await pool.query<{ name: string }>(
    `select c.relname as name from pg_inherits h join pg_class c on c.oid = h.inhrelid
     where h.inhparent = 'token_event'::regclass and c.relname ~ '^token_event_[0-9]{8}$' and c.relname < $1 order by 1`,
    [limit],
  )
  const partitions: string[] = []
  for (const { name } of rows) {
    if (!/^token_event_\d{8}$/.test(name)) continue
    await pool.query(`drop table if exists ${name}`)
    partitions.push(name)
  }
  const day = oldest.toISOString().slice(0, 10)
  for (const table of ["rollup_flow", "rollup_party", "rollup_latency"])
    await pool.query(`delete from ${table} where at < $1::date::timestamp at time zone 'UTC'`, [day])
  await pool.query("delete from event_undated where ts < $1", [new Date(now.getTime() - 7 * dayMs)])
  for (const table of ["event_parked where received_at", "event_conflict where noticed_at", "source_gap where until"])
    await pool.query(`delete from ${table} < $1`, [oldest])
  return { partitions }
}

export interface DiskUse {
  readonly events: number
  readonly rollups: number
  /** Oldest first. */
  readonly days: readonly { day: string; bytes: number; rows: number }[]
}

/** Bytes on disk, indexes included; rows as Postgres estimates them. */
export async function diskUse(): Promise<DiskUse> {
  const { rows } = await eventPool().query<{ name: string; bytes: string; rows: number }>(
    `select c.relname as name, pg_total_relation_size(c.oid)::text as bytes, greatest(c.reltuples, 0)::float8 as rows
     from pg_inherits h join pg_class c on c.oid = h.inhrelid where h.inhparent = 'token_event'::regclass order by 1`,
  )
  const rollups = await eventPool().query<{ bytes: string }>(
    "select sum(pg_total_relation_size(t::regclass))::text as bytes from unnest(array['rollup_flow','rollup_party','rollup_latency','event_delta','dimension']) as t",
  )
  const days = rows
    .filter((r) => /_\d{8}$/.test(r.name))
    .map((r) => ({
      day: `${r.name.slice(12, 16)}-${r.name.slice(16, 18)}-${r.name.slice(18, 20)}`,
      bytes: Number(r.bytes),
      rows: r.rows,
    }))
  return {
    events: rows.reduce((sum, r) => sum + Number(r.bytes), 0),
    rollups: Number(rollups.rows[0]?.bytes ?? 0),
    days,
  }
}
