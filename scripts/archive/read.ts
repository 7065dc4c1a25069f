import { createReadStream } from "node:fs"
import { createInterface } from "node:readline"
import { Readable } from "node:stream"
import { pipeline } from "node:stream/promises"
import { createGunzip } from "node:zlib"
import pg from "pg"
import { from as copyFrom } from "pg-copy-streams"
import { SetupFailed, lineOf } from "../setup/failure.ts"
import { ease } from "./ease.ts"
import { closingLine, columnList, endOfRows, header, quoted, tableLine, type Header } from "./format.ts"

type Lines = AsyncIterator<string>

/** Opens a backup and reads its header. Throws SetupFailed when it is not one. */
export async function openArchive(file: string): Promise<{ header: Header; lines: Lines }> {
  const source = createReadStream(file)
  const unzipped = createGunzip()
  source.on("error", (error) => unzipped.destroy(error))
  source.pipe(unzipped)
  const reader = createInterface({ input: unzipped, crlfDelay: Infinity })
  const failed = new Promise<never>((_, reject) =>
    unzipped.on("error", () =>
      reject(new SetupFailed("The backup file is damaged or ends too early; nothing was restored.")),
    ),
  )
  failed.catch(() => {})
  const inner = reader[Symbol.asyncIterator]()
  const lines: Lines = { next: () => Promise.race([inner.next(), failed]) }
  try {
    const first = await lines.next()
    return { header: header.parse(JSON.parse(first.value ?? "")), lines }
  } catch (error) {
    throw new SetupFailed(`${file} is not a backup of Grantry: ${lineOf(error)}`)
  }
}

/**
 * Loads every row in one transaction, without triggers, and checks the foreign keys at its end: all or nothing. The tables
 * must be there, from the same migrations. Throws SetupFailed when the file ends too early or its rows do not fit together.
 */
export async function loadArchive(
  databaseUrl: string,
  archive: { header: Header; lines: Lines },
): Promise<{ tables: number; rows: number }> {
  const client = new pg.Client({ connectionString: databaseUrl, application_name: "grantry-restore" })
  await client.connect()
  try {
    await client.query("begin")
    const tighten = await ease(client)
    for (const { parent, name, bound } of archive.header.partitions) {
      const { rows } = await client.query<{ oid: string | null }>("select to_regclass($1)::text as oid", [quoted(name)])
      if (!rows[0]?.oid) await client.query(`create table ${quoted(name)} partition of ${quoted(parent)} ${bound}`)
    }
    const loaded = await loadTables(client, archive.lines)
    for (const { name, value, called } of archive.header.sequences)
      await client.query("select setval($1::regclass, $2::bigint, $3)", [quoted(name), value, called])
    await tighten()
    await client.query("commit")
    return loaded
  } catch (error) {
    if (error instanceof SetupFailed) throw error
    throw new SetupFailed(`The backup does not fit this database; nothing was restored: ${lineOf(error)}`)
  } finally {
    await client.end() // an open transaction is rolled back
  }
}

async function loadTables(client: pg.Client, lines: Lines): Promise<{ tables: number; rows: number }> {
  const seen = { tables: 0, rows: 0 }
  for (;;) {
    const { value, done } = await lines.next()
    if (done) throw new SetupFailed("The backup file ends too early; nothing was restored.")
    const found: unknown = JSON.parse(value)
    const closing = closingLine.safeParse(found)
    if (closing.success) {
      if (closing.data.tables !== seen.tables || closing.data.rows !== seen.rows)
        throw new SetupFailed("The backup file has not the rows it says; nothing was restored.")
      return seen
    }
    const { table, columns } = tableLine.parse(found)
    await client.query(`delete from ${quoted(table)}`) // rows that the migrations put there
    const sink = client.query(copyFrom(`copy ${quoted(table)} (${columnList(columns)}) from stdin`))
    await pipeline(Readable.from(batches(lines)), sink)
    seen.tables += 1
    seen.rows += sink.rowCount ?? 0
  }
}

/** Rows up to the end mark, in pieces of a useful size. */
async function* batches(lines: Lines): AsyncGenerator<string> {
  let piece = ""
  for (;;) {
    const { value, done } = await lines.next()
    if (done) throw new SetupFailed("The backup file ends too early; nothing was restored.")
    if (value === endOfRows) break
    piece += `${value}\n`
    if (piece.length > 65_536) {
      yield piece
      piece = ""
    }
  }
  if (piece !== "") yield piece
}
