import "server-only"
import { ingestPool } from "../db/ingest.ts"
import { withIngestTx, type IngestTx } from "../db/tx.ts"
import { latencyBuckets } from "./delta.ts"
import { idsOf } from "./dictionary.ts"
import { absentId, inlineId } from "./row.ts"

const pieceMax = 20_000

/**
 * Takes what these sources told of these clients out of the tables and out of the rollups. For the demo's own clients only:
 * an audit loses nothing else before its retention ends. Rows go in pieces, each with its part of the
 * rollups in one transaction, so it can be broken off and called again. Answers how many events this call removed.
 */
export async function removeEventsOfClients(names: readonly string[], sourceIds: readonly string[]): Promise<number> {
  const pool = ingestPool()
  const [clients, sources] = await Promise.all([idsOf(pool, "client", names), idsOf(pool, "source", sourceIds)])
  if (names.length === 0 || sources.length === 0) return 0
  let total = 0
  for (;;) {
    const removed = await withIngestTx((tx) => removePiece(tx, clients, names, sources))
    total += removed
    if (removed < pieceMax) return total
  }
}

/** `clients` are the ids of those `names` that have one; the others stand in the rows themselves. */
async function removePiece(
  tx: IngestTx,
  clients: readonly number[],
  names: readonly string[],
  sources: readonly number[],
): Promise<number> {
  await tx.query("create temp table going (like token_event) on commit drop")
  const moved = await tx.query(
    `with gone as (delete from token_event where (ts, id) in (select ts, id from token_event
       where (client = any($1) or (client = ${inlineId} and inline->>'client' = any($4))) and source = any($3) limit $2) returning *)
     insert into going select * from gone`,
    [clients, pieceMax, sources, names],
  )
  for (const span of [60, 3600, 86400]) await tx.query(lessFlow, [span])
  for (const span of [3600, 86400]) await tx.query(lessParty, [span])
  for (const span of [60, 3600, 86400]) await tx.query(lessLatency, [span])
  return moved.rowCount ?? 0
}

/** Minus what the fold adds or has added: a row below zero waits for its delta. $1 is the span in seconds. */
const at = "to_timestamp(floor(extract(epoch from ts) / $1::int) * $1::int)"
const or = (column: string) => `coalesce(${column}, ${absentId})`

const lessFlow = `insert into rollup_flow (span, at, event, result, reason, provider, source, grant_type, n, lives, life_seconds)
  select $1::int, ${at}, event, result, ${or("reason")}, ${or("provider")}, source, ${or("grant_type")}, -count(*),
    -count(*) filter (where event = 0 and expires_in is not null), -coalesce(sum(expires_in) filter (where event = 0), 0)
  from going group by 1, 2, 3, 4, 5, 6, 7, 8 order by 1, 2, 3, 4, 5, 6, 7, 8
  on conflict (span, at, event, result, reason, provider, source, grant_type)
  do update set n = rollup_flow.n + excluded.n, lives = rollup_flow.lives + excluded.lives, life_seconds = rollup_flow.life_seconds + excluded.life_seconds`

const lessParty = `insert into rollup_party (span, at, event, result, reason, provider, source, client, audience, scopes, n)
  select $1::int, ${at}, event, result, ${or("reason")}, ${or("provider")}, source, ${or("client")}, ${or("audience")}, ${or("scopes")}, -count(*)
  from going group by 1, 2, 3, 4, 5, 6, 7, 8, 9, 10 order by 1, 2, 3, 4, 5, 6, 7, 8, 9, 10
  on conflict (span, at, client, audience, event, result, reason, provider, source, scopes) do update set n = rollup_party.n + excluded.n`

/** As `bucketOf` of delta.ts. */
const bucket = `case when duration_ms <= 0.25 then 0 else least(${latencyBuckets - 1}, ceil(2 * log(2, (duration_ms * 4)::numeric)))::int end`

const lessLatency = `insert into rollup_latency (span, at, event, provider, source, bucket, n)
  select $1::int, ${at}, event, ${or("provider")}, source, ${bucket}, -count(*) from going where duration_ms is not null group by 1, 2, 3, 4, 5, 6 order by 1, 2, 3, 4, 5, 6
  on conflict (span, at, event, provider, source, bucket) do update set n = rollup_latency.n + excluded.n`
