import "server-only"
import type { Actor } from "../auth/actor.ts"
import { authorize } from "../auth/permissions.ts"
import { requireFresh } from "../auth/step-up.ts"
import { conflict } from "../base/errors.ts"
import { withTx, type Prisma, type Tx } from "../db/tx.ts"
import { enqueue } from "../queue/enqueue.ts"
import { record } from "../trail/record.ts"
import { hashOf, lockPlanToWrite, refuse } from "./frozen.ts"
import { planRules } from "./policy.ts"
import { changeWire, limitOf, loadPlan } from "./queries.ts"
import type { ApplyInput, PlanWire } from "./schema.ts"
import { planTarget } from "./store.ts"

/**
 * Starts the apply: `applying` commits with the answer, and the worker goes on from there. A repeat while it runs answers
 * its present state. Refuses 409 `confirmation_needed` with the changes, `plan_expired`, `approval_needed`,
 * `blast_radius`, `provider_gone`, `plan_*` by status; 403 `step_up_needed` where it deletes.
 */
export async function applyPlan(actor: Actor, id: string, input: ApplyInput): Promise<PlanWire> {
  authorize(actor, "plans:apply")
  return withTx(async (tx) => {
    const before = await lockPlanToWrite(tx, id)
    if (before.status === "applying") return loadPlan(tx, id)
    if (before.status !== "planned" && before.status !== "approved") throw refuse(id, before.status)
    if (before.expiresAt <= new Date())
      throw conflict("plan_expired", "The plan is too old. Make a new one.", { id, expired_at: before.expiresAt })
    const rules = await planRules(tx)
    if (rules.approval && before.status !== "approved")
      throw conflict("approval_needed", "A policy asks that plans are approved first.", { id })
    const changes = await tx.planChange.findMany({ where: { planId: id }, orderBy: { ordinal: "asc" } })
    if (hashOf(before.providerIds, changes) !== before.hash)
      throw conflict("plan_altered", "The stored plan is not the one that was shown. Make a new one.", { id })
    const yes = new Set(input.confirm.map((change) => change.toLowerCase()))
    const open = changes.filter((change) => change.needsConfirmation && !yes.has(change.id))
    if (open.length > 0) {
      throw conflict(
        "confirmation_needed",
        `${open.length} ${open.length === 1 ? "change needs" : "changes need"} an explicit yes: send their ids in confirm.`,
        { changes: open.map(changeWire) },
      )
    }
    const deletes = changes.filter((change) => change.verb === "delete").length
    if (deletes > 0) requireFresh(actor)
    const limit = await limitOf(tx, before.providerIds)
    if (deletes > limit && !input.beyond_limit) {
      throw conflict(
        "blast_radius",
        `This plan deletes ${deletes} objects; the limit per run is ${limit}. Send beyond_limit if that is meant.`,
        { deletes, limit },
      )
    }
    await start(tx, id, {
      appliedBy: actor.name,
      startedAt: new Date(),
      confirmed: changes.filter((change) => change.needsConfirmation).map((change) => change.id),
    })
    await record(tx, {
      actor,
      action: "plan.apply",
      target: planTarget(id, before.purpose),
      before: { status: before.status },
      after: { status: "applying", hash: before.hash, deletes },
    })
    return loadPlan(tx, id)
  })
}

async function start(tx: Tx, id: string, data: Prisma.PlanUpdateInput): Promise<void> {
  await tx.plan.update({
    where: { id },
    data: { ...data, status: "applying", finishedAt: null, version: { increment: 1 } },
  })
  await enqueue(tx, "apply")
}

/**
 * Tries again what did not succeed. What may have been carried out is looked at first. 404, 409 `provider_gone`, or unless
 * the plan ended in part or failed.
 */
export async function resumePlan(actor: Actor, id: string): Promise<PlanWire> {
  authorize(actor, "plans:apply")
  return withTx(async (tx) => {
    const before = await lockPlanToWrite(tx, id)
    if (before.status === "applying") {
      await enqueue(tx, "apply")
      return loadPlan(tx, id)
    }
    if (before.status !== "partially_applied" && before.status !== "failed") throw refuse(id, before.status)
    const again = { planId: id, status: { in: ["failed", "skipped", "unknown"] } }
    await tx.planChange.updateMany({
      where: { ...again, intentAt: null },
      data: { status: "pending", finishedAt: null },
    })
    await tx.planChange.updateMany({
      where: { ...again, intentAt: { not: null } },
      data: { status: "intent", finishedAt: null },
    })
    await start(tx, id, { appliedBy: actor.name })
    await record(tx, {
      actor,
      action: "plan.resume",
      target: planTarget(id, before.purpose),
      before: { status: before.status },
      after: { status: "applying" },
    })
    return loadPlan(tx, id)
  })
}
