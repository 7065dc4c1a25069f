// What `npm start` runs: sets up, starts Postgres and the children, brings back what dies, and stops all in reverse order.
import { readEnv } from "../lib/env.ts"
import { lineOf } from "./setup/failure.ts"
import { startGrantry, type Grantry } from "./setup/grantry.ts"

let running: Promise<Grantry> | null = null
let firstSignalAt = 0
const abort = new AbortController()

/** The launcher and the terminal may send the same signal twice; a second one on purpose, later, kills at once. */
function onSignal(): void {
  const now = Date.now()
  if (firstSignalAt === 0) {
    firstSignalAt = now
    abort.abort()
    console.log("Stopping: streams end, requests drain (at most 30 s). Press Ctrl-C again to kill.")
    void running?.then(
      (grantry) => grantry.stop(30_000).then(() => process.exit(0)),
      () => process.exit(0),
    )
  } else if (now - firstSignalAt > 1_000) {
    void running?.then((grantry) => grantry.stop(0).then(() => process.exit(1)))
  }
}

for (const signal of ["SIGINT", "SIGTERM", "SIGHUP"] as const) process.on(signal, onSignal)
process.on("disconnect", onSignal) // the launcher died

try {
  running = startGrantry(
    readEnv(),
    process.env,
    abort.signal,
    process.argv.includes("--dev") ? "development" : "production",
  )
  await running
} catch (error) {
  if (!abort.signal.aborted) console.error(lineOfAll(error))
  process.exit(abort.signal.aborted ? 0 : 1)
}

/** A failed build says several lines; a setting, a port, a folder or a database one. */
function lineOfAll(error: unknown): string {
  return error instanceof Error && error.name === "SetupFailed" ? error.message : lineOf(error)
}
