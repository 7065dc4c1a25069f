import { randomBytes } from "node:crypto"
import { mkdtemp, readFile, rm, writeFile } from "node:fs/promises"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { gunzipSync, gzipSync } from "node:zlib"
import pg from "pg"
import { afterAll, beforeAll, expect, test } from "vitest"
import { systemActor } from "../../lib/auth/system.ts"
import { createUser } from "../../lib/auth/users.ts"
import { testDatabase, type TestDatabase } from "../../lib/db/testing.ts"
import { openStore } from "../../lib/playground/idp/store.ts"
import { createAudience } from "../../lib/registry/audiences/commands.ts"
import { createClient } from "../../lib/registry/clients/commands.ts"
import { createGrant } from "../../lib/registry/grants/commands.ts"
import { audienceInput, clientInput, grantInput } from "../../lib/registry/schema.ts"
import { pinned, root } from "../setup/root.ts"
import { run } from "../setup/run.ts"
import { loadArchive, openArchive } from "./read.ts"
import { writeArchive } from "./write.ts"

const actor = systemActor("test")
let from: TestDatabase
let folder: string
let file: string

/** What every table of a database holds, as text in a fixed order. */
async function contents(url: string): Promise<Record<string, string>> {
  const client = new pg.Client({ connectionString: url })
  await client.connect()
  try {
    const { rows } = await client.query<{ table: string }>(
      "select schemaname || '.' || tablename as table from pg_tables where schemaname in ('public', 'local_idp') and tablename <> '_prisma_migrations' order by 1",
    )
    const found: Record<string, string> = {}
    for (const { table } of rows) {
      const all = await client.query<{ row: string }>(`select t::text as row from ${table} t order by 1`)
      found[table] = all.rows.map((r) => r.row).join("\n")
    }
    return found
  } finally {
    await client.end()
  }
}

/** An empty database that belongs to an ordinary role, as people have it at a hosting company. */
async function ordinaryDatabase(): Promise<{ url: string; drop: () => Promise<void> }> {
  const name = `grantry_restored_${randomBytes(6).toString("hex")}`
  const server = new URL(process.env["DATABASE_URL"] ?? "")
  const admin = async (...statements: readonly string[]) => {
    const client = new pg.Client({ connectionString: server.href })
    await client.connect()
    for (const sql of statements) await client.query(sql)
    await client.end()
  }
  await admin(`create role ${name} login password '${name}'`, `create database ${name} owner ${name}`)
  const url = new URL(server)
  url.username = name
  url.password = name
  url.pathname = `/${name}`
  // The migration engine starts only once in a process.
  const env: NodeJS.ProcessEnv = { ...process.env, DATABASE_URL: url.href }
  const done = await run(pinned, ["--conditions=react-server", "scripts/migrate.ts"], { cwd: root, env })
  expect(done.code, done.text).toBe(0)
  await (await openStore(url.href)).pool.end()
  return { url: url.href, drop: () => admin(`drop database ${name} with (force)`, `drop role ${name}`) }
}

beforeAll(async () => {
  from = await testDatabase()
  folder = await mkdtemp(join(tmpdir(), "grantry-archive-"))
  file = join(folder, "one.backup")
  await (await openStore(from.url)).pool.end()
  await createUser(actor, { email: "ada@example.com", name: "Ada", role: "admin", password: "correct horse battery" })
  await createAudience(
    actor,
    audienceInput.parse({ identifier: "https://a.internal", name: "A", scopes: [{ name: "read" }] }),
  )
  await createClient(
    actor,
    clientInput.parse({
      name: "orders",
      display_name: "Orders \\ \\. and \\N",
      owner: "team",
      auth_method: "client_secret_basic",
    }),
  )
  await createGrant(
    actor,
    grantInput.parse({ client: "orders", audience: "https://a.internal", scopes: ["read"], reason: "It reads" }),
  )
  await writeArchive(from.url, file)
})
afterAll(async () => {
  await from.drop()
  await rm(folder, { recursive: true, force: true })
})

test("a backup fills the empty database of an ordinary role with every row as it was", async () => {
  const to = await ordinaryDatabase()
  try {
    const loaded = await loadArchive(to.url, await openArchive(file))
    expect(await contents(to.url)).toEqual(await contents(from.url))
    expect(loaded.rows).toBeGreaterThan(5)
    await expect(query(to.url, "delete from trail_entry")).rejects.toThrow()
    await expect(query(to.url, "delete from client")).rejects.toThrow(/foreign key/)
  } finally {
    await to.drop()
  }
})

test.each([
  ["ends too early", (text: string) => text.split("\n").slice(0, -3).join("\n"), /ends too early/],
  ["lacks rows that others name", (text: string) => text.replace(/^(\{"table":"public\.client",.*\n).*\n/m, "$1"), /./],
])("a backup that %s changes nothing", async (_, spoil, says) => {
  const spoilt = join(folder, "spoilt.backup")
  const text = gunzipSync(await readFile(file)).toString()
  expect(spoil(text)).not.toBe(text)
  await writeFile(spoilt, gzipSync(spoil(text)))
  const to = await ordinaryDatabase()
  try {
    const before = await contents(to.url)
    await expect(openArchive(spoilt).then((archive) => loadArchive(to.url, archive))).rejects.toThrow(says)
    expect(await contents(to.url)).toEqual(before)
  } finally {
    await to.drop()
  }
})

async function query(url: string, sql: string): Promise<void> {
  const client = new pg.Client({ connectionString: url })
  await client.connect()
  try {
    await client.query(sql)
  } finally {
    await client.end()
  }
}
