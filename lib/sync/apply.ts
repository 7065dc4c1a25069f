import "server-only"
import { systemActor } from "../auth/system.ts"
import { crashpoint } from "../base/crashpoint.ts"
import { log } from "../base/log.ts"
import { redactError } from "../base/redact.ts"
import { ConnectorError } from "../connectors/connector-error.ts"
import { db } from "../db/client.ts"
import { withTx } from "../db/tx.ts"
import { enqueue } from "../queue/enqueue.ts"
import { LeaseLost, withLease } from "../queue/lease.ts"
import { settleSecrets } from "../secrets/settle.ts"
import { record } from "../trail/record.ts"
import { changeError } from "./columns.ts"
import { endOf } from "./decide.ts"
import { errorOf, stepsOf } from "./journal.ts"
import { readProvider } from "./read.ts"
import { planTarget } from "./store.ts"
import { runSteps } from "./run-steps.ts"
import { waiting } from "./show-tokens.ts"
import { stepCrashpoints } from "./step.ts"
import { realWorld, type SyncWorld } from "./world.ts"

const actor = systemActor("apply")

/** All places at which the runner may die, in the order in which they are passed. */
export const applyCrashpoints = [
  "apply.before_provider",
  ...stepCrashpoints,
  "apply.before_secrets",
  "apply.before_finish",
  "apply.after_finish",
] as const

/**
 * The job `apply`: carries out every plan that is applying. Any number of processes may run it, at any time and again
 * after a kill: the provider's lease lets one work, the journal says where it stands.
 */
export async function runApplies(world: SyncWorld = realWorld()): Promise<void> {
  for (;;) {
    const plans = await db().plan.findMany({
      where: { status: "applying" },
      select: { id: true },
      orderBy: [{ startedAt: "asc" }, { id: "asc" }],
    })
    const ends = await Promise.all(plans.map(({ id }) => runPlan(id, world)))
    // Whoever waited for a provider of this round goes next; what another process holds is left to that process.
    if (!ends.includes("finished") || !ends.includes("busy")) break
  }
}

async function runPlan(planId: string, world: SyncWorld): Promise<"finished" | "busy"> {
  const plan = await db().plan.findUniqueOrThrow({ where: { id: planId }, select: { providerIds: true } })
  const ends = await Promise.all(plan.providerIds.map((providerId) => runProvider(planId, providerId, world)))
  if (ends.includes("busy")) return "busy"
  await crashpoint("apply.before_finish")
  if (!(await finish(planId))) return "busy"
  await crashpoint("apply.after_finish")
  await Promise.all(plan.providerIds.map((providerId) => lookAgain(providerId, world)))
  return "finished"
}

async function runProvider(planId: string, providerId: string, world: SyncWorld): Promise<"finished" | "busy"> {
  try {
    const { busy } = await withLease(providerId, async (lease) => {
      await crashpoint("apply.before_provider")
      await runSteps(await stepsOf(planId, providerId), providerId, lease, world)
      await crashpoint("apply.before_secrets")
      await settleSecrets(providerId, actor, world, lease)
    })
    return busy ? "busy" : "finished"
  } catch (error) {
    if (!(error instanceof LeaseLost))
      log.error(
        { plan_id: planId, provider_id: providerId, error: redactError(error) },
        "an apply stopped; it goes on at the next sweep",
      )
    return "busy"
  }
}

async function finish(planId: string): Promise<boolean> {
  return withTx(async (tx) => {
    const items = await tx.planChange.findMany({ where: { planId }, select: { status: true, error: true } })
    const counts = Object.fromEntries(
      [...Map.groupBy(items, ({ status }) => status)].map(([status, list]) => [status, list.length]),
    )
    const status = endOf(items.map((item) => ({ status: item.status, code: changeError(item.error)?.code ?? null })))
    if (status === null) return false
    const outcome = await waiting(tx, planId)
    const { count } = await tx.plan.updateMany({
      where: { id: planId, status: "applying" },
      data: {
        status,
        outcome: outcome.map((one) => ({ ...one })),
        finishedAt: new Date(),
        version: { increment: 1 },
      },
    })
    if (count === 0) return true
    if (outcome.length > 0) await enqueue(tx, "plan.tokens")
    const { purpose } = await tx.plan.findUniqueOrThrow({ where: { id: planId }, select: { purpose: true } })
    await record(tx, {
      actor,
      action: "plan.finish",
      target: planTarget(planId, purpose),
      before: { status: "applying" },
      after: { status, items: counts },
    })
    return true
  })
}

/** After an apply the provider is read, so that drift that was reverted is gone from the list at once. */
async function lookAgain(providerId: string, world: SyncWorld): Promise<void> {
  await readProvider(providerId, world).catch((error: unknown) => {
    if (!(error instanceof ConnectorError)) throw error
    log.warn({ provider_id: providerId, ...errorOf(error) }, "the provider could not be read after an apply")
  })
}
