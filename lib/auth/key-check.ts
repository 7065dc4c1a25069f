import "server-only"
import { db } from "../db/client.ts"
import { kek, KeyRefused } from "../vault/key.ts"
import { keyCheck } from "../vault/seal.ts"

const settingKey = "vault.key_check"

/**
 * Compares the key-encryption key with the one that this database was first used with. A wrong key stops the start before
 * anything is read or overwritten (F25). Throws KeyRefused.
 */
export async function requireRightKey(): Promise<void> {
  const now = keyCheck(kek())
  const stored = await db().setting.upsert({
    where: { key: settingKey },
    create: { key: settingKey, value: now },
    update: {},
  })
  if (stored.value !== now)
    throw new KeyRefused(
      "This key-encryption key is not the one that the database's secrets were sealed with. Put the right key back; nothing was changed.",
    )
}
