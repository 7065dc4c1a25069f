import "server-only"
import { setTimeout as delay } from "node:timers/promises"
import { realSecretWorld, type SecretWorld } from "../secrets/settle.ts"

/** What this room needs from outside. Tests hand in a simulated one. */
export interface SyncWorld extends SecretWorld {
  readonly sleep: (ms: number) => Promise<void>
  /** From 0 to 1, for jitter. */
  readonly random: () => number
}

export const realWorld = (): SyncWorld => ({ ...realSecretWorld(), sleep: (ms) => delay(ms), random: Math.random })
