/** Process entry of the local identity provider. The supervisor gives DATABASE_URL; port and issuer stand in the data folder. */
import { guardedFetch } from "../../base/http.ts"
import { log as base } from "../../base/log.ts"
import { readEnv } from "../../env.ts"
import { readKey } from "../../vault/key.ts"
import { startIdp, type RunningIdp } from "./server.ts"
import { readSettings } from "./settings.ts"

const log = base.child({ part: "local-idp" })
const env = readEnv()
const retryMs = 1_000

let running: RunningIdp | null = null
let stopping = false

async function stop(why: string): Promise<void> {
  if (stopping) return
  stopping = true
  log.info({ why }, "stopping")
  await running?.close()
  process.exit(0)
}
process.on("SIGTERM", () => void stop("asked to"))
process.on("SIGINT", () => void stop("asked to"))
process.on("disconnect", () => void stop("the supervisor is gone"))

/** Postgres may still be on its way up: waits for it. Anything else ends the process with one line. */
async function start(): Promise<void> {
  if (!env.databaseUrl) throw new Error("DATABASE_URL is not set. The supervisor sets it for its children.")
  const settings = readSettings(env.dataDir)
  const apiUrl = `${env.publicUrl}/api/v1`
  const fetch = guardedFetch({ allowHosts: [new URL(apiUrl).hostname, ...env.allowHosts], timeoutMs: 10_000 })
  const options = {
    settings,
    host: new URL(settings.issuer).hostname.replace(/^\[|\]$/g, ""),
    databaseUrl: env.databaseUrl,
    kek: readKey(env.key, env.dataDir),
    apiUrl,
    fetch,
    log,
  }
  for (;;) {
    try {
      running = await startIdp(options)
      process.send?.({ ready: true })
      return
    } catch (error) {
      if (stopping || !isDatabaseDown(error)) throw error
      log.warn("the database does not answer yet")
      await new Promise((resolve) => setTimeout(resolve, retryMs))
    }
  }
}

const isDatabaseDown = (error: unknown): boolean => {
  if (error instanceof AggregateError) return error.errors.some(isDatabaseDown)
  if (!(error instanceof Error)) return false
  const code = "code" in error && typeof error.code === "string" ? error.code : ""
  return code !== "EADDRINUSE" && (/^(08|57P|ECONN|ETIMEDOUT)/.test(code) || /timeout|terminated/i.test(error.message))
}

start().catch((error: unknown) => {
  log.fatal(error instanceof Error ? error.message : "unknown failure")
  process.exit(1)
})
