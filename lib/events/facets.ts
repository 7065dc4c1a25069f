import "server-only"
import type { Actor } from "../auth/actor.ts"
import { authorize } from "../auth/permissions.ts"
import { hourMs } from "../base/time.ts"
import { db } from "../db/client.ts"
import { eventPool } from "../db/ingest.ts"
import type { Pool } from "../db/pool.ts"
import { wordsOf } from "./dictionary.ts"
import { type EventFilter, type Range, rangeOf } from "./query.ts"
import { inlineId } from "./row.ts"
import { partySql } from "./rollup.ts"
import { type Where, whereOf } from "./where.ts"
import { eventNames, resultNames } from "./words.ts"

export interface Facets {
  /** `field` is the name of the filter; the most frequent values first. `label` where the value is an id. */
  readonly facets: readonly { field: string; values: readonly { value: string; count: number; label?: string }[] }[]
}

const columns = ["event", "result", "reason", "provider", "source", "client", "audience", "scopes"] as const
const filterNames: Readonly<Record<(typeof columns)[number], string>> = {
  event: "event",
  result: "result",
  reason: "reason",
  provider: "provider",
  source: "source",
  client: "client_id",
  audience: "audience",
  scopes: "scope",
}
/** Columns whose word may stand in the row itself, under the column's own name. */
const wordColumns = ["reason", "provider", "client", "audience", "scopes"] as const
const valuesMax = 50

/** How often each value of each field stands in what the filter finds. */
export async function eventFacets(actor: Actor, filter: EventFilter, now = new Date()): Promise<Facets> {
  authorize(actor, "events:read")
  const range = rangeOf(filter, now)
  const pool = eventPool()
  const where = await whereOf(pool, filter)
  const tallies = new Map(columns.map((c) => [c, new Map<number, number>()]))
  const inline = new Map<string, readonly Counted[]>()
  if (!where.impossible) {
    const { rows } = await pool.query<{ mask: number; n: number } & Record<(typeof columns)[number], number | null>>(
      // First to one row for each combination: eight ways of grouping are dear on many rows and cheap on few.
      `with c as materialized (select ${columns.join(", ")}, sum(n) as n from (${countsSql(where, range)}) as rows group by ${columns.join(", ")})
       select ${columns.join(", ")}, grouping(${columns.join(", ")}) as mask, sum(n)::float8 as n from c
       group by grouping sets (${columns.map((c) => `(${c})`).join(", ")})`,
      [new Date(range.fromMs), new Date(range.toMs), ...where.values],
    )
    for (const row of rows) {
      const column = columns.find((_, i) => (row.mask & (1 << (columns.length - 1 - i))) === 0)
      const id = column && row[column]
      if (column && id !== null && id !== undefined && id >= 0) tallies.get(column)?.set(id, row.n)
    }
    for (const column of wordColumns)
      if ((tallies.get(column)?.get(inlineId) ?? 0) > 0)
        inline.set(column, await inlineWords(pool, column, where, range))
  }
  const ids = columns.slice(2).flatMap((c) => [...(tallies.get(c)?.keys() ?? [])])
  const words = await wordsOf(pool, ids)
  const sources = new Map((await db().source.findMany({ select: { id: true, name: true } })).map((s) => [s.id, s.name]))
  return {
    facets: columns.map((column) => {
      const tally = new Map<string, number>()
      for (const [id, n] of tallies.get(column) ?? []) {
        const values =
          column === "event"
            ? [eventNames[id]]
            : column === "result"
              ? [resultNames[id]]
              : column === "scopes"
                ? words.get(id)?.split("\n")
                : [words.get(id)]
        for (const value of values ?? []) if (value !== undefined) tally.set(value, (tally.get(value) ?? 0) + n)
      }
      for (const { word, n } of inline.get(column) ?? [])
        for (const value of column === "scopes" ? word.split("\n") : [word])
          tally.set(value, (tally.get(value) ?? 0) + n)
      const values = [...tally].sort((a, b) => b[1] - a[1] || (a[0] < b[0] ? -1 : 1)).slice(0, valuesMax)
      return {
        field: filterNames[column],
        values: values.map(([value, count]) => {
          const label = column === "source" ? sources.get(value) : undefined
          return label === undefined ? { value, count } : { value, count, label }
        }),
      }
    }),
  }
}

interface Counted {
  readonly word: string
  readonly n: number
}

/** The most frequent of the words that found no room among the ids: only the rows know them. */
async function inlineWords(
  pool: Pool,
  column: (typeof wordColumns)[number],
  where: Where,
  range: Range,
): Promise<readonly Counted[]> {
  const { rows } = await pool.query<Counted>(
    `select inline->>'${column}' as word, count(*)::float8 as n from token_event
     where ts >= $1 and ts < $2 and ${column} = ${inlineId} and inline ? '${column}'${where.sql} group by 1 order by 2 desc, 1 limit ${valuesMax}`,
    [new Date(range.fromMs), new Date(range.toMs), ...where.values],
  )
  return rows
}

function countsSql(where: Where, range: Range): string {
  const rolled = where.answers !== "rows" && range.toMs - range.fromMs >= 3 * hourMs
  if (rolled)
    return `select ${columns.join(", ")}, n from (${partySql(range, 86400)}) as p where $1::timestamptz is not null and $2::timestamptz is not null${where.sql}`
  return `select ${columns.map((c) => (c === "event" || c === "result" ? `${c}::int` : c)).join(", ")}, 1::bigint as n from token_event where ts >= $1 and ts < $2${where.sql}`
}
