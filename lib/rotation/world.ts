import "server-only"
import { outgoing, type GuardedFetch } from "../base/http.ts"
import type { LeasePace } from "../queue/lease.ts"
import { openConnector, type OpenConnector } from "../providers/open.ts"
import type { UseLog } from "./evidence.ts"
import { eventUseLog } from "./use-log.ts"

/** Everything outside of our own tables that a rotation touches. Tests hand in a simulated one. */
export interface RotationWorld {
  readonly open: OpenConnector
  /** Goes to token endpoints: the canary. */
  readonly fetch: GuardedFetch
  readonly log: UseLog
  /** How long a silent holder keeps others away; the pace of lib/queue/lease.ts where it is not given. */
  readonly pace?: LeasePace
}

export const realWorld = (): RotationWorld => ({ open: openConnector, fetch: outgoing(), log: eventUseLog })
