import "server-only"
import { copyIn } from "../db/copy.ts"
import { sqlState } from "../db/trouble.ts"
import type { IngestTx } from "../db/tx.ts"
import { copyColumns, encodeRows } from "./copy.ts"
import { breathe } from "./breath.ts"
import type { EventRow } from "./row.ts"

export interface Appended {
  readonly stored: EventRow[]
  duplicates: number
  /** Rows that the database refuses as data, with its SQLSTATE and words. */
  readonly parked: { row: EventRow; sqlstate: string; reason: string }[]
  /** A row was there already: the next batches of this source start staged. */
  staged: boolean
}

/** Cardinality, data, integrity, limits: the event's fault. Anything else is the server's (reliability.md 4.4). */
const dataClasses = new Set(["21", "22", "23", "54"])
const uniqueViolation = "23505"

const directCopy = `copy token_event (${copyColumns}) from stdin (format binary)`
const stagedCopy = `copy ingest_stage (${copyColumns}) from stdin (format binary)`
const compared = copyColumns.split(", ").filter((c) => c !== "received_at" && c !== "ts" && c !== "id")

/**
 * Writes rows (sorted by ts and id) once: straight by COPY, through a temporary table when one of them is there already,
 * and by halves when one of them is poison. All inside the caller's transaction.
 */
export async function appendRows(
  tx: IngestTx,
  rows: readonly EventRow[],
  receivedUs: number,
  startStaged: boolean,
): Promise<Appended> {
  const result: Appended = { stored: [], duplicates: 0, parked: [], staged: startStaged }
  await part(tx, rows, receivedUs, startStaged, result)
  return result
}

async function part(
  tx: IngestTx,
  rows: readonly EventRow[],
  receivedUs: number,
  staged: boolean,
  result: Appended,
): Promise<void> {
  if (rows.length === 0) return
  await tx.query("savepoint part")
  try {
    if (staged) await appendStaged(tx, rows, receivedUs, result)
    else {
      await breathe()
      await copyIn(tx, directCopy, encodeRows(rows, receivedUs))
      for (const row of rows) result.stored.push(row)
    }
    await tx.query("release savepoint part")
  } catch (error) {
    const state = sqlState(error) ?? ""
    if (!dataClasses.has(state.slice(0, 2))) throw error
    await tx.query("rollback to savepoint part")
    if (state === uniqueViolation && !staged) {
      result.staged = true
      return part(tx, rows, receivedUs, true, result)
    }
    const [only] = rows
    if (rows.length === 1 && only) {
      result.parked.push({ row: only, sqlstate: state, reason: error instanceof Error ? error.message : String(error) })
      return
    }
    const half = rows.length >> 1
    await part(tx, rows.slice(0, half), receivedUs, staged, result)
    await part(tx, rows.slice(half), receivedUs, staged, result)
  }
}

async function appendStaged(
  tx: IngestTx,
  rows: readonly EventRow[],
  receivedUs: number,
  result: Appended,
): Promise<void> {
  await tx.query("create temp table if not exists ingest_stage (like token_event) on commit delete rows")
  await tx.query("delete from ingest_stage")
  await copyIn(tx, stagedCopy, encodeRows(rows, receivedUs))
  const inserted = await tx.query<{ id: string }>(
    `insert into token_event (${copyColumns}) select ${copyColumns} from ingest_stage order by ts, id on conflict (ts, id) do nothing returning id::text`,
  )
  const fresh = new Set(inserted.rows.map((r) => r.id.replaceAll("-", "")))
  if (fresh.size < rows.length) await recordConflicts(tx, receivedUs)
  for (const row of rows) {
    if (fresh.has(row.id)) result.stored.push(row)
    else result.duplicates++
  }
}

/** Same time and id, other body: the first one stays, the difference is kept for an alarm (F11). */
async function recordConflicts(tx: IngestTx, receivedUs: number): Promise<void> {
  const columns = (alias: string) => compared.map((c) => `${alias}.${c}`).join(", ")
  await tx.query(
    `insert into event_conflict (id, source, kept_ts, other_ts, noticed_at, other)
     select s.id, s.source, t.ts, s.ts, to_timestamp($1::float8), to_jsonb(s)
     from ingest_stage s join token_event t on t.ts = s.ts and t.id = s.id
     where row(${columns("s")}) is distinct from row(${columns("t")})
     on conflict do nothing`,
    [receivedUs / 1e6],
  )
}
