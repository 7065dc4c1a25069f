import "server-only"
import type { Actor } from "../auth/actor.ts"
import { dayMs, hourMs } from "../base/time.ts"
import { pairsSeen } from "./pairs.ts"

export interface LastUse {
  readonly client: string
  readonly audience: string
  /** The start of the hour of the last event of the two, whatever its result. */
  readonly at: string
}

/** How far back `lastUses` looks. */
export const lastUseDays = 30

const hourOf = (ms: number): number => Math.floor(ms / hourMs) * hourMs

/** When each of these clients was last seen with each audience. Pairs never seen are left out. */
export async function lastUses(actor: Actor, clients: readonly string[], now = new Date()): Promise<LastUse[]> {
  // Whole hours are answered by rollups alone.
  const range = { fromMs: hourOf(now.getTime() - lastUseDays * dayMs), toMs: now.getTime() + hourMs }
  const seen = await pairsSeen(actor, clients, range, "hour")
  return seen.map(({ client, audience, last_at }) => ({
    client,
    audience,
    at: new Date(hourOf(Date.parse(last_at))).toISOString(),
  }))
}
