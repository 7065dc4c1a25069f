import "server-only"
import { ingestPool } from "../db/ingest.ts"
import { Pace } from "./breath.ts"
import { cachedIds, learn, learnWord } from "./dictionary.ts"
import type { ValidLine } from "./line.ts"
import { type DimensionField, dimensionFields, type EventRow, inlineId } from "./row.ts"

/** Puts dimension ids in place of words; new words are learnt (and committed) first. Answers the word of the source. */
export async function nameWords(sourceId: string, rows: readonly EventRow[]): Promise<number> {
  const pool = ingestPool()
  const source = await learnWord(pool, "source", sourceId)
  const known = lineFields.map((field) => cachedIds(pool, field))
  const unknown = new Map<LineField, Set<string>>()
  const late: EventRow[] = []
  const pace = new Pace()
  for (const [at, row] of rows.entries()) {
    if (!nameRow(row, source, known, unknown)) late.push(row)
    const rest = (at & 255) === 255 ? pace.rest() : null
    if (rest) await rest
  }
  if (late.length > 0) await learn(pool, unknown)
  for (const row of late) {
    nameRow(row, source, known, new Map())
    row.inline = inlineWords(row)
  }
  return source
}

type LineField = Exclude<DimensionField, "source"> & keyof ValidLine
const lineFields = dimensionFields.filter((f): f is LineField => f !== "source")

/** The words of a line in the order of `lineFields`. Spelled out: a computed key costs more than the look-up. */
const wordsIn = (l: ValidLine): (string | null)[] => [
  l.client,
  l.audience,
  l.provider,
  l.scopes,
  l.reason,
  l.grantType,
  l.resource,
  l.agent,
  l.kid,
  l.secret,
  l.purpose,
]

/** Answers whether every word was known; the others are noted. A word that stays unknown is kept inline. */
function nameRow(
  row: EventRow,
  source: number,
  known: readonly ReadonlyMap<string, number>[],
  unknown: Map<LineField, Set<string>>,
): boolean {
  const words = wordsIn(row.line)
  let complete = true
  row.dims[0] = source
  for (let f = 0; f < words.length; f++) {
    const value = words[f] ?? null
    const id = value === null ? null : known[f]?.get(value)
    if (id === undefined && value !== null) {
      complete = false
      const field = lineFields[f] as LineField
      unknown.set(field, (unknown.get(field) ?? new Set()).add(value))
    }
    row.dims[f + 1] = id === undefined ? inlineId : id
  }
  return complete
}

function inlineWords(row: EventRow): string | null {
  const words = wordsIn(row.line)
  const inline = lineFields.flatMap((field, f) => (row.dims[f + 1] === inlineId ? [[field, words[f]] as const] : []))
  return inline.length > 0 ? JSON.stringify(Object.fromEntries(inline)) : null
}
