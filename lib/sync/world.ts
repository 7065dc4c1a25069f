import "server-only"
import { setTimeout as delay } from "node:timers/promises"
import type { Tx } from "../db/tx.ts"
import { realSecretWorld, type SecretWorld } from "../secrets/settle.ts"
import type { TrailActor } from "../trail/record.ts"

/** What else ends with clients that an apply has deleted at a provider. In the transaction that writes the deletion down. */
export type ClientsGone = (
  tx: Tx,
  actor: TrailActor,
  gone: { readonly providerId: string; readonly clients: readonly string[] },
) => Promise<void>

/** What this room needs from outside. Tests hand in a simulated one. */
export interface SyncWorld extends SecretWorld {
  readonly sleep: (ms: number) => Promise<void>
  /** From 0 to 1, for jitter. */
  readonly random: () => number
  /** lib/rotation's, which ends their rotations. Absent: nobody does, so a delete waits for a rotation to be over. */
  readonly clientsGone?: ClientsGone
}

export const realWorld = (): SyncWorld => ({ ...realSecretWorld(), sleep: (ms) => delay(ms), random: Math.random })
