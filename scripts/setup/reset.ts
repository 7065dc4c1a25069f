import { existsSync } from "node:fs"
import { rm } from "node:fs/promises"
import { join } from "node:path"
import type { Env } from "../../lib/env.ts"
import { ask, type Terminal } from "./ask.ts"
import { SetupFailed } from "./failure.ts"
import { requireStopped } from "./offline.ts"
import { outsideFolder, stopOrphan } from "./postgres.ts"

/**
 * Forgets the data folder, and the folder outside it that holds its Postgres if there is one; nothing else. Resolves to
 * what a person reads. `agreed` spares the question. Throws SetupFailed while Grantry runs, for a database that is not
 * ours to empty, and where nobody can answer.
 */
export async function reset(
  { dataDir, databaseUrl }: Pick<Env, "dataDir" | "databaseUrl">,
  agreed: boolean,
  terminal: Terminal,
): Promise<string> {
  if (databaseUrl)
    throw new SetupFailed(
      "reset only forgets the data folder with its embedded Postgres; empty the database of DATABASE_URL with its own tools.",
    )
  if (!existsSync(join(dataDir, "session-secret"))) return `There is nothing of Grantry in ${dataDir}.`
  await requireStopped({ dataDir })
  if (!agreed && !(await agrees(dataDir, terminal))) return "Nothing was changed."
  await stopOrphan(dataDir)
  const outside = await outsideFolder(dataDir)
  for (const folder of outside ? [outside, dataDir] : [dataDir]) await rm(folder, { recursive: true, force: true })
  return "Everything is forgotten: registry, events, keys. npm start begins anew."
}

async function agrees(dataDir: string, terminal: Terminal): Promise<boolean> {
  if (!terminal.input.isTTY)
    throw new SetupFailed("reset asks first, and nobody can answer here. Say --yes: npm run reset -- --yes")
  const answer = await ask(`Delete registry, events and keys in ${dataDir} for good? Type yes: `, terminal)
  return answer?.toLowerCase() === "yes"
}
