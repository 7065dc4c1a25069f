import { existsSync } from "node:fs"
import { rename, rm } from "node:fs/promises"
import { join } from "node:path"

/**
 * Puts a finished folder in its place at one stroke, so that whoever finds it finds all of it, however this process dies.
 * `marker` is a file that a finished one has. Where another process was faster, its folder stays and this one goes.
 */
export async function publish(draft: string, folder: string, marker: string): Promise<void> {
  const finished = () => existsSync(join(folder, marker))
  try {
    await rename(draft, folder).catch(async (error: unknown) => {
      if (finished()) return
      if (!existsSync(folder)) throw error
      // What a process left half that was killed.
      await rm(folder, { recursive: true, force: true })
      await rename(draft, folder).catch((second: unknown) => {
        if (!finished()) throw second
      })
    })
  } finally {
    await rm(draft, { recursive: true, force: true })
  }
}
