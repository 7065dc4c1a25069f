import { existsSync } from "node:fs"
import { rm } from "node:fs/promises"
import { isAbsolute, join } from "node:path"
import type { Env } from "../../lib/env.ts"
import { readKey } from "../../lib/vault/key.ts"
import { build, ensureClient, isBuilt } from "./build.ts"
import { childEnv } from "./children.ts"
import { ensureKeyFile, openDataFolder } from "./data-folder.ts"
import { embeddedDatabase, type Database } from "./database.ts"
import { SetupFailed } from "./failure.ts"
import { givenDatabase } from "./given-database.ts"
import { takeLock } from "./lock.ts"
import { requirePort } from "./ports.ts"
import { postgresAccount } from "./postgres-home.ts"
import { end } from "./process.ts"
import { withProgress } from "./progress.mjs"
import { pinned, root } from "./root.ts"
import { run, tail } from "./run.ts"
import { phase } from "./say.ts"
import { readState } from "./state.ts"

/** Steps that give back what was taken, run from the last to the first. */
export type Undo = (() => Promise<void>)[]

/** The data folder is ours after this: made, locked, without orphans of a killed supervisor, the port free. */
export async function claim(settings: Env, undo: Undo): Promise<void> {
  const { dataDir } = settings
  await openDataFolder(dataDir, settings.databaseUrl ? null : (postgresAccount()?.gid ?? null))
  const before = await readState(dataDir)
  undo.push(await takeLock(dataDir, before ? `, ${before.url}` : ""))
  const orphans = Object.entries(before?.children ?? {}).filter(([name]) => name !== "postgres")
  await Promise.all(orphans.map(([, mark]) => end(mark, "SIGTERM", 5_000)))
  await requirePort(settings.port, settings.host)
}

/** Keys, client, database, migrations, first rows. Resolves to the database and to what bootstrap has to say to a person. */
export async function openStore(
  settings: Env,
  given: NodeJS.ProcessEnv,
  undo: Undo,
  changed: (moved: boolean, database: Database) => void,
): Promise<{ database: Database; words: string }> {
  const { dataDir } = settings
  const madeKey = await ensureKeys(settings)
  await phase("Prisma client generated", ensureClient)
  const open = () => (settings.databaseUrl ? givenDatabase(settings.databaseUrl) : embeddedDatabase(dataDir, changed))
  const database = await phase("Postgres ready", open)
  undo.push(() => database.stop())
  const env = { ...childEnv(settings, database.url(), given), GRANTRY_ADMIN_PASSWORD: given["GRANTRY_ADMIN_PASSWORD"] }
  await phase("Database migrated", () => script("scripts/migrate.ts", env))
  try {
    return { database, words: await phase("First rows in place", () => script("scripts/bootstrap.ts", env)) }
  } catch (error) {
    if (madeKey) await rm(join(dataDir, "key"), { force: true }) // not the one that this database knows
    throw error
  }
}

/** Builds when the sources changed since the last build. */
export async function ensureBuilt(signal: AbortSignal): Promise<void> {
  if (await isBuilt()) return
  const line = "  Building the console (a minute or two, only when its sources changed)"
  await phase("Console built", () => withProgress(line, () => build(signal)))
}

/** True when the key-encryption key was generated now. Never beside a cluster that was encrypted with a lost one. */
async function ensureKeys(settings: Env): Promise<boolean> {
  const key = join(settings.dataDir, "key")
  await ensureKeyFile(join(settings.dataDir, "session-secret"))
  if (settings.key !== null) {
    readKey(settings.key, settings.dataDir) // refused before anything is made that another key would have to open
    return false
  }
  if (!existsSync(key) && existsSync(join(settings.dataDir, "postgres.json")) && !settings.databaseUrl) {
    throw new SetupFailed(
      `The key-encryption key ${key} is missing, and the database beside it needs it. Put it back from your safe copy, or set GRANTRY_KEY.`,
    )
  }
  return ensureKeyFile(key)
}

/** Runs a script of ours to its end; what it prints on standard output is passed on, its last word on failure becomes ours. */
async function script(path: string, env: NodeJS.ProcessEnv): Promise<string> {
  const done = await run(pinned, ["--conditions=react-server", "--disable-warning=ExperimentalWarning", path], {
    cwd: root,
    env,
    timeoutMs: 600_000,
  })
  if (done.code !== 0)
    throw new SetupFailed(
      tail(done.text, 1) || `${isAbsolute(path) ? path : `./${path}`} failed with code ${done.code}.`,
    )
  return done.stdout.trim()
}
