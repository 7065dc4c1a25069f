import { createHash, createHmac, timingSafeEqual } from "node:crypto"

export const sha256 = (data: string | Uint8Array): Buffer => createHash("sha256").update(data).digest()

export const hmacSha256 = (key: Uint8Array, data: string | Uint8Array): Buffer =>
  createHmac("sha256", key).update(data).digest()

/** Constant-time comparison; texts of different length compare by digest, so length leaks nothing either. */
export const equalSecret = (a: string, b: string): boolean => timingSafeEqual(sha256(a), sha256(b))
