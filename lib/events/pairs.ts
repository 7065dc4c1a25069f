import "server-only"
import type { Actor } from "../auth/actor.ts"
import { authorize } from "../auth/permissions.ts"
import { eventPool } from "../db/ingest.ts"
import { idsOf, isFull, wordsOf } from "./dictionary.ts"
import type { Range } from "./query.ts"
import { inlineId } from "./row.ts"
import { literal, partyOfEvents, partySql } from "./rollup.ts"

/** Whoever may ask for tokens can make up audiences without an end. Pairs of them that are told in one answer. */
const inlinePairsMax = 10_000

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
  const rowsOf = async (sql: string, values: unknown[]) => (await pool.query<SeenRow>(sql, values)).rows
  const seen = `greatest(max(at), ${literal(range.fromMs)}) as last_at,
       case when count(*) filter (where result <> 1) > 0 then greatest(max(at) filter (where result <> 1), ${literal(range.fromMs)}) end as allowed_at,
       sum(n) filter (where event = 0 and result <> 1)::float8 as issued, sum(n) filter (where event = 0 and result = 1)::float8 as refused,
       sum(n) filter (where event = 1 and result <> 1)::float8 as accepted, sum(n) filter (where event = 1 and result = 1)::float8 as rejected`
  const rolled =
    ids.length === 0
      ? []
      : await rowsOf(
          `select client, audience, null as client_word, null as audience_word, ${seen}
           from (${partySql(range, to === "hour" ? 3600 : 86400)}) as p where client = any($1::int[]) and audience > 0 group by 1, 2`,
          [ids],
        )
  // What found no room among the ids stands in the events alone: a client of ours must not look unused because of it. What was let in comes first.
  const inline = (await isFull(pool, "client", "audience"))
    ? await rowsOf(
        `select client, audience, inline->>'client' as client_word, inline->>'audience' as audience_word, ${seen}
       from (${partyOfEvents(range)}) as p where (client = any($1::int[]) and audience = ${inlineId})
         or (client = ${inlineId} and inline->>'client' = any($2::text[]) and audience >= 0) group by 1, 2, 3, 4
       order by allowed_at desc nulls last, last_at desc limit ${inlinePairsMax}`,
        [ids, clients],
      )
    : []
  const rows = [...rolled, ...inline]
  const words = await wordsOf(
    pool,
    rows.flatMap((r) => [r.client, r.audience]),
  )
  return rows.flatMap((r) => {
    const client = words.get(r.client) ?? r.client_word
    const audience = words.get(r.audience) ?? r.audience_word
    if (client === null || audience === null) return []
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

interface SeenRow {
  client: number
  audience: number
  client_word: string | null
  audience_word: string | null
  issued: number | null
  refused: number | null
  accepted: number | null
  rejected: number | null
  last_at: Date
  allowed_at: Date | null
}
