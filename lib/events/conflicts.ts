import "server-only"
import { withIngestTx } from "../db/tx.ts"
import type { IngestTx } from "../db/tx.ts"

/** A batch may commit this long after its `received_at`. */
const overlapSeconds = 120

/**
 * Finds events whose id came again with another time: a well-formed line pays for one unique index only, so this is caught
 * after the commit (reliability.md 4.3, F11). The one that came first stays; the other is taken out of table and rollups, and
 * kept in event_conflict for an alarm. Looks at what came since its last run. Answers how many it found.
 */
export async function findConflicts(): Promise<number> {
  return withIngestTx(async (tx) => {
    await tx.query("set local statement_timeout = '300s'")
    // One pass over the ids, never one look-up for each.
    await tx.query("set local enable_nestloop = off")
    const locked = await tx.query<{ at: Date; now: Date }>(
      `insert into event_cursor (job, at) values ('conflicts', 'epoch') on conflict (job) do update set at = event_cursor.at returning at, now() as now`,
    )
    const cursor = locked.rows[0]
    if (!cursor) return 0
    const found = await tx.query<{ id: string; ts: string }>(
      `select e.id::text, e.ts::text from token_event e where e.given_id is not null and e.received_at >= $1::timestamptz - make_interval(secs => $2)
       and exists (select from token_event o where o.id = e.id and o.ts <> e.ts)`,
      [cursor.at, overlapSeconds],
    )
    const ids = [...new Set(found.rows.map((r) => r.id))]
    let removed = 0
    for (const id of ids) removed += await keepFirst(tx, id)
    await tx.query("update event_cursor set at = $1 where job = 'conflicts'", [cursor.now])
    return removed
  })
}

async function keepFirst(tx: IngestTx, id: string): Promise<number> {
  const gone = await tx.query(
    `with ordered as (select ts, received_at, first_value(ts) over w as kept, row_number() over w as place from token_event where id = $1 window w as (order by received_at, ts)),
     gone as (delete from token_event e using ordered o where e.id = $1 and e.ts = o.ts and o.place > 1 returning e.*, o.kept),
     noted as (insert into event_conflict (id, source, kept_ts, other_ts, noticed_at, other)
       select g.id, g.source, g.kept, g.ts, g.received_at, to_jsonb(g) - 'kept' from gone g on conflict do nothing)
     insert into event_delta (source, received_at, last_ts, stored, duplicates, rejected, flow, party, latency)
     select source, received_at, null, -1, 1, 0,
       array[floor(extract(epoch from ts) / 60)::int, event, result, coalesce(reason, -1), coalesce(provider, -1), coalesce(grant_type, -1), -1,
         case when event = 0 and expires_in is not null then -1 else 0 end, case when event = 0 then -coalesce(expires_in, 0) else 0 end],
       array[floor(extract(epoch from ts) / 3600)::int, event, result, coalesce(reason, -1), coalesce(provider, -1), coalesce(client, -1), coalesce(audience, -1), coalesce(scopes, -1), -1],
       case when duration_ms is null then '{}'::int[] else
         array[floor(extract(epoch from ts) / 60)::int, event, coalesce(provider, -1), case when duration_ms <= 0.25 then 0 else least(47, ceil(2 * log(2, (duration_ms * 4)::numeric)))::int end, -1] end
     from gone`,
    [id],
  )
  return gone.rowCount ?? 0
}
