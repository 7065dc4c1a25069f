/**
 * First rows, at every start, between the migrations and the processes: the right key, tokens and admin of the
 * environment, the local identity provider's registration, the set-up link. Prints what a person must read, and nothing else.
 */
import { setupToken } from "../lib/auth/links.ts"
import { ensureAdmin } from "../lib/auth/users.ts"
import { ensureApiToken } from "../lib/auth/api-tokens.ts"
import { allPermissions } from "../lib/auth/permissions.ts"
import { systemActor } from "../lib/auth/system.ts"
import { Refused } from "../lib/base/errors.ts"
import { closeDb, db } from "../lib/db/client.ts"
import { closeEventPools } from "../lib/db/ingest.ts"
import { ensurePartitions } from "../lib/events/jobs.ts"
import { retentionDays } from "../lib/events/retention.ts"
import { setDemo, demoState } from "../lib/playground/demo/switch.ts"
import { registerFleet, registerLocalIdp } from "../lib/playground/registration.ts"
import { runtime } from "../lib/runtime.ts"
import { requireRightKey } from "../lib/auth/key-check.ts"
import { KeyRefused } from "../lib/vault/key.ts"
import { BadSetting } from "../lib/env.ts"
import { freePort } from "./setup/free-port.ts"

const environment = systemActor("environment")

async function bootstrap(): Promise<void> {
  const { env } = runtime()
  await requireRightKey()
  if (env.bootstrapToken) await ensureApiToken(environment, env.bootstrapToken, "bootstrap", allPermissions, null)
  else
    await db().apiToken.updateMany({
      where: { name: "bootstrap", createdBy: environment.name, revokedAt: null },
      data: { revokedAt: new Date() },
    })
  if (env.adminEmail && env.adminPassword) await ensureAdmin(env.adminEmail, env.adminPassword)
  const shownHost = ["0.0.0.0", "::"].includes(env.host)
    ? "127.0.0.1"
    : env.host.includes(":")
      ? `[${env.host}]`
      : env.host
  if (env.localIdp) {
    await registerLocalIdp(env, (from) => freePort(from, env.host))
    await registerFleet(env, `http://${shownHost}:${env.port}`)
    if (env.demo && !(await demoState()).enabled) await setDemo(environment, true)
  }
  await ensurePartitions(new Date(), await retentionDays())
  const token = await setupToken()
  if (token)
    console.log(`Make the first administrator (this link works once, for a day): ${env.publicUrl}/setup#token=${token}`)
}

try {
  await bootstrap()
} catch (error) {
  const expected = error instanceof Refused || error instanceof KeyRefused || error instanceof BadSetting
  console.error(
    expected
      ? error.message
      : `The first rows could not be written: ${error instanceof Error ? error.message : String(error)}`,
  )
  process.exitCode = 1
} finally {
  await Promise.all([closeDb(), closeEventPools()])
}
