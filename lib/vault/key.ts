import { execFileSync } from "node:child_process"
import { existsSync, readFileSync } from "node:fs"
import { join } from "node:path"
import { hmacSha256 } from "../base/digest.ts"

/** The key-encryption key cannot be had or is unusable: nothing starts (F25). */
export class KeyRefused extends Error {
  constructor(why: string) {
    super(why)
    this.name = "KeyRefused"
  }
}

const keyBytes = 32

function parseKey(text: string, origin: string): Buffer {
  const key = Buffer.from(text.trim(), "base64url")
  if (key.length !== keyBytes)
    throw new KeyRefused(`The key-encryption key in ${origin} must be ${keyBytes} bytes in base64url.`)
  return key
}

/**
 * Reads the key-encryption key. `setting` is GRANTRY_KEY: base64url, `file:PATH` or `cmd:COMMAND` (its standard output);
 * null: the file `key` of the data folder. Throws KeyRefused.
 */
export function readKey(setting: string | null, dataDir: string): Buffer {
  if (setting?.startsWith("file:")) return readKeyFile(setting.slice("file:".length))
  if (setting?.startsWith("cmd:")) {
    try {
      return parseKey(
        execFileSync("/bin/sh", ["-c", setting.slice("cmd:".length)], {
          encoding: "utf8",
          timeout: 10_000,
          stdio: ["ignore", "pipe", "ignore"],
        }),
        "GRANTRY_KEY's command",
      )
    } catch (error) {
      if (error instanceof KeyRefused) throw error
      throw new KeyRefused("The command in GRANTRY_KEY failed, so there is no key-encryption key.")
    }
  }
  if (setting !== null) return parseKey(setting, "GRANTRY_KEY")
  return readKeyFile(join(dataDir, "key"))
}

function readKeyFile(path: string): Buffer {
  if (!existsSync(path))
    throw new KeyRefused(
      `The key-encryption key is missing: ${path}. Put the key back, or start with an empty data folder.`,
    )
  return parseKey(readFileSync(path, "utf8"), path)
}

/** Independent keys for independent uses, so that one never serves as another. HKDF would do the same; one block is enough. */
export const deriveKey = (
  key: Buffer,
  use: "seal" | "api-token" | "fingerprint" | "link" | "session" | "check" | "request",
): Buffer => hmacSha256(key, `grantry/v1/${use}`)

const shared = globalThis as typeof globalThis & { grantryKey?: Buffer }

/** Set once by each entry point. */
export function useKey(key: Buffer): void {
  shared.grantryKey = key
}

export function kek(): Buffer {
  if (!shared.grantryKey) throw new KeyRefused("useKey(key) was not called by this entry point")
  return shared.grantryKey
}
