import { createWriteStream } from "node:fs"
import { rename, rm } from "node:fs/promises"
import { once } from "node:events"
import { pipeline } from "node:stream/promises"
import { createGzip, type Gzip } from "node:zlib"
import pg from "pg"
import { to as copyTo } from "pg-copy-streams"
import { lineOf, SetupFailed } from "../setup/failure.ts"
import { columnList, endOfRows, quoted, recordTable, schemas, type Header, type TableLine } from "./format.ts"

/** Writes all rows as they stood at one moment. The file appears only when it is whole. Resolves to what it holds. */
export async function writeArchive(databaseUrl: string, file: string): Promise<{ tables: number; rows: number }> {
  const client = new pg.Client({ connectionString: databaseUrl, application_name: "grantry-backup" })
  await client.connect()
  const draft = `${file}.partial`
  const gzip = createGzip({ level: 6 })
  let trouble: unknown = null
  const written = pipeline(gzip, createWriteStream(draft, { mode: 0o600, flags: "wx" }))
  written.catch((error: unknown) => (trouble = error)) // awaited below
  try {
    await client.query("begin transaction isolation level repeatable read, read only")
    await line(gzip, await headerOf(client))
    const tables = await tablesOf(client)
    let rows = 0
    for (const table of tables) {
      await line(gzip, table)
      rows += await copyRows(client, table, gzip)
      await text(gzip, `${endOfRows}\n`)
    }
    await line(gzip, { end: true, tables: tables.length, rows })
    gzip.end()
    await written
    await rename(draft, file)
    return { tables: tables.length, rows }
  } catch (error) {
    const cannotWrite = trouble
    gzip.destroy()
    await written.catch(() => {})
    if (cannotWrite === null) throw error
    throw new SetupFailed(`The backup cannot be written to ${file}: ${lineOf(cannotWrite)}`)
  } finally {
    await rm(draft, { force: true })
    await client.end()
  }
}

async function text(gzip: Gzip, value: string | Buffer): Promise<void> {
  if (gzip.destroyed) throw new Error("The backup file cannot be written.")
  if (!gzip.write(value)) await once(gzip, "drain")
}

const line = (gzip: Gzip, value: object) => text(gzip, `${JSON.stringify(value)}\n`)

/** The rows are counted by the server; the stream is passed on as it is. */
async function copyRows(client: pg.Client, table: TableLine, gzip: Gzip): Promise<number> {
  const stream = client.query(copyTo(`copy ${quoted(table.table)} (${columnList(table.columns)}) to stdout`))
  for await (const chunk of stream) await text(gzip, chunk as Buffer)
  return stream.rowCount
}

async function headerOf(client: pg.Client): Promise<Header> {
  const migrations = await client.query<{ name: string }>(
    "select migration_name as name from _prisma_migrations where finished_at is not null and rolled_back_at is null order by migration_name",
  )
  const partitions = await client.query<{ parent: string; name: string; bound: string }>(
    `select n.nspname || '.' || p.relname as parent, n.nspname || '.' || c.relname as name, pg_get_expr(c.relpartbound, c.oid) as bound
       from pg_inherits i join pg_class c on c.oid = i.inhrelid join pg_class p on p.oid = i.inhparent join pg_namespace n on n.oid = c.relnamespace
      where c.relkind = 'r' and n.nspname = any($1) order by 2`,
    [schemas],
  )
  const names = await client.query<{ name: string; schema: string; sequence: string }>(
    "select schemaname || '.' || sequencename as name, schemaname as schema, sequencename as sequence from pg_sequences where schemaname = any($1) order by 1",
    [schemas],
  )
  const sequences: Header["sequences"] = []
  for (const { name } of names.rows) {
    const { rows } = await client.query<{ value: string; called: boolean }>(
      `select last_value::text as value, is_called as called from ${quoted(name)}`,
    )
    if (rows[0]) sequences.push({ name, ...rows[0] })
  }
  return {
    format: "grantry-backup",
    version: 1,
    created_at: new Date().toISOString(),
    migrations: migrations.rows.map((row) => row.name),
    partitions: partitions.rows,
    sequences,
  }
}

async function tablesOf(client: pg.Client): Promise<TableLine[]> {
  const { rows } = await client.query<TableLine>(
    `select n.nspname || '.' || c.relname as table, array_agg(a.attname::text order by a.attnum) as columns
       from pg_class c join pg_namespace n on n.oid = c.relnamespace
       join pg_attribute a on a.attrelid = c.oid and a.attnum > 0 and not a.attisdropped and a.attgenerated = ''
      where c.relkind = 'r' and n.nspname = any($1) and n.nspname || '.' || c.relname <> $2 group by 1 order by 1`,
    [schemas, recordTable],
  )
  return rows
}
