import { randomBytes } from "node:crypto"
import { access, chmod, chown, constants, mkdir, readFile, rename, rm, writeFile } from "node:fs/promises"
import { existsSync } from "node:fs"
import { dirname, join } from "node:path"
import { codeOf, SetupFailed } from "./failure.ts"

/**
 * Makes the data folder, for its owner alone. As root the group of the Postgres account may pass through (0710), so that
 * the cluster can live inside; keys in it stay 0600.
 */
export async function openDataFolder(folder: string, passableBy: number | null): Promise<void> {
  try {
    await makeFolders(join(folder, "logs"))
    await access(folder, constants.W_OK)
    if (passableBy !== null) await chown(folder, -1 as number, passableBy)
    await chmod(folder, passableBy === null ? 0o700 : 0o710)
    await writeFile(join(folder, ".probe"), "")
    await rm(join(folder, ".probe"))
  } catch (error) {
    throw new SetupFailed(
      `Cannot write to the data folder ${folder} (${codeOf(error)}). Choose another with GRANTRY_DATA_DIR.`,
    )
  }
}

/** Like `mkdir -p`; Node's own recursive form never ends below /proc. */
async function makeFolders(folder: string): Promise<void> {
  try {
    await mkdir(folder, { mode: 0o700 })
  } catch (error) {
    if (codeOf(error) === "EEXIST") return
    if (codeOf(error) !== "ENOENT" || dirname(folder) === folder || existsSync(dirname(folder))) throw error
    await makeFolders(dirname(folder))
    await mkdir(folder, { mode: 0o700 })
  }
}

/** A file for its owner alone, in place at once: never half written after a crash. */
export async function writePrivate(path: string, text: string): Promise<void> {
  const draft = `${path}.${randomBytes(4).toString("hex")}.new`
  await writeFile(draft, text, { mode: 0o600 })
  await rename(draft, path)
}

/** JSON of a file of the data folder; null when it is not there. */
export async function readJson(path: string): Promise<unknown> {
  try {
    return JSON.parse(await readFile(path, "utf8")) as unknown
  } catch (error) {
    if (codeOf(error) === "ENOENT") return null
    throw new SetupFailed(`${path} cannot be read: ${codeOf(error) || "it is not JSON"}.`)
  }
}

/** Generates a key of 32 bytes (base64url) where there is none. True when it was made now. */
export async function ensureKeyFile(path: string): Promise<boolean> {
  try {
    await writeFile(path, `${randomBytes(32).toString("base64url")}\n`, { mode: 0o600, flag: "wx" })
    return true
  } catch (error) {
    if (codeOf(error) === "EEXIST") return false
    throw error
  }
}
