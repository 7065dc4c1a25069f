import { join } from "node:path"
import { z } from "zod"
import { readJson, writePrivate } from "./data-folder.ts"

const mark = z.object({ pid: z.number().int(), started: z.string() })

/** `supervisor.json` of the data folder: what runs, for `npm run stop`, for tests, and for the next start after a crash. */
export const runState = z.object({
  pid: z.number().int(),
  url: z.string(),
  ready: z.boolean(),
  database_url: z.string(),
  children: z.record(z.string(), mark),
})
export type RunState = z.infer<typeof runState>

const fileOf = (dataDir: string) => join(dataDir, "supervisor.json")

/** Null when nothing was ever started there, or the file was written by another version. */
export async function readState(dataDir: string): Promise<RunState | null> {
  return runState
    .nullable()
    .catch(null)
    .parse(await readJson(fileOf(dataDir)))
}

export const writeState = (dataDir: string, state: RunState): Promise<void> =>
  writePrivate(fileOf(dataDir), `${JSON.stringify(state, null, 2)}\n`)
