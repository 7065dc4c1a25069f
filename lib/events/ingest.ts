import "server-only"
import { Unavailable } from "../base/errors.ts"
import { minuteMs } from "../base/time.ts"
import { isDatabaseTrouble, sqlState } from "../db/trouble.ts"
import { type IngestTx, withIngestTx } from "../db/tx.ts"
import { type Appended, appendRows } from "./append.ts"
import { breathe } from "./breath.ts"
import { deltaOf } from "./delta.ts"
import { requireDurability } from "./durability.ts"
import { Gate } from "./gate.ts"
import { dashed } from "./identity.ts"
import { retentionDaysDefault } from "./limits.ts"
import { nameWords } from "./name-words.ts"
import { prepare, type RefusedLine, type Repeat } from "./prepare.ts"
import type { EventRow } from "./row.ts"

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
