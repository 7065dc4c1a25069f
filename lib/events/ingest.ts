import "server-only"
import { Unavailable } from "../base/errors.ts"
import { dayMs, minuteMs } from "../base/time.ts"
import { ingestPool } from "../db/ingest.ts"
import { isDatabaseTrouble, sqlState } from "../db/trouble.ts"
import { type IngestTx, withIngestTx } from "../db/tx.ts"
import { type Appended, appendRows } from "./append.ts"
import { breathe, Pace } from "./breath.ts"
import { deltaOf } from "./delta.ts"
import { cachedIds, learn, learnWord } from "./dictionary.ts"
import { requireDurability } from "./durability.ts"
import { Gate } from "./gate.ts"
import { dashed, eventIdentity } from "./identity.ts"
import { retentionDaysDefault } from "./limits.ts"
import type { ValidLine } from "./line.ts"
import { type DimensionField, dimensionFields, type EventRow, inlineId } from "./row.ts"
import { isRejection, validateLine } from "./validate.ts"
import { flagBits, type Rejection } from "./words.ts"

export interface IngestResult {
  readonly received: number
  readonly stored: number
  readonly duplicates: number
  /** `index` counts the lines from 0. These will never succeed as they are. */
  readonly rejected: readonly RefusedLine[]
}

export interface IngestOptions {
  readonly now?: Date
  readonly retentionDays?: number
  readonly reader?: LogReader
}

/** Refused for good. `index` counts the lines from 0. */
export type RefusedLine = Rejection & { readonly index: number }

/** Reads a log with overlap: what it has already is neither a duplicate nor a conflict. */
export interface LogReader {
  /**
   * In the transaction of the batch, after its events: keeps the reader's place. Answers how many of the refused lines were
   * not refused before. Runs again when the transaction does.
   */
  commit(tx: IngestTx, refused: readonly RefusedLine[]): Promise<number>
}

/** As many as the pool has connections; the queue before it is bounded. */
const gate = new Gate({ running: 8, waiting: 64, waitMs: 900 })
const attemptsMax = 3
const stagedMs = minuteMs
/** Sources that sent something twice lately. */
const stagedUntil = new Map<string, number>()

/**
 * Stores lines of one source, once each. When it returns, everything it counts as stored or duplicate is committed, with
 * its rollups and the source's progress, in one transaction. Throws Unavailable (503) when nothing was stored and the same
 * batch should come again.
 */
export async function ingest(
  sourceId: string,
  lines: readonly string[],
  options: IngestOptions = {},
): Promise<IngestResult> {
  try {
    await requireDurability()
    return await gate.pass(() => run(sourceId, lines, options))
  } catch (error) {
    if (isDatabaseTrouble(error))
      throw new Unavailable(
        "database_unavailable",
        "The database cannot take events at the moment. Send the same batch again.",
        2,
        { cause: error },
      )
    throw error
  }
}

/** The rows that `ingest` would write for these lines, with their words known: for measuring a bare COPY of the same rows. */
export async function readyRows(sourceId: string, lines: readonly string[], now: Date): Promise<EventRow[]> {
  const { rows } = await prepare(sourceId, lines, now, retentionDaysDefault)
  await nameWords(sourceId, rows)
  return rows.sort((a, b) => a.ts - b.ts || (a.id < b.id ? -1 : 1))
}

async function run(sourceId: string, lines: readonly string[], options: IngestOptions): Promise<IngestResult> {
  const now = options.now ?? new Date()
  const receivedUs = now.getTime() * 1_000
  const { rows, rejected, repeats } = await prepare(sourceId, lines, now, options.retentionDays ?? retentionDaysDefault)
  const source = await nameWords(sourceId, rows)
  for (let attempt = 1; ; attempt++) {
    try {
      const done = await withIngestTx((tx) =>
        store(tx, { id: sourceId, word: source }, rows, receivedUs, { rejected, repeats }, options.reader ?? null),
      )
      if (done.staged) stagedUntil.set(sourceId, Date.now() + stagedMs)
      rejected.push(...done.parked.map(parkedLine))
      rejected.sort((a, b) => a.index - b.index)
      return {
        received: lines.length,
        stored: done.stored.length,
        duplicates: done.duplicates + repeats.length,
        rejected,
      }
    } catch (error) {
      const state = sqlState(error)
      if ((state !== "40P01" && state !== "40001") || attempt >= attemptsMax) throw error
    }
  }
}

