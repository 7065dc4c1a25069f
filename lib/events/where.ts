import "server-only"
import { isIP } from "node:net"
import type { Pool } from "../db/pool.ts"
import { fieldNumber, idsOf, isFull } from "./dictionary.ts"
import { findText, type FoundText, textSql } from "./free-text.ts"
import { type EventFilter, searchWords } from "./query.ts"
import { type DimensionField, inlineId } from "./row.ts"
import { eventNames, resultNames } from "./words.ts"

/** A filter as SQL: every value is bound, every column comes from a table in the code. */
export interface Where {
  readonly sql: string
  readonly values: unknown[]
  /** One of the words never came in any event: nothing can match. */
  readonly impossible: boolean
  /** The finest rollup that can answer this filter, or rows. */
  readonly answers: "flow" | "party" | "rows"
  /** Looks for few rows by an id: the plan should not walk the window. */
  readonly needle: boolean
  /** The words of free text. One that is in few rows is a needle too: `inFewRows` can tell. */
  readonly texts: readonly FoundText[]
}

const dimensionOf: Readonly<
  Partial<Record<keyof EventFilter, { field: DimensionField; column: string; grain: "flow" | "party" | "rows" }>>
> = {
  client_id: { field: "client", column: "client", grain: "party" },
  audience: { field: "audience", column: "audience", grain: "party" },
  reason: { field: "reason", column: "reason", grain: "flow" },
  provider: { field: "provider", column: "provider", grain: "flow" },
  source: { field: "source", column: "source", grain: "flow" },
  purpose: { field: "purpose", column: "purpose", grain: "rows" },
}
const order = ["flow", "party", "rows"] as const

/** Turns a filter into SQL over token_event (and, where `answers` allows, over the rollups: they share the column names). `$1` and `$2` are left for the caller's range. */
export async function whereOf(pool: Pool, filter: EventFilter): Promise<Where> {
  const values: unknown[] = []
  const parts: string[] = []
  const bind = (value: unknown) => `$${values.push(value) + 2}`
  let impossible = false
  let grain = 0
  const needs = (g: (typeof order)[number]) => (grain = Math.max(grain, order.indexOf(g)))

  if (filter.event) parts.push(`event = any(${bind(filter.event.map((e) => eventNames.indexOf(e)))}::int[])`)
  if (filter.result) parts.push(`result = any(${bind(filter.result.map((r) => resultNames.indexOf(r)))}::int[])`)
  for (const [name, { field, column, grain: g }] of Object.entries(dimensionOf)) {
    const wanted = filter[name as keyof EventFilter]
    if (!Array.isArray(wanted)) continue
    needs(g)
    const ids = await idsOf(pool, field, wanted)
    if (ids.length < new Set(wanted).size && (await isFull(pool, field))) {
      needs("rows")
      parts.push(
        `(${column} = any(${bind(ids)}::int[]) or (${column} = ${inlineId} and inline->>'${field}' = any(${bind(wanted)}::text[])))`,
      )
    } else if (ids.length === 1) parts.push(`${column} = ${bind(ids[0])}::int`)
    else if (ids.length > 0) parts.push(`${column} = any(${bind(ids)}::int[])`)
    else impossible = true
  }
  if (filter.scope) {
    needs("party")
    const { rows } = await pool.query<{ id: number }>(
      `select id from dimension where field = $1 and string_to_array(value, E'\\n') && $2::text[]`,
      [fieldNumber("scopes"), filter.scope],
    )
    const known = `scopes = any(${bind(rows.map((r) => r.id))}::int[])`
    // A set of scopes that found no room may hold any of them.
    if (await isFull(pool, "scopes")) {
      needs("rows")
      parts.push(
        `(${known} or (scopes = ${inlineId} and string_to_array(inline->>'scopes', E'\\n') && ${bind(filter.scope)}::text[]))`,
      )
    } else {
      if (rows.length === 0) impossible = true
      parts.push(known)
    }
  }
  for (const column of ["trace_id", "jti"] as const) {
    const wanted = filter[column]
    if (!wanted) continue
    needs("rows")
    parts.push(
      wanted.length === 1 ? `${column} = ${bind(wanted[0])}::text` : `${column} = any(${bind(wanted)}::text[])`,
    )
  }
  if (filter.ip) {
    needs("rows")
    const valid = filter.ip.filter((ip) => isIP(ip) > 0 && !ip.includes("%"))
    if (valid.length === 0) impossible = true
    parts.push(`ip = any(${bind(valid)}::inet[])`)
  }
  const texts = await Promise.all(searchWords(filter.q).map((word) => findText(pool, word)))
  for (const text of texts) {
    needs("rows")
    const { indexed, loose } = textSql(text, bind)
    parts.push(`(${indexed} or ${loose})`)
  }
  return {
    sql: parts.map((p) => ` and ${p}`).join(""),
    values,
    impossible,
    answers: order[grain] ?? "rows",
    needle: Boolean(filter.trace_id ?? filter.jti),
    texts,
  }
}
