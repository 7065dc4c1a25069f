// npm run lost-password -- EMAIL: prints a link that sets a new password, good once and for an hour.
import { lostPasswordToken } from "../lib/auth/links.ts"
import { closeDb } from "../lib/db/client.ts"
import { readEnv } from "../lib/env.ts"
import { runtime } from "../lib/runtime.ts"
import { SetupFailed } from "./setup/failure.ts"
import { command, runningAt, withDatabase } from "./setup/offline.ts"

await command(async () => {
  const email = process.argv[2]
  if (!email) throw new SetupFailed("Say whose: npm run lost-password -- person@example.com")
  const settings = readEnv()
  return withDatabase(settings, async (url) => {
    process.env["DATABASE_URL"] = url
    runtime()
    try {
      const token = await lostPasswordToken(email)
      const address = (await runningAt(settings)) ?? settings.publicUrl
      return `Set a new password (this link works once, for an hour): ${address}/password#token=${token}`
    } finally {
      await closeDb()
    }
  })
})
