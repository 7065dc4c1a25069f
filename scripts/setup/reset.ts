import { existsSync } from "node:fs"
import { rm } from "node:fs/promises"
import { join } from "node:path"
import { createInterface } from "node:readline/promises"
import type { Env } from "../../lib/env.ts"
import { SetupFailed } from "./failure.ts"
import { requireStopped } from "./offline.ts"
import { outsideFolder, stopOrphan } from "./postgres.ts"

/** Where a person may answer. */
export interface Terminal {
  readonly input: NodeJS.ReadableStream & { readonly isTTY?: boolean }
  readonly output: NodeJS.WritableStream
}

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
  if (!agreed && !(await ask(dataDir, terminal))) return "Nothing was changed."
  await stopOrphan(dataDir)
  const outside = await outsideFolder(dataDir)
  for (const folder of outside ? [outside, dataDir] : [dataDir]) await rm(folder, { recursive: true, force: true })
  return "Everything is forgotten: registry, events, keys. npm start begins anew."
}

async function ask(dataDir: string, { input, output }: Terminal): Promise<boolean> {
  if (!input.isTTY)
    throw new SetupFailed("reset asks first, and nobody can answer here. Say --yes: npm run reset -- --yes")
  const lines = createInterface({ input, output })
  // Ctrl-C, Ctrl-D and a terminal that goes away: none is a yes.
  const left = new AbortController()
  lines.once("close", () => left.abort())
  const answer = await lines
    .question(`Delete registry, events and keys in ${dataDir} for good? Type yes: `, { signal: left.signal })
    .catch(() => "\n")
  lines.close()
  if (answer === "\n") output.write("\n")
  return answer.trim().toLowerCase() === "yes"
}
