import { rm } from "node:fs/promises"
import { join } from "node:path"
import type { Env } from "../../lib/env.ts"
import { childSpecs, type Mode } from "./children.ts"
import type { Database } from "./database.ts"
import { lineOf } from "./failure.ts"
import { startFamily, type Family } from "./family.ts"
import { claim, ensureBuilt, openStore, type Undo } from "./prepare.ts"
import { localAddress, waitReadyz } from "./ready.ts"
import { say } from "./say.ts"
import { writeState } from "./state.ts"

export interface Grantry {
  /** Stops in reverse order: children drain for at most the grace, then Postgres. */
  stop(graceMs: number): Promise<void>
}

const drainMs = 30_000
const readyWithinMs = 120_000

/**
 * From the data folder to a ready console. Prints one line per phase, the true address, and on the first run the one-time
 * set-up link. Throws SetupFailed, after undoing what it had started; ends early when `signal` aborts.
 */
export async function startGrantry(
  settings: Env,
  given: NodeJS.ProcessEnv,
  signal: AbortSignal,
  mode: Mode,
): Promise<Grantry> {
  const began = performance.now()
  const undo: Undo = []
  const now: { family: Family | null; ready: boolean } = { family: null, ready: false }

  let written = Promise.resolve()
  /** One after the other, so that the last one stands. */
  const note = (database: Database): Promise<void> => {
    written = written.then(async () => {
      const postgres = database.mark()
      const children = { ...now.family?.marks(), ...(postgres && { postgres }) }
      const state = {
        pid: process.pid,
        url: settings.publicUrl,
        ready: now.ready,
        database_url: database.url(),
        children,
      }
      await writeState(settings.dataDir, state).catch((error: unknown) =>
        say(`  supervisor.json could not be written: ${lineOf(error)}`),
      )
    })
    return written
  }
  const start = (database: Database) => {
    now.family = startFamily(childSpecs(settings, database.url(), given, mode), () => void note(database))
    return now.family
  }
  const stop = async (graceMs: number) => {
    await now.family?.stop(graceMs)
    for (const step of undo.splice(0).toReversed()) await step()
  }

  /** Children keep their connections' address; only another one needs new children. */
  const databaseBack = async (moved: boolean, database: Database) => {
    if (moved && now.family) {
      await now.family.stop(5_000)
      start(database).settled()
    }
    await note(database)
  }

  try {
    await claim(settings, undo)
    signal.throwIfAborted()
    const { database, words } = await openStore(settings, given, undo, (moved, back) => void databaseBack(moved, back))
    signal.throwIfAborted()
    if (mode === "production") await ensureBuilt(signal)
    signal.throwIfAborted()

    const address = localAddress(settings.host, settings.port)
    const why = await Promise.race([waitReadyz(address, readyWithinMs, signal), start(database).failed])
    signal.throwIfAborted()
    now.ready = why === null
    now.family?.settled()
    await note(database)
    announce(settings, words, why, (performance.now() - began) / 1000)
    return {
      async stop(graceMs) {
        await stop(graceMs)
        await written
        await rm(join(settings.dataDir, "supervisor.json"), { force: true })
      },
    }
  } catch (error) {
    await stop(drainMs)
    throw error
  }
}

function announce(settings: Env, words: string, why: string | null, seconds: number): void {
  const shown = settings.publicUrl.replace(/\/\/(0\.0\.0\.0|\[::\])(?=[:/]|$)/, "//127.0.0.1")
  if (why !== null) say(`  Not ready yet: ${why}`)
  say(`Grantry is ${why === null ? "ready" : "starting"} at ${shown} (${seconds.toFixed(1)} s). Stop it with Ctrl-C.`)
  if (words !== "") say(words)
}
