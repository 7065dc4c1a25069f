import { setTimeout as sleep } from "node:timers/promises"
import pg from "pg"
import { lineOf, SetupFailed } from "./failure.ts"
import { startPostgres, type Postgres } from "./postgres.ts"
import type { ProcessMark } from "./process.ts"
import { say } from "./say.ts"

/** The database that this start uses: a given one, or the embedded one, which is kept running. */
export interface Database {
  url(): string
  /** The embedded postmaster; null for a given database. */
  mark(): ProcessMark | null
  stop(): Promise<void>
}

/** A database of the user's: tried once, never stopped. Throws SetupFailed with one line that names host and database, never the password. */
export async function givenDatabase(url: string): Promise<Database> {
  await requireDatabase(url)
  return { url: () => url, mark: () => null, stop: async () => {} }
}

/** PostgreSQL 15 is the oldest that the SQL of the event tables runs on. */
const oldestServer = 150_000

async function requireDatabase(url: string): Promise<void> {
  const at = URL.parse(url)
  const name = at ? `${at.host}${at.pathname}` : "(unreadable address)"
  const client = new pg.Client({
    connectionString: url,
    connectionTimeoutMillis: 5_000,
    application_name: "grantry-setup",
  })
  client.on("error", () => {})
  try {
    await client.connect()
    const { rows } = await client.query<{ version: string }>("select current_setting('server_version_num') as version")
    if (Number(rows[0]?.version) < oldestServer)
      throw new SetupFailed(`The database of DATABASE_URL, ${name}, is older than PostgreSQL 15.`)
  } catch (error) {
    if (error instanceof SetupFailed) throw error
    throw new SetupFailed(`Cannot use the database of DATABASE_URL, ${name}: ${lineOf(error)}`)
  } finally {
    await client.end().catch(() => {})
  }
}

/**
 * The embedded Postgres of the data folder, started again whenever it dies. `changed` is called after each new start;
 * its first argument tells whether the address is another one now (its old port was taken meanwhile).
 */
export async function embeddedDatabase(
  dir: string,
  changed: (moved: boolean, database: Database) => void,
): Promise<Database> {
  let now: Postgres = await startPostgres({ dir })
  let stopping = false
  if (now.adopted) say("  Took over the Postgres that an earlier start left running")
  if (now.elsewhere) say(`  Postgres lives in ${now.elsewhere}: its account cannot reach the usual place`)

  const watch = async (): Promise<void> => {
    while (!stopping) {
      await now.exited
      if (stopping) return
      say("  Postgres ended; starting it again")
      const before = now.url
      const next = await again(dir, () => stopping)
      if (!next) return
      now = next
      if (stopping) await now.stop()
      else changed(now.url !== before, database)
    }
  }
  const database: Database = {
    url: () => now.url,
    mark: () => now.process,
    async stop() {
      stopping = true
      await now.stop()
      await watching
    },
  }
  const watching = watch()
  return database
}

/** Tries until it runs or nobody wants it any more. */
async function again(dir: string, unwanted: () => boolean): Promise<Postgres | null> {
  for (let pauseMs = 200; !unwanted(); pauseMs = Math.min(pauseMs * 2, 10_000)) {
    try {
      return await startPostgres({ dir })
    } catch (error) {
      say(`  Postgres does not start: ${lineOf(error)}`)
      await sleep(pauseMs)
    }
  }
  return null
}
