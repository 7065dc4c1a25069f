import "server-only"
import type { Actor } from "../auth/actor.ts"
import { authorize } from "../auth/permissions.ts"
import { dayMs } from "../base/time.ts"
import { eventPool } from "../db/ingest.ts"
import { idsOf, wordsOf } from "./dictionary.ts"

export interface LastUse {
  readonly client: string
  readonly audience: string
  /** The start of the hour of the last event of the two, whatever its result. */
  readonly at: string
}

/** How far back `lastUses` looks. */
export const lastUseDays = 30

/** When each of these clients was last seen with each audience, from the hourly rollups. Pairs never seen are left out. */
export async function lastUses(actor: Actor, clients: readonly string[], now = new Date()): Promise<LastUse[]> {
  authorize(actor, "events:read")
  const pool = eventPool()
  const ids = await idsOf(pool, "client", clients)
  if (ids.length === 0) return []
  const { rows } = await pool.query<{ client: number; audience: number; at: Date }>(
    "select client, audience, max(at) as at from rollup_party where span = 3600 and at >= $1 and client = any($2) and audience > 0 group by 1, 2",
    [new Date(now.getTime() - lastUseDays * dayMs), ids],
  )
  const words = await wordsOf(
    pool,
    rows.flatMap((r) => [r.client, r.audience]),
  )
  return rows.flatMap((r) => {
    const client = words.get(r.client)
    const audience = words.get(r.audience)
    return client === undefined || audience === undefined ? [] : [{ client, audience, at: r.at.toISOString() }]
  })
}
