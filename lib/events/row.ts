import type { ValidLine } from "./line.ts"

/** Fields that are kept as a number into the dimension table. The position is what `dimension.field` holds: append only. */
export const dimensionFields = [
  "source",
  "client",
  "audience",
  "provider",
  "scopes",
  "reason",
  "grantType",
  "resource",
  "agent",
  "kid",
  "secret",
  "purpose",
] as const
export type DimensionField = (typeof dimensionFields)[number]

/** Stands in a dimension column for "the word is in `inline`". */
export const inlineId = 0
/** Stands in rollups for "absent". */
export const absentId = -1

/** A line that is ready to be stored. */
export interface EventRow {
  readonly index: number
  readonly raw: string
  readonly line: ValidLine
  /** 32 hexadecimal digits. */
  readonly id: string
  /** Microseconds since 1970. */
  ts: number
  /** Dimension ids in the order of dimensionFields; null is absent. */
  readonly dims: (number | null)[]
  /** JSON text of the words that found no place in the dimension table. */
  inline: string | null
}
