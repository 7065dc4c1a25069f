// npm run restore -- FILE: fills an empty database from a backup.
import { existsSync } from "node:fs"
import { join, resolve } from "node:path"
import pg from "pg"
import { migrate } from "../lib/db/migrate.ts"
import { readEnv } from "../lib/env.ts"
import { openStore } from "../lib/playground/idp/store.ts"
import { loadArchive, openArchive } from "./archive/read.ts"
import { SetupFailed } from "./setup/failure.ts"
import { pinned, root } from "./setup/root.ts"
import { run, tail } from "./setup/run.ts"
import { command, requireStopped, withDatabase } from "./setup/offline.ts"

await command(async () => {
  const given = process.argv[2]
  if (!given) throw new SetupFailed("Say what from: npm run restore -- grantry.backup")
  const file = resolve(given)
  if (!existsSync(file)) throw new SetupFailed(`${file} does not exist.`)
  const settings = readEnv()
  await requireStopped(settings)
  const archive = await openArchive(file)
  const { tables, rows } = await withDatabase(settings, async (url) => {
    await requireEmpty(url)
    await migrate(url, archive.header.migrations)
    const { pool } = await openStore(url)
    await pool.end()
    const loaded = await loadArchive(url, archive)
    await migrateOn(url)
    return loaded
  })
  const words = [`Restored ${rows} rows of ${tables} tables from ${archive.header.created_at}.`]
  const key = join(settings.dataDir, "key")
  if (settings.key === null && !existsSync(key))
    words.push(`Now put the key-encryption key that belongs to this backup into ${key} (mode 0600), then: npm start`)
  return words.join("\n")
})

/** The rest of the migrations, in a process of its own: the engine starts only once in one. */
async function migrateOn(url: string): Promise<void> {
  const env: NodeJS.ProcessEnv = { ...process.env, DATABASE_URL: url }
  const done = await run(pinned, ["--conditions=react-server", "scripts/migrate.ts"], { cwd: root, env })
  if (done.code !== 0) throw new SetupFailed(tail(done.text, 1))
}

/** Rows of a person or of a program of theirs: nothing is ever restored over them. */
async function requireEmpty(url: string): Promise<void> {
  const client = new pg.Client({ connectionString: url })
  await client.connect()
  try {
    for (const table of ["user_account", "api_token", "client", "provider", "trail_entry"]) {
      const there = await client.query<{ name: string | null }>("select to_regclass($1)::text as name", [
        `public.${table}`,
      ])
      if (!there.rows[0]?.name) continue
      const { rowCount } = await client.query(`select 1 from ${table} limit 1`)
      if (rowCount)
        throw new SetupFailed(
          "The database is not empty. Restore only fills an empty one: npm run reset first, or use another data folder or DATABASE_URL.",
        )
    }
  } finally {
    await client.end()
  }
}
