import "server-only"
import { atMost } from "../base/at-most.ts"
import { isPort, type WritePort } from "../connectors/port.ts"
import type { Lease } from "../queue/lease.ts"
import { blockerOf, disturbsRotation } from "./decide.ts"
import { journalOf, type JournalStep, type StepError } from "./journal.ts"
import { idOf } from "./normal.ts"
import { inLanes, lanesOf, phasesOf } from "./order.ts"
import { overview } from "./overview.ts"
import { runStep } from "./step.ts"
import { rotatingClients } from "./store.ts"
import type { SyncWorld } from "./world.ts"

/**
 * Carries out what is open of a plan on one provider: phase after phase, within a phase side by side as far as the
 * provider takes it (`WritePort.parallel`), each object with one writer. Throws LeaseLost once nothing runs any more.
 */
export async function runSteps(
  steps: readonly JournalStep[],
  providerId: string,
  lease: Lease,
  world: SyncWorld,
): Promise<void> {
  const open = steps.filter(({ status }) => status === "pending" || status === "intent")
  if (open.length === 0) return
  const opened = (await world.open(providerId)).write
  const width = isPort(opened) ? (opened.parallel ?? 1) : 1
  const write = isPort(opened) ? narrowed(opened, width) : opened
  const journal = journalOf(lease)
  const failed = new Set(steps.filter(({ status }) => !["pending", "intent", "done"].includes(status)).map(idOf))
  let stopped: StepError | null = isPort(write) ? null : { code: "unsupported", message: write.cannot }
  // Asked now and not when the plan was made; from here on none begins for a client of this plan (startRotation).
  const rotating = await rotatingClients(providerId)
  const glance = isPort(write) ? overview(write, world, open) : undefined

  async function run(step: JournalStep): Promise<void> {
    const blocker = stopped ? null : blockerOf(step, failed)
    if (stopped || blocker !== null || !isPort(write)) {
      const error = stopped
        ? { ...stopped, message: `Not tried: ${stopped.message}` }
        : { code: "depends", message: `Not tried: ${blocker} did not succeed.` }
      // An intent of before may have been carried out: that is not "skipped".
      await journal.failure(step, step.status === "intent" ? "unknown" : "skipped", error)
      failed.add(idOf(step))
      return
    }
    if (disturbsRotation(step) && rotating.has(step.key)) {
      const message = "A rotation is in flight: it can be done when that is over."
      await journal.failure(step, step.status === "intent" ? "unknown" : "failed", { code: "rotating", message })
      failed.add(idOf(step))
      return
    }
    const { end, code, fatal } = await runStep(step, write, lease, journal, world, glance)
    if (end !== "done") failed.add(idOf(step))
    if (fatal) stopped ??= { code: code ?? "unavailable", message: "the provider stopped answering us." }
  }

  // A lane that waits for the journal leaves its place at the provider to another one.
  const lanes = width === 1 ? 1 : width * lanesPerCall
  for (const phase of phasesOf(open)) await inLanes(lanesOf(phase), lanes, run)
}

/** Enough that the provider is never idle while what it answered is written down. */
const lanesPerCall = 4

/** The port, with so many calls at a time. */
function narrowed(port: WritePort, width: number): WritePort {
  const call = atMost(width)
  return {
    ...port,
    observe: () => call(() => port.observe()),
    find: (kind, key) => call(() => port.find(kind, key)),
    create: (object, marker) => call(() => port.create(object, marker)),
    update: (remoteId, object, changes) => call(() => port.update(remoteId, object, changes)),
    remove: (kind, remoteId, key) => call(() => port.remove(kind, remoteId, key)),
  }
}
