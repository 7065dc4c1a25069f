// npm run stop: drains a running Grantry of this data folder; what a killed supervisor left behind is ended too.
import { readEnv } from "../lib/env.ts"
import { lineOf } from "./setup/failure.ts"
import { holderOf } from "./setup/lock.ts"
import { stopOrphan } from "./setup/postgres.ts"
import { end, gone, isRunning, signal } from "./setup/process.ts"
import { readState } from "./setup/state.ts"

try {
  await stop(readEnv().dataDir)
} catch (error) {
  console.error(lineOf(error))
  process.exit(1)
}

async function stop(dataDir: string): Promise<void> {
  const holder = await holderOf(dataDir)
  if (holder) {
    signal(holder, "SIGTERM")
    if (!(await gone(holder, 75_000))) await end(holder, "SIGKILL", 5_000)
    console.log("Grantry has stopped.")
    return
  }
  const left = Object.entries((await readState(dataDir))?.children ?? {}).filter(
    ([name, mark]) => name !== "postgres" && isRunning(mark),
  )
  await Promise.all(left.map(([, mark]) => end(mark, "SIGTERM", 30_000)))
  const orphan = await stopOrphan(dataDir)
  console.log(orphan || left.length > 0 ? "Ended what a killed Grantry had left running." : "Grantry is not running.")
}
