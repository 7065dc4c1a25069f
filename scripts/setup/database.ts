import { setTimeout as sleep } from "node:timers/promises"
import { lineOf } from "./failure.ts"
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
