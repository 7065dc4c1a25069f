import type { Env } from "../../lib/env.ts"
import { SetupFailed } from "./failure.ts"
import { holderOf } from "./lock.ts"
import { startPostgres } from "./postgres.ts"
import { readState } from "./state.ts"

/** The database of this data folder for as long as `use` takes: the running one, a given one, or the embedded one started just for it. */
export async function withDatabase<T>(settings: Env, use: (url: string) => Promise<T>): Promise<T> {
  if (settings.databaseUrl) return use(settings.databaseUrl)
  if (await holderOf(settings.dataDir)) {
    const state = await readState(settings.dataDir)
    if (state) return use(state.database_url)
  }
  const postgres = await startPostgres({ dir: settings.dataDir })
  try {
    return await use(postgres.url)
  } finally {
    await postgres.stop()
  }
}

/** The address that the running Grantry of this data folder was started with; null when none runs. */
export async function runningAt(settings: Env): Promise<string | null> {
  return (await holderOf(settings.dataDir)) ? ((await readState(settings.dataDir))?.url ?? null) : null
}

export async function requireStopped(settings: Pick<Env, "dataDir">): Promise<void> {
  if (await holderOf(settings.dataDir)) throw new SetupFailed("Grantry is running. Stop it first: npm run stop")
}

/** Runs a command of the terminal: its words, or one line on standard error and exit code 1. */
export async function command(act: () => Promise<string>): Promise<never> {
  try {
    console.log(await act())
    process.exit(0)
  } catch (error) {
    console.error(error instanceof Error ? error.message.split("\n")[0] : String(error))
    process.exit(1)
  }
}
