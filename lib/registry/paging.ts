import { invalid } from "../base/errors.ts"
import { isId } from "../base/id.ts"
import { literally } from "../db/like.ts"
import { Prisma } from "../db/tx.ts"

/** Where a page begins: after the row with this sort value and id. Opaque outside (the route encodes it). */
export type After = readonly (string | number | null)[]

export interface Page<T> {
  readonly items: readonly T[]
  /** Null at the end. */
  readonly next: After | null
}

export interface Sorting {
  /** A fixed SQL expression of ours, never input. */
  readonly by: Prisma.Sql
  readonly descending: boolean
  /** How the value travels in a cursor. */
  readonly type: "text" | "timestamptz"
}

/** `order by <by>, id`: the id makes the order total, so that no row is skipped or shown twice. */
export function orderBy({ by, descending }: Sorting, id: Prisma.Sql): Prisma.Sql {
  return descending ? Prisma.sql`order by ${by} desc, ${id} desc` : Prisma.sql`order by ${by} asc, ${id} asc`
}

const instant = /^(?:infinity|\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{6}Z)$/

/** The keyset condition: rows past the cursor, found by the index and not by counting. */
export function pastCursor({ by, descending, type }: Sorting, id: Prisma.Sql, after: After | undefined): Prisma.Sql {
  if (!after) return Prisma.sql`true`
  const [value, last] = after
  const fits = typeof value === "string" && (type === "text" ? !value.includes("\u0000") : instant.test(value))
  if (!fits || typeof last !== "string" || !isId(last) || after.length !== 2)
    throw invalid("cursor", "bad_cursor", "This cursor belongs to another list.")
  const at = type === "timestamptz" ? Prisma.sql`${value}::text::timestamptz` : Prisma.sql`${value}::text`
  return descending
    ? Prisma.sql`(${by}, ${id}) < (${at}, ${last}::uuid)`
    : Prisma.sql`(${by}, ${id}) > (${at}, ${last}::uuid)`
}

/** Each word must occur somewhere in `text`, whatever the letter case. `%` and `_` mean themselves. */
export function everyWord(text: Prisma.Sql, q: string | undefined): Prisma.Sql {
  const found = (q ?? "")
    .toLowerCase()
    .split(/\s+/)
    .filter((word) => word !== "")
    .slice(0, 8)
  if (found.length === 0) return Prisma.sql`true`
  const conditions = found.map((word) => Prisma.sql`${text} like ${`%${literally(word)}%`}`)
  return Prisma.sql`(${Prisma.join(conditions, " and ")})`
}

export const allOf = (conditions: readonly Prisma.Sql[]): Prisma.Sql =>
  conditions.length === 0 ? Prisma.sql`true` : Prisma.join([...conditions], " and ")

/** Cuts the one row too many that was read to know whether there is a next page. */
export function pageOf<R, T>(
  rows: readonly R[],
  limit: number,
  view: (row: R) => T,
  keyOf: (row: R) => After,
): Page<T> {
  const shown = rows.slice(0, limit)
  const last = shown.at(-1)
  return { items: shown.map(view), next: rows.length > limit && last !== undefined ? keyOf(last) : null }
}
