import type { Pool } from "../../db/pool.ts"
import type { Line } from "./line.ts"
import { touchSecret } from "./secrets.ts"
import { inTx } from "./store.ts"

/** Commits an event, and the use of the secret with it. After this the event is shipped however often either side dies. */
export async function putInOutbox(pool: Pool, line: Line, usedSecretId: string | null): Promise<void> {
  if (usedSecretId === null) {
    await pool.query("insert into outbox (line) values ($1)", [JSON.stringify(line)])
    return
  }
  await inTx(pool, async (tx) => {
    await tx.query("insert into outbox (line) values ($1)", [JSON.stringify(line)])
    await touchSecret(tx, usedSecretId)
  })
}

export interface Waiting {
  readonly seq: string
  readonly line: Line
}

export async function takeFromOutbox(pool: Pool, limit: number): Promise<readonly Waiting[]> {
  const { rows } = await pool.query<Waiting>("select seq::text, line from outbox order by seq limit $1", [limit])
  return rows
}

export interface Rejected {
  readonly seq: string
  readonly code: string
  readonly message: string
}

/** Removes what was acked. What can never be accepted is parked with the reason, not dropped. */
export async function settle(pool: Pool, seqs: readonly string[], rejected: readonly Rejected[]): Promise<void> {
  await inTx(pool, async (tx) => {
    if (rejected.length > 0) {
      await tx.query(
        `insert into parked_event (seq, line, code, message)
         select o.seq, o.line, r.code, r.message from unnest($1::bigint[], $2::text[], $3::text[]) as r (seq, code, message) join outbox o on o.seq = r.seq
         on conflict do nothing`,
        [rejected.map((one) => one.seq), rejected.map((one) => one.code), rejected.map((one) => one.message)],
      )
    }
    await tx.query("delete from outbox where seq = any($1::bigint[])", [seqs])
  })
}

export async function outboxState(pool: Pool): Promise<{ waiting: number; oldest_at: Date | null; parked: number }> {
  const { rows } = await pool.query<{ waiting: number; oldest_at: Date | null; parked: number }>(
    "select count(*)::int as waiting, min(created_at) as oldest_at, (select count(*)::int from parked_event) as parked from outbox",
  )
  return rows[0] ?? { waiting: 0, oldest_at: null, parked: 0 }
}
