import "server-only"
import { atMost } from "../base/at-most.ts"
import { splitGrantKey } from "../connectors/objects.ts"
import { isPort } from "../connectors/port.ts"
import type { WritePort } from "../connectors/write-port.ts"
import { stillHeld, type Lease } from "../queue/lease.ts"
import { blockerOf, disturbsRotation } from "./decide.ts"
import { journalOf, type JournalStep, type StepError } from "./journal.ts"
import { idOf } from "./normal.ts"
import { inLanes, lanesOf, phasesOf } from "./order.ts"
import { overview } from "./overview.ts"
import { NotSent, runStep } from "./step.ts"
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
  const journal = journalOf(lease, world.clientsGone)
  // An intent of before may have been carried out: that is not "skipped".
  const untried = (step: JournalStep, why: StepError) =>
    journal.failure(step, step.status === "intent" ? "unknown" : "skipped", why)
  if (!isPort(opened)) {
    for (const step of open) await untried(step, notTried("unsupported", opened.cannot))
    return
  }
  const width = opened.parallel ?? 1
  const failed = new Set(steps.filter(({ status }) => !["pending", "intent", "done"].includes(status)).map(idOf))
  let stopped: StepError | null = null
  // Whoever waited for a place may have lost the lease meanwhile, or the provider.
  const port = narrowed(opened, width, async () => {
    await stillHeld(lease)
    if (stopped) throw new NotSent(stopped)
  })
  // Asked now and not when the plan was made; from here on none begins for a client of this plan (startRotation).
  const rotating = await rotatingClients(providerId)
  const stop = ({ code }: StepError) => {
    stopped ??= notTried(code, "the provider stopped answering us.")
  }
  const shared = { port, journal, world, glance: overview(port, world, open), stop }

  /** Grants that were told with their client, before their own phase. */
  const early = new Set<string>()
  const grantsByClient = Map.groupBy(
    open.filter(({ kind, verb }) => kind === "grant" && verb === "create"),
    ({ key }) => splitGrantKey(key).client,
  )
  /** The grants that a client which is made now can be made with. */
  const grantsOf = ({ kind, verb, key }: JournalStep): readonly JournalStep[] =>
    kind === "client" && verb === "create"
      ? (grantsByClient.get(key) ?? []).filter((grant) => blockerOf(grant, failed) === null)
      : []

  async function run(step: JournalStep): Promise<void> {
    const blocker = stopped ? null : blockerOf(step, failed)
    if (stopped || blocker !== null) {
      await untried(step, stopped ?? notTried("depends", `${blocker} did not succeed.`))
      failed.add(idOf(step))
      return
    }
    const enabled = rotating.get(step.key)
    const held = enabled === false && world.clientsGone ? "disabled" : "enabled"
    if (enabled !== undefined && disturbsRotation(step, held)) {
      const message = "A rotation is in flight: it can be done when that is over."
      await journal.failure(step, step.status === "intent" ? "unknown" : "failed", { code: "rotating", message })
      failed.add(idOf(step))
      return
    }
    const { end, along } = await runStep(step, shared, port.grantsComeWithClient ? grantsOf(step) : [])
    const stands = end === "done" || end === "partial"
    if (!stands) failed.add(idOf(step))
    // What came with it is there by now: each is looked at and told as a step of its own.
    for (const grant of along) {
      early.add(grant.id)
      await run(stands || end === "unknown" ? { ...grant, status: "intent" } : grant)
    }
    if (end === "partial") failed.add(idOf(step))
  }

  // A lane that waits for the journal leaves its place at the provider to another one.
  const lanes = width === 1 ? 1 : width * lanesPerCall
  for (const phase of phasesOf(open, port.grantsGoWithClient)) {
    const rest = phase.filter(({ id }) => !early.has(id))
    await inLanes(lanesOf(rest), lanes, run)
  }
}

/** Enough that the provider is never idle while what it answered is written down. */
const lanesPerCall = 4

const notTried = (code: string, why: string): StepError => ({ code, message: `Not tried: ${why}` })

/** The port, with so many calls at a time; `sure` runs right before each one that writes, in its place. */
function narrowed(port: WritePort, width: number, sure: () => Promise<void>): WritePort {
  const call = atMost(width)
  const write = <T>(send: () => Promise<T>): Promise<T> =>
    call(async () => {
      await sure()
      return await send()
    })
  return {
    ...port,
    observe: () => call(() => port.observe()),
    find: (kind, key) => call(() => port.find(kind, key)),
    create: (object, marker, grants) => write(() => port.create(object, marker, grants)),
    update: (remoteId, object, changes) => write(() => port.update(remoteId, object, changes)),
    remove: (kind, remoteId, key) => write(() => port.remove(kind, remoteId, key)),
  }
}
