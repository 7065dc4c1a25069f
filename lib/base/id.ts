import { randomBytes } from "node:crypto"
import { sha256 } from "./digest.ts"

/** UUIDv7 (RFC 9562 section 5.7): 48 bits of milliseconds, then random bits. Sorts by time of making. */
export function newId(nowMs: number = Date.now()): string {
  const bytes = randomBytes(16)
  bytes.writeUIntBE(nowMs, 0, 6)
  return asUuid(bytes, 7)
}

/** UUIDv8 (RFC 9562 section 5.8): one and the same for the same words, where something has no row and so no id of its own. */
export const idOfWords = (...words: readonly string[]): string =>
  asUuid(sha256(JSON.stringify(words)).subarray(0, 16), 8)

function asUuid(bytes: Buffer, version: number): string {
  bytes[6] = (version << 4) | ((bytes[6] ?? 0) & 0x0f)
  bytes[8] = 0x80 | ((bytes[8] ?? 0) & 0x3f)
  const hex = bytes.toString("hex")
  return `${hex.slice(0, 8)}-${hex.slice(8, 12)}-${hex.slice(12, 16)}-${hex.slice(16, 20)}-${hex.slice(20)}`
}

const uuid = /^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$/i

export const isId = (text: string): boolean => uuid.test(text)
