import { randomBytes } from "node:crypto"
import { readdir, readFile } from "node:fs/promises"
import { fileURLToPath } from "node:url"
import pg from "pg"
import { sha256 } from "../base/digest.ts"
import { closeDb } from "./client.ts"
import { closeEventPools } from "./ingest.ts"
import { migrate } from "./migrate.ts"
import { useDatabase } from "./url.ts"

export interface TestDatabase {
  readonly url: string
  /** Closes this process's pools and removes the database. For afterAll. */
  drop(): Promise<void>
}

const migrations = fileURLToPath(new URL("../../prisma/migrations", import.meta.url))
/** Any fixed number: one process at a time makes the template. */
const templateLock = 4_270_926_122

function serverUrl(): string {
  const url = process.env.DATABASE_URL
  if (!url) throw new Error("Database tests need DATABASE_URL: a Postgres server on which databases may be made.")
  return url
}

function inDatabase(server: string, name: string): string {
  const url = new URL(server)
  url.pathname = `/${name}`
  return url.href
}

/** One template per state of the migrations and per day (the event partitions follow the calendar). */
async function templateName(): Promise<string> {
  const parts: string[] = [new Date().toISOString().slice(0, 10)]
  for (const entry of (await readdir(migrations, { withFileTypes: true }))
    .filter((e) => e.isDirectory())
    .map((e) => e.name)
    .sort()) {
    parts.push(entry, await readFile(`${migrations}/${entry}/migration.sql`, "utf8"))
  }
  return `grantry_template_${sha256(parts.join("\n")).toString("hex").slice(0, 12)}`
}

async function ensureTemplate(admin: pg.Client, server: string): Promise<string> {
  const name = await templateName()
  const ready = async () =>
    (await admin.query("select 1 from pg_database where datname = $1 and datistemplate", [name])).rowCount === 1
  if (await ready()) return name
  await admin.query("select pg_advisory_lock($1)", [templateLock])
  try {
    if (await ready()) return name
    await admin.query(`drop database if exists ${name} with (force)`)
    await admin.query(`create database ${name}`)
    await migrate(inDatabase(server, name))
    // The migration engine leaves its idle connection behind, and a database in use cannot be copied.
    await admin.query(`alter database ${name} allow_connections false`)
    await admin.query("select pg_terminate_backend(pid, 5000) from pg_stat_activity where datname = $1", [name])
    await admin.query(`alter database ${name} is_template true`)
    return name
  } finally {
    await admin.query("select pg_advisory_unlock($1)", [templateLock])
  }
}

/**
 * A fresh, migrated database on the server of DATABASE_URL, set as this process's database (`useDatabase`). Call it in
 * beforeAll of a `*.db.test.ts`, and `drop()` in afterAll. Takes well under a second once the template is made.
 */
export async function testDatabase(): Promise<TestDatabase> {
  const server = serverUrl()
  const name = `grantry_test_${randomBytes(6).toString("hex")}`
  const admin = new pg.Client({ connectionString: server, application_name: "grantry-test" })
  await admin.connect()
  try {
    const template = await ensureTemplate(admin, server)
    await admin.query(`create database ${name} template ${template}`)
  } finally {
    await admin.end()
  }
  await Promise.all([closeDb(), closeEventPools()])
  const url = inDatabase(server, name)
  useDatabase(url)
  return {
    url,
    async drop() {
      await Promise.all([closeDb(), closeEventPools()])
      const last = new pg.Client({ connectionString: server, application_name: "grantry-test" })
      await last.connect()
      try {
        await last.query(`drop database if exists ${name} with (force)`)
      } finally {
        await last.end()
      }
    },
  }
}
