import { existsSync } from "node:fs"
import { rename, rm } from "node:fs/promises"
import { join } from "node:path"
import { codeOf } from "../setup/failure.ts"

/**
 * Puts a finished folder in its place at one stroke, so that whoever finds it finds all of it, however this process dies.
 * `marker` is a file that a finished one has. Where another process was faster, its folder stays and this one goes.
 */
export async function publish(draft: string, folder: string, marker: string, isThere = existsSync): Promise<void> {
  try {
    while (!(await moved(draft, folder))) {
      if (isThere(join(folder, marker))) return
      await clear(folder, `${draft}.half`, marker)
    }
  } finally {
    await rm(draft, { recursive: true, force: true })
  }
}

/** False where something stands there already. */
async function moved(from: string, to: string): Promise<boolean> {
  try {
    await rename(from, to)
    return true
  } catch (error) {
    if (["ENOTEMPTY", "EEXIST"].includes(codeOf(error))) return false
    throw error
  }
}

/**
 * Removes what a process left half that was killed. By way of a name of our own: what stands in the place may be finished by
 * another process at any moment, and then it goes back.
 */
async function clear(folder: string, aside: string, marker: string): Promise<void> {
  try {
    await rename(folder, aside)
  } catch (error) {
    // Another process was faster here too.
    if (codeOf(error) === "ENOENT") return
    throw error
  }
  if (existsSync(join(aside, marker)) && (await moved(aside, folder))) return
  await rm(aside, { recursive: true, force: true })
}
