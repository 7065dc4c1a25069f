import "server-only"
import { isIP } from "node:net"
import { isId } from "../base/id.ts"
import type { Pool } from "../db/pool.ts"
import { allWords, fieldNumber } from "./dictionary.ts"
import { dashed, eventIdentity } from "./identity.ts"
import type { Range } from "./query.ts"
import { type DimensionField, dimensionFields } from "./row.ts"

/** One word of free text, and what the dictionaries know of it. */
export interface FoundText {
  readonly text: string
  /** Dictionary words that hold it, in any case; null where they are too many to list. */
  readonly fields: readonly { readonly field: DimensionField; readonly ids: readonly number[] | null }[]
  /** Identities that an event with this given id would have, source by source, and the text itself where it is one. */
  readonly identities: readonly string[]
}

const searched: readonly DimensionField[] = dimensionFields.filter((f) => f !== "source")
const columnOf = (field: DimensionField): string => (field === "grantType" ? "grant_type" : field)
const idsMax = 1_000
const holds = (needle: string) => `strpos(lower(value), lower(${needle}::text)) > 0`

/** Looks the word up. No pattern of the user's reaches a matcher. */
export async function findText(pool: Pool, text: string): Promise<FoundText> {
  if (text.includes("\u0000")) return { text: "", fields: [], identities: [] }
  const { rows } = await pool.query<{ field: number; n: number; ids: number[] }>(
    `select field, count(*)::int as n, (array_agg(id))[1:${idsMax}] as ids from dimension where field <> 0 and ${holds("$1")} group by field`,
    [text],
  )
  const fields = searched.flatMap((field) => {
    const row = rows.find((r) => r.field === fieldNumber(field))
    return row ? [{ field, ids: row.n > idsMax ? null : row.ids }] : []
  })
  // The id that a sender gave is found by the identity that it makes with each source.
  const identities = (await allWords(pool, "source")).map((source) => dashed(eventIdentity(source, text, "")))
  return { text, fields, identities: isId(text) ? [...identities, text] : identities }
}

/**
 * `indexed`: part of a dictionary word, the beginning of a trace or token id, a whole user or event id, an address; every arm
 * has an index. `loose`: part of the extra fields, looked at row by row. Text that cannot be stored matches nothing.
 */
export function textSql(found: FoundText, bind: (value: unknown) => string): { indexed: string; loose: string } {
  const { text } = found
  if (text === "") return { indexed: "false", loose: "false" }
  const needle = bind(text)
  const above = bind(`${text}\u{10FFFF}`)
  const either = found.fields.map(({ field, ids }) =>
    ids
      ? `${columnOf(field)} = any(${bind(ids)}::int[])`
      : `${columnOf(field)} in (select id from dimension where field = ${fieldNumber(field)} and ${holds(needle)})`,
  )
  for (const column of ["trace_id", "jti"])
    either.push(`(${column} ~>=~ ${needle}::text and ${column} ~<~ ${above}::text)`)
  either.push(`user_id = ${needle}::text`)
  if (found.identities.length > 0) either.push(`id = any(${bind(found.identities)}::uuid[])`)
  if (isIP(text) > 0 && !text.includes("%")) either.push(`ip = ${bind(text)}::inet`)
  const inside = (column: string) => `strpos(lower(${column}::text), lower(${needle}::text)) > 0`
  return {
    indexed: `(${either.join(" or ")})`,
    loose: `((extra is not null or inline is not null) and (${inside("extra")} or ${inside("inline")}))`,
  }
}

const fewMax = 1_000
const looked = 2_000

/**
 * Whether so few rows of the range hold the word that they are best fetched all and then sorted. Otherwise the newest are
 * found soonest by walking back in time. The extra fields are judged by the newest rows that have some.
 */
export async function inFewRows(pool: Pool, found: FoundText, { fromMs, toMs }: Range): Promise<boolean> {
  const values: unknown[] = [new Date(fromMs), new Date(toMs)]
  const { indexed, loose } = textSql(found, (value) => `$${values.push(value)}`)
  if (found.text === "") return true
  const { rows } = await pool.query<{ n: number; sampled: number }>(
    `select (select count(*)::int from (select from token_event where ts >= $1 and ts < $2 and ${indexed} limit ${fewMax + 1}) as i) as n,
       (select count(*)::int from (select extra, inline from token_event where ts >= $1 and ts < $2
          and (extra is not null or inline is not null) order by ts desc limit ${looked}) as l where ${loose}) as sampled`,
    values,
  )
  const [row] = rows
  return row !== undefined && row.n <= fewMax && row.sampled * 100 < looked
}
