import "server-only"
import { dayMs, minuteMs } from "../base/time.ts"
import { db } from "../db/client.ts"
import { withTx } from "../db/tx.ts"
import { secretUsesReceived } from "../events/secret-use.ts"

const setting = "secrets.seen_until"
/** A batch says when it was received before it commits, and clocks differ. */
const overlapMs = 2 * minuteMs
/** How far the first look goes back. */
const firstLookMs = dayMs

/**
 * The job `secret.seen`: notes on each secret when its service last used it, by the token events that came since the last
 * look. Safe beside another process and after a kill: a last use only ever moves forward, and the mark commits with it.
 */
export async function noteSecretUses(): Promise<void> {
  const [clock] = await db().$queryRaw<{ now: Date }[]>`select clock_timestamp() as now`
  const now = clock?.now ?? new Date()
  const mark = (await db().setting.findUnique({ where: { key: setting } }))?.value
  const until = typeof mark === "string" ? Date.parse(mark) : NaN
  const since = new Date(Number.isNaN(until) ? now.getTime() - firstLookMs : until - overlapMs)
  const uses = await secretUsesReceived(since)
  const [fingerprints, times] = [[...uses.keys()], [...uses.values()]]
  await withTx(async (tx) => {
    if (fingerprints.length > 0)
      await tx.$executeRaw`
        update client_secret s set last_seen_at = u.at
        from unnest(${fingerprints}::text[], ${times}::timestamptz[]) as u(fingerprint, at)
        where s.fingerprint = u.fingerprint and (s.last_seen_at is null or s.last_seen_at < date_trunc('milliseconds', u.at))`
    await tx.setting.upsert({
      where: { key: setting },
      create: { key: setting, value: now.toISOString() },
      update: { value: now.toISOString() },
    })
  })
}
