import "server-only"
import { PgBoss } from "pg-boss"
import { databaseUrl } from "../db/url.ts"
import { jobNames } from "./jobs.ts"

const shared = globalThis as typeof globalThis & { grantryBoss?: Promise<PgBoss> }

/**
 * pg-boss in this process, once. The worker supervises (expiry, retention); the web only adds jobs. Both may make the
 * schema: pg-boss does that under its own lock.
 */
export function boss(role: "web" | "worker"): Promise<PgBoss> {
  shared.grantryBoss ??= start(role).catch((error: unknown) => {
    delete shared.grantryBoss
    throw error
  })
  return shared.grantryBoss
}

async function start(role: "web" | "worker"): Promise<PgBoss> {
  const instance = new PgBoss({
    connectionString: databaseUrl(),
    application_name: `grantry-jobs-${role}`,
    schema: "pgboss",
    max: role === "worker" ? 4 : 2,
    supervise: role === "worker",
    schedule: false,
  })
  instance.on("error", () => {})
  await instance.start()
  for (const name of jobNames) {
    // short: at most one waits, so wake-ups never pile up.
    if (!(await instance.getQueue(name)))
      await instance.createQueue(name, {
        policy: "short",
        retryLimit: 0,
        expireInSeconds: 600,
        deleteAfterSeconds: 300,
      })
  }
  return instance
}

export async function closeBoss(): Promise<void> {
  const started = shared.grantryBoss
  delete shared.grantryBoss
  await (await started)?.stop({ graceful: true, timeout: 10_000 })
}
