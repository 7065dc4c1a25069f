import "server-only"
import { crashpoint } from "../base/crashpoint.ts"
import { ConnectorError } from "../connectors/connector-error.ts"
import type { RemoteObject } from "../connectors/objects.ts"
import type { WritePort } from "../connectors/write-port.ts"
import { decide, type Decision } from "./decide.ts"
import { errorOf, type BadEnd, type Journal, type JournalStep, type StepError } from "./journal.ts"
import type { Glance } from "./overview.ts"
import { attemptsMax, meaningOf, patiently, waitMs } from "./retry.ts"
import type { SyncWorld } from "./world.ts"

/** Every place between two effects of a step, in order. fault.db.test.ts kills at each of them. */
export const stepCrashpoints = [
  "apply.before_read",
  "apply.after_read",
  "apply.after_intent",
  "apply.after_call",
  "apply.after_result",
] as const

/** A port that sends nothing any more throws this instead of calling, so there is no doubt about this call. */
export class NotSent extends Error {
  readonly why: StepError
  constructor(why: StepError) {
    super(why.message)
    this.why = why
  }
}

/** What the steps of one run share. `port` makes sure of the lease before each write. */
export interface Run {
  readonly port: WritePort
  readonly journal: Journal
  readonly world: SyncWorld
  readonly glance: Glance
  /** The provider is out of reach for us: told before it is written down, so that no other step is sent meanwhile. */
  readonly stop: (why: StepError) => void
}

/**
 * One step: look, decide, intent, call, result. In doubt it looks again and never re-sends blindly; what a provider with a
 * lag does not show yet is waited for before it counts as not made. `grants` are steps that a new client may take along;
 * those that were sent with it have their intents, and wait for their own look. Throws LeaseLost, and what is a bug.
 */
export async function runStep(step: JournalStep, run: Run, grants: readonly JournalStep[] = []): Promise<StepEnd> {
  let along: readonly JournalStep[] = []
  const end = await oneStep(step, run, async (decision, started) => {
    const before = along
    if (decision.do === "create") along = grants
    // One commit, before the call that makes them all.
    const sent = along.map((one) => run.journal.intent(one, one.status === "intent" || before.includes(one)))
    await Promise.all([run.journal.intent(step, started), ...sent])
    return along
  })
  return { end, along }
}

/** `partial`: it stands there, but lacks something; the journal has it as failed. */
type End = "done" | "partial" | BadEnd

export interface StepEnd {
  readonly end: End
  readonly along: readonly JournalStep[]
}

/** `intent` is written before each call, and answers what goes along with it. */
async function oneStep(
  step: JournalStep,
  { port, journal, world, glance, stop }: Run,
  intent: (decision: Decision, started: boolean) => Promise<readonly JournalStep[]>,
): Promise<End> {
  let started = step.status !== "pending"
  /** Whether a call before the present one may have been carried out. */
  let doubt = started
  let tries = 0
  let lookUntil = started ? Date.now() + (port.readLagMs ?? 0) : 0
  for (;;) {
    try {
      await crashpoint("apply.before_read")
      const seen = tries === 0 && !started ? await glance(step) : undefined
      const found = seen ? seen.found : await patiently(() => port.find(step.kind, step.key), world)
      await crashpoint("apply.after_read")
      if (started && found === null && step.verb === "create" && Date.now() < lookUntil) {
        await world.sleep(Math.min(500, lookUntil - Date.now()))
        continue
      }
      const decision = decide(step, found, started)
      if (decision.do === "stop") return await bad(step, journal, "failed", { code: "stale", message: decision.why })
      if (decision.do === "nothing") return await journal.result(step, decision.found)
      const along = await intent(decision, started)
      doubt = started
      started = true
      await crashpoint("apply.after_intent")
      const result = await patiently(() => send(decision, port, step, along), world)
      await crashpoint("apply.after_call")
      const end = await journal.result(step, result)
      await crashpoint("apply.after_result")
      return end
    } catch (error) {
      if (error instanceof NotSent) return await bad(step, journal, doubt ? "unknown" : "skipped", error.why)
      if (!(error instanceof ConnectorError)) throw error
      const meaning = meaningOf(error)
      if (meaning === "fatal") stop(errorOf(error))
      if (meaning !== "doubtful") return await bad(step, journal, "failed", errorOf(error))
      if (++tries >= attemptsMax) {
        if (error.code === "unavailable") stop(errorOf(error))
        return await bad(step, journal, started ? "unknown" : "failed", errorOf(error))
      }
      if (error.code === "lost_answer") lookUntil = Date.now() + (port.readLagMs ?? 0)
      await world.sleep(waitMs(error, tries, world.random, new Date()))
    }
  }
}

async function send(
  decision: Exclude<Decision, { do: "stop" | "nothing" }>,
  port: WritePort,
  step: JournalStep,
  along: readonly JournalStep[],
): Promise<RemoteObject | null> {
  switch (decision.do) {
    case "create":
      return await port.create(
        decision.object,
        step.marker,
        along.flatMap(({ object }) => object ?? []),
      )
    case "update":
      return await port.update(decision.remoteId, decision.object, decision.fields)
    case "remove":
      await port.remove(step.kind, decision.remoteId, step.key)
      return null
  }
}

async function bad(step: JournalStep, journal: Journal, end: BadEnd, error: StepError): Promise<BadEnd> {
  await journal.failure(step, end, error)
  return end
}
