import "server-only"
import { eventPool } from "../db/ingest.ts"
import { findWord } from "./dictionary.ts"
import { ownPurposes } from "./words.ts"

/**
 * The last use by its service of every secret that an event named, of the events received since a moment. By when they were
 * received, so that a late one counts too; what Grantry itself tried with a secret does not.
 */
export async function secretUsesReceived(since: Date): Promise<ReadonlyMap<string, Date>> {
  const pool = eventPool()
  const own = await Promise.all(ownPurposes.map((purpose) => findWord(pool, "purpose", purpose)))
  const { rows } = await pool.query<{ fingerprint: string; at: Date }>(
    `select d.value as fingerprint, u.at from dimension d join (
       select secret, max(ts) as at from token_event
       where received_at >= $1 and secret is not null and (purpose is null or purpose <> all($2::int[])) group by secret
     ) u on u.secret = d.id`,
    [since, own.filter((id) => id !== null && id > 0)],
  )
  return new Map(rows.map(({ fingerprint, at }) => [fingerprint, at]))
}
