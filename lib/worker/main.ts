/** Process entry of the worker: claims jobs until told to stop. Any number of replicas may run. */
import { log } from "../base/log.ts"
import { closeDb } from "../db/client.ts"
import { runtime } from "../runtime.ts"
import { beat } from "./heartbeat.ts"
import { startJobs } from "./run.ts"

const retryMs = 1_000
let stop: (() => Promise<void>) | null = null
let stopping = false

async function end(why: string): Promise<void> {
  if (stopping) return
  stopping = true
  log.info({ why }, "worker stops")
  await stop?.()
  await closeDb()
  process.exit(0)
}
process.on("SIGTERM", () => void end("asked to"))
process.on("SIGINT", () => void end("asked to"))
process.on("disconnect", () => void end("the supervisor is gone"))

/** Postgres may still be on its way up. */
async function start(): Promise<void> {
  runtime()
  for (;;) {
    try {
      const stopJobs = await startJobs()
      const stopBeat = beat()
      stop = async () => {
        stopBeat()
        await stopJobs()
      }
      log.info("worker is ready")
      process.send?.({ ready: true })
      return
    } catch (error) {
      if (stopping) return
      log.warn({ error: error instanceof Error ? error.message : String(error) }, "the database does not answer yet")
      await new Promise((resolve) => setTimeout(resolve, retryMs))
    }
  }
}

await start()
