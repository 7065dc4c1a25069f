import { link, readFile, rm, writeFile } from "node:fs/promises"
import { join } from "node:path"
import { setTimeout as sleep } from "node:timers/promises"
import { z } from "zod"
import { codeOf, SetupFailed } from "./failure.ts"
import { isRunning, markOf, type ProcessMark } from "./process.ts"

const mark = z.object({ pid: z.number().int(), started: z.string() })

/** The supervisor that holds the data folder now, or null. */
export async function holderOf(dataDir: string): Promise<ProcessMark | null> {
  try {
    const holder = mark.parse(JSON.parse(await readFile(join(dataDir, "supervisor.lock"), "utf8")))
    return isRunning(holder) ? holder : null
  } catch {
    return null
  }
}

/**
 * Takes the data folder for this process: one supervisor per folder. The lock of a dead one is replaced. Resolves to the
 * function that gives it back. Throws SetupFailed when another one runs.
 */
export async function takeLock(dataDir: string, runningAt: string): Promise<() => Promise<void>> {
  const file = join(dataDir, "supervisor.lock")
  const mine = JSON.stringify(markOf(process.pid))
  const draft = `${file}.${process.pid}`
  await writeFile(draft, mine, { mode: 0o600 })
  try {
    for (let attempt = 0; attempt < 3; attempt += 1) {
      const holder = await holderOf(dataDir)
      if (holder)
        throw new SetupFailed(
          `Grantry already runs on this data folder (process ${holder.pid}${runningAt}). Stop it with: npm run stop`,
        )
      await rm(file, { force: true })
      try {
        await link(draft, file)
      } catch (error) {
        if (codeOf(error) !== "EEXIST") throw error
        continue
      }
      await sleep(40) // another one may have removed the same dead lock a moment later
      if ((await readFile(file, "utf8").catch(() => "")) === mine) return () => rm(file, { force: true })
    }
    throw new SetupFailed("Another start on this data folder was faster. Try again in a moment.")
  } finally {
    await rm(draft, { force: true })
  }
}
