import "server-only"
import { randomBytes } from "node:crypto"
import { hmacSha256 } from "../base/digest.ts"
import { minuteMs } from "../base/time.ts"
import { db } from "../db/client.ts"
import { deriveKey, kek } from "../vault/key.ts"
import type { Actor } from "./actor.ts"
import { isPermission } from "./permissions.ts"

const shape = /^gty_[A-Za-z0-9_-]{32,}$/
const touchMs = minuteMs

export const newApiToken = (): string => `gty_${randomBytes(32).toString("base64url")}`
export const apiTokenHmac = (token: string): Uint8Array<ArrayBuffer> =>
  Uint8Array.from(hmacSha256(deriveKey(kek(), "api-token"), token))

/**
 * The caller behind an API token, or null. Looked up by HMAC: the comparison is the index's on a keyed digest, so its
 * timing tells nothing about the token (T18).
 */
export async function tokenActor(token: string, requestId: string | null, now = new Date()): Promise<Actor | null> {
  if (!shape.test(token)) return null
  const row = await db().apiToken.findUnique({ where: { hmac: apiTokenHmac(token) } })
  if (!row || row.revokedAt || (row.expiresAt && row.expiresAt <= now)) return null
  if (!row.lastUsedAt || now.getTime() - row.lastUsedAt.getTime() > touchMs) {
    await db().apiToken.updateMany({ where: { id: row.id }, data: { lastUsedAt: now } })
  }
  return {
    kind: "token",
    id: row.id,
    name: row.name,
    permissions: new Set(row.permissions.filter(isPermission)),
    sourceId: row.sourceId,
    authenticatedAt: null,
    requestId,
  }
}
