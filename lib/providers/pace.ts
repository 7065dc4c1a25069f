import "server-only"
import { setTimeout as delay } from "node:timers/promises"
import type { GuardedFetch } from "../base/http.ts"
import { retryTime } from "../connectors/call.ts"
import { ConnectorError } from "../connectors/connector-error.ts"
import { db } from "../db/client.ts"

/** A wait up to this is sat out by the call itself; a longer one is told, so that the caller can do without. */
const sitOutMs = 2_000
/** A provider that was free is not asked about again for so long: another process's word is heard that much later at most. */
const freshMs = 250

/**
 * One budget per provider for all processes: once it asked to be left alone (429, or 503 with a time; RFC 6585 section 4,
 * RFC 9110 section 10.2.3), nobody calls it before then (other processes hear of it within a quarter of a second). By the clock of the database. Throws ConnectorError `rate_limited`
 * with that time, without a call, where the wait is long.
 */
export function paced(providerId: string, fetch: GuardedFetch): GuardedFetch {
  let freeUntil = 0
  let refusedAt = 0
  return async (url, init) => {
    const asked = performance.now()
    if (asked >= freeUntil) {
      await turn(providerId)
      // Who asked before a refusal came knows nothing of it.
      if (asked > refusedAt) freeUntil = asked + freshMs
    }
    const answer = await fetch(url, init)
    if (answer.status === 429 || answer.status === 503) {
      const now = new Date()
      const at = retryTime(answer.headers, () => now)
      if (at !== null && at > now) await keep(providerId, at.getTime() - now.getTime())
      freeUntil = 0
      refusedAt = performance.now()
    }
    return answer
  }
}

async function turn(providerId: string): Promise<void> {
  for (;;) {
    const [row] = await db().$queryRaw<{ wait_ms: number }[]>`
      select extract(epoch from retry_at - clock_timestamp())::float8 * 1000 as wait_ms
      from provider where id = ${providerId}::uuid and retry_at > clock_timestamp()`
    if (!row) return
    if (row.wait_ms > sitOutMs) {
      const retryAt = new Date(Date.now() + row.wait_ms)
      const why = `The provider asked to be left alone until ${retryAt.toISOString().slice(11, 19)} UTC.`
      throw new ConnectorError("rate_limited", "wait", why, { retryAt })
    }
    // Whoever waited does not come back all at once.
    await delay(row.wait_ms * (1 + 0.2 * Math.random()) + 1)
  }
}

/** A later time stands; an earlier one never shortens it. */
async function keep(providerId: string, waitMs: number): Promise<void> {
  await db().$executeRaw`
    update provider set retry_at = greatest(retry_at, clock_timestamp() + make_interval(secs => ${waitMs / 1_000}::float8))
    where id = ${providerId}::uuid`
}
