import "server-only"
import { eventPool } from "../db/ingest.ts"
import { idsOf } from "./dictionary.ts"
import { inlineId } from "./row.ts"
import { ownPurposes } from "./words.ts"

export interface SecretUse {
  readonly last_seen: Date
  readonly count: number
}

/** Where the name of an event's secret stands: in the dictionary, or in the row itself once that is full. */
const inlineSecret = `case when secret = ${inlineId} then inline->>'secret' end`
/** Not marked as a try of Grantry's own. `$2` are the dictionary's numbers for those marks, `$3` the marks. */
const byService = `(purpose is null or (purpose <> all($2::int[]) and not (purpose = ${inlineId} and inline->>'purpose' = any($3::text[]))))`

/**
 * When each of these secrets was last named by an event, and how often since `since`. A secret without an entry was not
 * seen. What an event says of its purpose comes from whoever made the request, so it proves nothing about who that was:
 * "was it used at all" must ask for every event. `servicesOnly` leaves out what is marked as Grantry's own try.
 */
export async function secretLastSeen(
  fingerprints: readonly string[],
  since: Date,
  { servicesOnly = false }: { readonly servicesOnly?: boolean } = {},
): Promise<ReadonlyMap<string, SecretUse>> {
  if (fingerprints.length === 0) return new Map()
  const pool = eventPool()
  const own = servicesOnly ? ownPurposes : []
  // Both places for every secret: of two processes one may have found room for a word that the other did not.
  const { rows } = await pool.query<{ fingerprint: string; last_seen: Date; count: number }>(
    `select coalesce(u.word, d.value) as fingerprint, max(u.last_seen) as last_seen, sum(u.count)::int as count from (
       select secret, ${inlineSecret} as word, max(ts) as last_seen, count(*) as count from token_event
       where (secret = any($4::int[]) or (secret = ${inlineId} and inline->>'secret' = any($5::text[])))
         and ts >= $1 and ${byService} group by 1, 2
     ) as u left join dimension d on d.id = u.secret group by 1`,
    [since, await idsOf(pool, "purpose", own), own, await idsOf(pool, "secret", fingerprints), fingerprints],
  )
  return new Map(rows.map(({ fingerprint, last_seen, count }) => [fingerprint, { last_seen, count }]))
}

/**
 * The last use by its service of every secret that an event named, of the events received since a moment. By when they were
 * received, so that a late one counts too; what Grantry itself tried with a secret does not.
 */
export async function secretUsesReceived(since: Date): Promise<ReadonlyMap<string, Date>> {
  const pool = eventPool()
  const { rows } = await pool.query<{ fingerprint: string; at: Date }>(
    `select coalesce(u.word, d.value) as fingerprint, max(u.at) as at from (
       select secret, ${inlineSecret} as word, max(ts) as at from token_event
       where received_at >= $1 and secret is not null and ${byService} group by 1, 2
     ) as u left join dimension d on d.id = u.secret group by 1`,
    [since, await idsOf(pool, "purpose", ownPurposes), ownPurposes],
  )
  return new Map(rows.map(({ fingerprint, at }) => [fingerprint, at]))
}
