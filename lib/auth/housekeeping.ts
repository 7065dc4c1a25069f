import "server-only"
import { dayMs } from "../base/time.ts"
import { db } from "../db/client.ts"

/** Keys of ingest batches and other POSTs are kept for seven days (reliability.md 4.3), sign-in attempts for thirty. */
export async function forgetOld(now = new Date()): Promise<void> {
  const before = (days: number) => new Date(now.getTime() - days * dayMs)
  await db().idempotencyKey.deleteMany({ where: { createdAt: { lt: before(7) } } })
  await db().loginAttempt.deleteMany({ where: { at: { lt: before(30) } } })
  await db().session.deleteMany({ where: { expiresAt: { lt: before(30) } } })
  await db().oneTimeLink.deleteMany({ where: { expiresAt: { lt: before(30) } } })
}