const parkedLine = ({ row, sqlstate }: Appended["parked"][number]): RefusedLine => ({
  index: row.index,
  code: "parked",
  message: `The database refuses this line as data (${sqlstate}). It is kept aside for a person to look at.`,
})

interface Repeat {
  readonly first: EventRow
  readonly raw: string
}

/** Checks every line and gives it its identity, in slices, so that the event loop is never held for long. */
async function prepare(sourceId: string, lines: readonly string[], now: Date, retentionDays: number) {
  const window = { nowMs: now.getTime(), oldestMs: now.getTime() - retentionDays * dayMs }
  const nowUs = now.getTime() * 1_000
  const rejected: RefusedLine[] = []
  const seen = new Map<string, EventRow>()
  const repeats: Repeat[] = []
  const pace = new Pace()
  for (let index = 0; index < lines.length; index++) {
    const raw = lines[index] ?? ""
    const line = validateLine(raw, window)
    if (isRejection(line)) rejected.push({ index, ...line })
    else {
      const id = eventIdentity(sourceId, line.givenId, line.canonical ?? "")
      line.canonical = null
      if (line.ts === null) line.flags |= flagBits.undated
      const first = seen.get(id)
      if (first) repeats.push({ first, raw })
      else
        seen.set(id, {
          index,
          raw,
          line,
          id,
          ts: line.ts ?? nowUs,
          dims: [inlineId, null, null, null, null, null, null, null, null, null, null, null],
          inline: null,
        })
    }
    const rest = (index & 63) === 63 ? pace.rest() : null
    if (rest) await rest
  }
  return { rows: [...seen.values()], rejected, repeats }
}

