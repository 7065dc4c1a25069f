import { hmacSha256 } from "../base/digest.ts"
import { deriveKey, kek } from "./key.ts"

/** Keyed hash of a client secret: `fp_` and 24 hex digits. A service echoes it in its events; it tells nothing about the value. */
export const fingerprint = (value: string, key: Buffer = kek()): string =>
  `fp_${hmacSha256(deriveKey(key, "fingerprint"), value).subarray(0, 12).toString("hex")}`
