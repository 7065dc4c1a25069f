import "server-only"
import { minuteMs } from "../base/time.ts"
import type { RemoteObject } from "../connectors/objects.ts"
import type { WritePort } from "../connectors/write-port.ts"
import type { JournalStep } from "./journal.ts"
import { idOf } from "./normal.ts"
import { patiently } from "./retry.ts"
import type { SyncWorld } from "./world.ts"

/** The first look of a step. Undefined: this one must be looked at by itself. */
export type Glance = (step: JournalStep) => Promise<{ readonly found: RemoteObject | null } | undefined>

/** From so many steps on, one read of everything is cheaper than one read each. */
const worthFrom = 5
/** What was seen longer ago than this may have changed behind us: everything is read again. */
const freshMs = minuteMs

/**
 * One `observe` for the first look of many steps. Only creates and updates that were never begun are judged by it: what is
 * deleted or stopped is looked at by itself right before, and so is whatever may have been sent already.
 */
export function overview(
  write: WritePort,
  world: Pick<SyncWorld, "sleep" | "random">,
  open: readonly JournalStep[],
): Glance {
  const counts = (step: JournalStep) => step.status === "pending" && (step.verb === "create" || step.verb === "update")
  let left = open.filter(counts).length
  let held: { readonly at: number; readonly objects: Promise<ReadonlyMap<string, RemoteObject>> } | null = null
  const fresh = async () =>
    new Map((await patiently(() => write.observe(), world)).map((object) => [idOf(object), object]))
  return async (step) => {
    if (!counts(step)) return undefined
    left--
    if (held === null || Date.now() - held.at > freshMs) {
      if (left + 1 < worthFrom) return undefined
      held = { at: Date.now(), objects: fresh() }
    }
    const mine = held
    try {
      return { found: (await mine.objects).get(idOf(step)) ?? null }
    } catch (error) {
      if (held === mine) held = null
      throw error
    }
  }
}
