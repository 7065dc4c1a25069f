import "server-only"
import { hash } from "node:crypto"
import type { Pool } from "../db/pool.ts"
import { type DimensionField, dimensionFields, inlineId } from "./row.ts"

/** Beyond this many different words a field's new ones go inline: a flood of made-up names cannot grow the dictionary for ever. */
const wordsMax = 50_000

interface Known {
  readonly ids: Map<string, number>[]
  readonly words: Map<number, string>
  counts: number[] | null
}

/** One cache per pool: it lives and dies with the database that it is true of. */
const shared = globalThis as typeof globalThis & { grantryDictionaries?: WeakMap<Pool, Known> }

function knownOf(pool: Pool): Known {
  const caches = (shared.grantryDictionaries ??= new WeakMap())
  const known = caches.get(pool) ?? {
    ids: dimensionFields.map(() => new Map<string, number>()),
    words: new Map<number, string>(),
    counts: null,
  }
  caches.set(pool, known)
  return known
}

const digest = (value: string): Buffer => hash("sha256", value, "buffer").subarray(0, 16)
export const fieldNumber = (field: DimensionField): number => dimensionFields.indexOf(field)

/** The ids that are known without asking. */
export const cachedIds = (pool: Pool, field: DimensionField): ReadonlyMap<string, number> =>
  knownOf(pool).ids[fieldNumber(field)] ?? new Map()

/**
 * Makes every wanted word known: read, and written where new, in a statement of its own that commits before the batch (an
 * id in the cache is an id in the table). Sorted, so that two writers never wait for each other in a ring.
 */
export async function learn(pool: Pool, wanted: ReadonlyMap<DimensionField, ReadonlySet<string>>): Promise<void> {
  const known = knownOf(pool)
  const missing: { field: number; digest: Buffer; value: string }[] = []
  for (const [field, values] of wanted)
    for (const value of values) missing.push({ field: fieldNumber(field), digest: digest(value), value })
  if (missing.length === 0) return
  missing.sort((a, b) => a.field - b.field || Buffer.compare(a.digest, b.digest))
  await read(pool, known, missing)
  const fresh = missing.filter((m) => !known.ids[m.field]?.has(m.value))
  // Counted now: another process may have filled a field since, and keeps there inline what would get an id here.
  if (fresh.some(({ field }) => !isKnownFull(known, field))) known.counts = await countWords(pool)
  const room = [...(known.counts ?? [])]
  const made = fresh.filter((m) => {
    room[m.field] = (room[m.field] ?? 0) + 1
    return (room[m.field] ?? 0) <= wordsMax
  })
  if (made.length > 0) {
    await pool.query(
      `insert into dimension (field, digest, value) select * from unnest($1::smallint[], $2::bytea[], $3::text[]) on conflict do nothing`,
      [made.map((m) => m.field), made.map((m) => m.digest), made.map((m) => m.value)],
    )
    await read(pool, known, made)
  }
}

async function read(
  pool: Pool,
  known: Known,
  wanted: readonly { field: number; digest: Buffer; value: string }[],
): Promise<void> {
  const { rows } = await pool.query<{ id: number; field: number; value: string }>(
    `select d.id, d.field, d.value from unnest($1::smallint[], $2::bytea[]) as w(field, digest) join dimension d using (field, digest)`,
    [wanted.map((m) => m.field), wanted.map((m) => m.digest)],
  )
  for (const row of rows) {
    known.ids[row.field]?.set(row.value, row.id)
    known.words.set(row.id, row.value)
  }
}

async function countWords(pool: Pool): Promise<number[]> {
  const { rows } = await pool.query<{ field: number; n: number }>(
    "select field, count(*)::int as n from dimension group by field",
  )
  return dimensionFields.map((_, field) => rows.find((r) => r.field === field)?.n ?? 0)
}

/** The ids of those of the words that have one. What has none never came, or stands inline where the field `isFull`. */
export async function idsOf(pool: Pool, field: DimensionField, words: readonly string[]): Promise<number[]> {
  const known = knownOf(pool)
  const number = fieldNumber(field)
  const wanted = [...new Set(words)]
  const missing = wanted.filter((value) => !known.ids[number]?.has(value))
  if (missing.length > 0)
    await read(
      pool,
      known,
      missing.map((value) => ({ field: number, digest: digest(value), value })),
    )
  return wanted.flatMap((value) => known.ids[number]?.get(value) ?? [])
}

/** The id of one word; null where it has none. */
export async function findWord(pool: Pool, field: DimensionField, value: string): Promise<number | null> {
  return (await idsOf(pool, field, [value]))[0] ?? null
}

const isKnownFull = (known: Known, field: number): boolean => (known.counts?.[field] ?? 0) >= wordsMax

/** Whether words of one of these fields may stand inline, where no id finds them. Full once is full for ever: no word is taken away. */
export async function isFull(pool: Pool, ...fields: DimensionField[]): Promise<boolean> {
  const known = knownOf(pool)
  const full = () => fields.some((field) => isKnownFull(known, fieldNumber(field)))
  if (!full()) known.counts = await countWords(pool)
  return full()
}

/** Every word of a field that has few. */
export async function allWords(pool: Pool, field: DimensionField): Promise<string[]> {
  const { rows } = await pool.query<{ value: string }>(
    "select value from dimension where field = $1 order by id limit 5000",
    [fieldNumber(field)],
  )
  return rows.map((r) => r.value)
}

/** Makes one word known and answers its id. */
export async function learnWord(pool: Pool, field: DimensionField, value: string): Promise<number> {
  const cached = knownOf(pool).ids[fieldNumber(field)]?.get(value)
  if (cached !== undefined) return cached
  await learn(pool, new Map([[field, new Set([value])]]))
  return knownOf(pool).ids[fieldNumber(field)]?.get(value) ?? inlineId
}

/** The words of ids, for showing rows. */
export async function wordsOf(pool: Pool, ids: Iterable<number>): Promise<ReadonlyMap<number, string>> {
  const known = knownOf(pool)
  const missing = [...new Set(ids)].filter((id) => id > 0 && !known.words.has(id))
  if (missing.length > 0) {
    const { rows } = await pool.query<{ id: number; field: number; value: string }>(
      "select id, field, value from dimension where id = any($1::int[])",
      [missing],
    )
    for (const row of rows) {
      known.ids[row.field]?.set(row.value, row.id)
      known.words.set(row.id, row.value)
    }
  }
  return known.words
}