/** Puts dimension ids in place of words; new words are learnt (and committed) first. Answers the word of the source. */
async function nameWords(sourceId: string, rows: readonly EventRow[]): Promise<number> {
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

async function store(
  tx: IngestTx,
  source: { readonly id: string; readonly word: number },
  all: EventRow[],
  receivedUs: number,
  sent: { rejected: readonly RefusedLine[]; repeats: readonly Repeat[] },
  reader: LogReader | null,
): Promise<Appended> {
  await dateUndated(
    tx,
    all.filter((row) => row.line.ts === null),
    receivedUs,
  )
  const rows = reader === null ? all : await notYetStored(tx, all)
  rows.sort((a, b) => a.ts - b.ts || (a.id < b.id ? -1 : 1))
  const staged = (stagedUntil.get(source.id) ?? 0) > Date.now()
  const done = await appendRows(tx, rows, receivedUs, staged)
  await park(tx, done, source.word, receivedUs)
  await recordRepeats(tx, sent.repeats, source.word, receivedUs)
  await breathe()
  const refused =
    reader === null ? sent.rejected.length + done.parked.length : await readerCommit(reader, tx, sent, done)
  if (reader === null || done.stored.length > 0 || refused > 0)
    await addDelta(tx, source.word, rows, receivedUs, done, {
      duplicates: reader === null ? done.duplicates + sent.repeats.length : 0,
      rejected: refused,
    })
  if (reader !== null) done.duplicates += all.length - rows.length
  return done
}

const readerCommit = (
  reader: LogReader,
  tx: IngestTx,
  sent: { readonly rejected: readonly RefusedLine[] },
  done: Appended,
): Promise<number> => reader.commit(tx, [...sent.rejected, ...done.parked.map(parkedLine)])

async function addDelta(
  tx: IngestTx,
  source: number,
  rows: readonly EventRow[],
  receivedUs: number,
  done: Appended,
  counts: { readonly duplicates: number; readonly rejected: number },
): Promise<void> {
  const delta = deltaOf(done.stored)
  const lastUs = Math.min(rows.at(-1)?.ts ?? 0, receivedUs)
  await tx.query(
    `insert into event_delta (source, received_at, last_ts, stored, duplicates, rejected, flow, party, latency)
     values ($1, to_timestamp($2::float8), to_timestamp($3::float8), $4, $5, $6, $7, $8, $9)`,
    [
      source,
      receivedUs / 1e6,
      rows.length > 0 ? lastUs / 1e6 : null,
      done.stored.length,
      counts.duplicates,
      counts.rejected,
      list(delta.flow),
      list(delta.party),
      list(delta.latency),
    ],
  )
}

/** Without the rows that stand in the table by their time and id. */
async function notYetStored(tx: IngestTx, rows: readonly EventRow[]): Promise<EventRow[]> {
  if (rows.length === 0) return []
  const times = rows.map((row) => row.ts)
  const { rows: known } = await tx.query<{ id: string }>(
    `select t.id::text from unnest($1::bigint[], $2::uuid[]) as u (us, id)
     join token_event t on t.id = u.id and t.ts = timestamptz 'epoch' + u.us * interval '1 microsecond'
     where t.ts between timestamptz 'epoch' + $3::bigint * interval '1 microsecond'
       and timestamptz 'epoch' + $4::bigint * interval '1 microsecond'`,
    [
      times,
      rows.map((row) => dashed(row.id)),
      times.reduce((a, b) => Math.min(a, b)),
      times.reduce((a, b) => Math.max(a, b)),
    ],
  )
  const stored = new Set(known.map(({ id }) => id.replaceAll("-", "")))
  return rows.filter((row) => !stored.has(row.id))
}

const list = (numbers: readonly number[]): string => `{${numbers.join()}}`

/** A line without a timestamp keeps the time of its first receipt, so that its re-send is the same event (4.3). */
async function dateUndated(tx: IngestTx, rows: readonly EventRow[], receivedUs: number): Promise<void> {
  if (rows.length === 0) return
  const ids = rows.map((row) => dashed(row.id)).sort()
  await tx.query(
    "insert into event_undated (id, ts) select unnest($1::uuid[]), to_timestamp($2::float8) on conflict do nothing",
    [ids, receivedUs / 1e6],
  )
  const known = await tx.query<{ id: string; us: string }>(
    "select id::text, (extract(epoch from ts) * 1000000)::bigint::text as us from event_undated where id = any($1::uuid[])",
    [ids],
  )
  const times = new Map(known.rows.map((r) => [r.id.replaceAll("-", ""), Number(r.us)]))
  for (const row of rows) row.ts = times.get(row.id) ?? receivedUs
}

async function park(tx: IngestTx, done: Appended, source: number, receivedUs: number): Promise<void> {
  for (const { row, sqlstate, reason } of done.parked) {
    await tx.query(
      `insert into event_parked (id, source, received_at, sqlstate, reason, raw) values ($1, $2, to_timestamp($3::float8), $4, $5, $6)
       on conflict (id) do nothing`,
      [dashed(row.id), source, receivedUs / 1e6, sqlstate, reason.slice(0, 500), Buffer.from(row.raw)],
    )
  }
}

/** One id twice in one batch with two bodies: the first one counts, the other is kept as a conflict (F11). */
async function recordRepeats(
  tx: IngestTx,
  repeats: readonly Repeat[],
  source: number,
  receivedUs: number,
): Promise<void> {
  for (const { first, raw } of repeats) {
    if (first.raw === raw) continue
    await tx.query(
      `insert into event_conflict (id, source, kept_ts, other_ts, noticed_at, other)
       values ($1, $2, to_timestamp($3::float8), to_timestamp($3::float8), to_timestamp($4::float8), jsonb_build_object('raw', encode($5::bytea, 'escape')))
       on conflict do nothing`,
      [dashed(first.id), source, first.ts / 1e6, receivedUs / 1e6, Buffer.from(raw)],
    )
  }
}
