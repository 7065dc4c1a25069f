import "server-only"
import { isIP } from "node:net"
import { isId } from "../base/id.ts"
import type { Pool } from "../db/pool.ts"
import { allWords, fieldNumber, findWord } from "./dictionary.ts"
import { dashed, eventIdentity } from "./identity.ts"
import { type EventFilter, searchWords } from "./query.ts"
import { type DimensionField, dimensionFields, inlineId } from "./row.ts"
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
    const ids: number[] = []
    const inline: string[] = []
    for (const value of wanted) {
      const id = await findWord(pool, field, value)
      if (id === inlineId) inline.push(value)
      else if (id !== null) ids.push(id)
    }
    if (inline.length > 0) {
      needs("rows")
      parts.push(
        `(${column} = any(${bind(ids)}::int[]) or (${column} = 0 and inline->>${bind(field)} = any(${bind(inline)}::text[])))`,
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
    if (rows.length === 0) impossible = true
    parts.push(`scopes = any(${bind(rows.map((r) => r.id))}::int[])`)
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
  let rare = false
  for (const text of searchWords(filter.q)) {
    needs("rows")
    const free = await freeText(pool, text, bind)
    rare ||= free.rare
    parts.push(free.sql)
  }
  return {
    sql: parts.map((p) => ` and ${p}`).join(""),
    values,
    impossible,
    answers: order[grain] ?? "rows",
    needle: rare || Boolean(filter.trace_id ?? filter.jti),
  }
}

const searched: readonly DimensionField[] = dimensionFields.filter((f) => f !== "source")
const columnOf = (field: DimensionField): string => (field === "grantType" ? "grant_type" : field)

/**
 * One word: part of a dictionary word (any case), a whole id (trace, token, user, event), an address, or a part of the extra
 * fields. No pattern of the user's reaches a matcher. `rare`: no dictionary word holds it, so every arm has an index and the
 * rows are few.
 */
async function freeText(
  pool: Pool,
  text: string,
  bind: (value: unknown) => string,
): Promise<{ sql: string; rare: boolean }> {
  const { rows } = await pool.query<{ id: number; field: number }>(
    "select id, field from dimension where field <> 0 and strpos(lower(value), lower($1)) > 0 limit 5000",
    [text],
  )
  const either: string[] = []
  for (const field of searched) {
    const ids = rows.filter((r) => r.field === fieldNumber(field)).map((r) => r.id)
    if (ids.length > 0) either.push(`${columnOf(field)} = any(${bind(ids)}::int[])`)
  }
  const rare = either.length === 0
  const needle = bind(text)
  for (const column of ["trace_id", "jti", "user_id"]) either.push(`${column} = ${needle}::text`)
  // The id that a sender gave is found by the identity that it makes with each source.
  const identities = (await allWords(pool, "source")).map((source) => dashed(eventIdentity(source, text, "")))
  if (isId(text)) identities.push(text)
  if (identities.length > 0) either.push(`id = any(${bind(identities)}::uuid[])`)
  either.push(
    `((extra is not null or inline is not null) and (strpos(lower(extra::text), lower(${needle}::text)) > 0 or strpos(lower(inline::text), lower(${needle}::text)) > 0))`,
  )
  if (isIP(text) > 0 && !text.includes("%")) either.push(`ip = ${bind(text)}::inet`)
  return { sql: `(${either.join(" or ")})`, rare }
}
