// npm run reset: forgets everything in the data folder, after asking. A database of DATABASE_URL is never emptied.
import { existsSync } from "node:fs"
import { rm } from "node:fs/promises"
import { join } from "node:path"
import { createInterface } from "node:readline/promises"
import { readEnv } from "../lib/env.ts"
import { SetupFailed } from "./setup/failure.ts"
import { command, requireStopped } from "./setup/offline.ts"
import { outsideFolder, stopOrphan } from "./setup/postgres.ts"

await command(async () => {
  const settings = readEnv()
  if (settings.databaseUrl)
    throw new SetupFailed(
      "reset only forgets the data folder with its embedded Postgres; empty the database of DATABASE_URL with its own tools.",
    )
  if (!existsSync(join(settings.dataDir, "session-secret")))
    return `There is nothing of Grantry in ${settings.dataDir}.`
  await requireStopped(settings)
  if (!process.argv.includes("--yes") && !(await agreed(settings.dataDir))) return "Nothing was changed."
  await stopOrphan(settings.dataDir)
  const outside = await outsideFolder(settings.dataDir)
  for (const folder of outside ? [outside, settings.dataDir] : [settings.dataDir])
    await rm(folder, { recursive: true, force: true })
  return "Everything is forgotten: registry, events, keys. npm start begins anew."
})

async function agreed(dataDir: string): Promise<boolean> {
  if (!process.stdin.isTTY)
    throw new SetupFailed("reset asks first, and nobody can answer here. Say --yes: npm run reset -- --yes")
  const ask = createInterface({ input: process.stdin, output: process.stdout })
  // Ctrl-C and Ctrl-D reject: neither is a yes.
  const answer = await ask
    .question(`Delete registry, events and keys in ${dataDir} for good? Type yes: `)
    .catch(() => "\n")
  ask.close()
  if (answer === "\n") console.log()
  return answer.trim().toLowerCase() === "yes"
}
