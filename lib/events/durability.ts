import "server-only"
import { Unavailable } from "../base/errors.ts"
import { minuteMs } from "../base/time.ts"
import { ingestPool } from "../db/ingest.ts"
import type { Pool } from "../db/pool.ts"

export interface Durability {
  readonly ok: boolean
  /** Settings that make an answered event losable. */
  readonly refusals: readonly string[]
  readonly warnings: readonly string[]
  /** Whether a synchronous standby confirms each commit: what P1 means across a failover (reliability.md 4.1). */
  readonly synchronousStandby: boolean
  readonly checkedAt: Date
}

const shared = globalThis as typeof globalThis & { grantryDurability?: WeakMap<Pool, Durability> }

/**
 * Asks a connection of the ingest pool itself, since server, database, role and connection may each say otherwise:
 * `synchronous_commit`, `fsync` and `full_page_writes` must not be off.
 */
export async function checkDurability(pool: Pool = ingestPool()): Promise<Durability> {
  const { rows } = await pool.query<{ name: string; setting: string }>(
    "select name, setting from pg_settings where name in ('synchronous_commit', 'fsync', 'full_page_writes', 'synchronous_standby_names')",
  )
  const setting = (name: string) => rows.find((r) => r.name === name)?.setting ?? ""
  const refusals = ["synchronous_commit", "fsync", "full_page_writes"]
    .filter((name) => setting(name) === "off")
    .map((name) => `${name} is off`)
  const commit = setting("synchronous_commit")
  const warnings = commit === "local" || commit === "remote_write" ? [`synchronous_commit is ${commit}`] : []
  const found = {
    ok: refusals.length === 0,
    refusals,
    warnings,
    synchronousStandby: setting("synchronous_standby_names") !== "",
    checkedAt: new Date(),
  }
  ;(shared.grantryDurability ??= new WeakMap()).set(pool, found)
  return found
}

/** Checked at the first ingest and again each minute. Throws Unavailable: an event that may be lost is not taken. */
export async function requireDurability(pool: Pool = ingestPool()): Promise<void> {
  const last = shared.grantryDurability?.get(pool)
  const now = last && Date.now() - last.checkedAt.getTime() < minuteMs ? last : await checkDurability(pool)
  if (!now.ok)
    throw new Unavailable(
      "not_durable",
      `The database may lose what it has confirmed: ${now.refusals.join(", ")}. No event is taken until that is changed.`,
      30,
    )
}
