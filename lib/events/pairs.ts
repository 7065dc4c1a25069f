import "server-only"
import type { Actor } from "../auth/actor.ts"
import { authorize } from "../auth/permissions.ts"
import { eventPool } from "../db/ingest.ts"
import { idsOf, wordsOf } from "./dictionary.ts"
import type { Range } from "./query.ts"
import { literal, partySql } from "./rollup.ts"

/** What the events of a range say of one client and one audience. */
export interface SeenPair {
  readonly client: string
  readonly audience: string
  /** Tokens issued, and refused by the provider. */
  readonly issued: number
  readonly refused: number
  /** Calls that the API let in, and turned away. */
  readonly accepted: number
  readonly rejected: number
  /** Start of the hour or, in rollups of whole days, of the day of the last event. */
  readonly last_at: string
  /** The same of the last one that was not refused; null when all were. */
  readonly allowed_at: string | null
}

/** The names of clients that were seen in the range, or with `audiences` seen with one of them, from the rollups. */
export async function clientsSeen(actor: Actor, range: Range, audiences: readonly string[]): Promise<string[]> {
  authorize(actor, "events:read")
  const pool = eventPool()
  const ids = audiences.length === 0 ? null : await idsOf(pool, "audience", audiences)
  if (ids?.length === 0) return []
  const { rows } = await pool.query<{ client: number }>(
    `select distinct client from (${partySql(range, 86400)}) as p
     where client > 0 and audience > 0 and ($1::int[] is null or audience = any($1::int[]))`,
    [ids],
  )
  const words = await wordsOf(
    pool,
    rows.map((r) => r.client),
  )
  return rows.flatMap((r) => words.get(r.client) ?? [])
}

/**
 * Who of `clients` was seen with which audience in the range, from the rollups: of days, or where `to` asks for it of hours.
 * Events without a client or an audience count nowhere.
 */
export async function pairsSeen(
  actor: Actor,
  clients: readonly string[],
  range: Range,
  to: "day" | "hour" = "day",
): Promise<SeenPair[]> {
  authorize(actor, "events:read")
  const pool = eventPool()
  const ids = await idsOf(pool, "client", clients)
  if (ids.length === 0) return []
  const { rows } = await pool.query<{
    client: number
    audience: number
    issued: number | null
    refused: number | null
    accepted: number | null
    rejected: number | null
    last_at: Date
    allowed_at: Date | null
  }>(
    `select client, audience, greatest(max(at), ${literal(range.fromMs)}) as last_at,
       case when count(*) filter (where result <> 1) > 0 then greatest(max(at) filter (where result <> 1), ${literal(range.fromMs)}) end as allowed_at,
       sum(n) filter (where event = 0 and result <> 1)::float8 as issued, sum(n) filter (where event = 0 and result = 1)::float8 as refused,
       sum(n) filter (where event = 1 and result <> 1)::float8 as accepted, sum(n) filter (where event = 1 and result = 1)::float8 as rejected
     from (${partySql(range, to === "hour" ? 3600 : 86400)}) as p where client = any($1::int[]) and audience > 0 group by 1, 2`,
    [ids],
  )
  const words = await wordsOf(
    pool,
    rows.flatMap((r) => [r.client, r.audience]),
  )
  return rows.flatMap((r) => {
    const [client, audience] = [words.get(r.client), words.get(r.audience)]
    if (client === undefined || audience === undefined) return []
    return {
      client,
      audience,
      issued: r.issued ?? 0,
      refused: r.refused ?? 0,
      accepted: r.accepted ?? 0,
      rejected: r.rejected ?? 0,
      last_at: r.last_at.toISOString(),
      allowed_at: r.allowed_at?.toISOString() ?? null,
    }
  })
}
