import "server-only"
import type { Actor } from "../auth/actor.ts"
import { authorize } from "../auth/permissions.ts"
import { requireVersion } from "../base/version.ts"
import { withTx } from "../db/tx.ts"
import { record } from "../trail/record.ts"
import { lockPlan, refuse } from "./frozen.ts"
import { loadPlan } from "./queries.ts"
import type { PlanWire } from "./schema.ts"
import { planTarget } from "./store.ts"

/** `planned` → `approved`. 404, 409. */
export async function approvePlan(actor: Actor, id: string): Promise<PlanWire> {
  authorize(actor, "plans:write")
  return withTx(async (tx) => {
    const before = await lockPlan(tx, id)
    if (before.status !== "planned") throw refuse(id, before.status)
    await tx.plan.update({
      where: { id, status: "planned" },
      data: { status: "approved", approvedBy: actor.name, approvedAt: new Date(), version: { increment: 1 } },
    })
    await record(tx, {
      actor,
      action: "plan.approve",
      target: planTarget(id, before.purpose),
      before: { status: "planned" },
      after: { status: "approved", hash: before.hash },
    })
    return loadPlan(tx, id)
  })
}

/** A plan that has not begun is set aside. 404, 409, 412. */
export async function discardPlan(actor: Actor, id: string, ifMatch: number | null = null): Promise<PlanWire> {
  authorize(actor, "plans:write")
  return withTx(async (tx) => {
    const before = await lockPlan(tx, id)
    requireVersion(ifMatch, before.version)
    if (before.status !== "planned" && before.status !== "approved") throw refuse(id, before.status)
    await tx.plan.update({
      where: { id },
      data: { status: "discarded", finishedAt: new Date(), version: { increment: 1 } },
    })
    await record(tx, {
      actor,
      action: "plan.discard",
      target: planTarget(id, before.purpose),
      before: { status: before.status },
      after: { status: "discarded" },
    })
    return loadPlan(tx, id)
  })
}

/** Renames what the plan is for; nothing else of a frozen plan can change. 404, 412. */
export async function renamePlan(
  actor: Actor,
  id: string,
  purpose: string | null | undefined,
  ifMatch: number | null,
): Promise<PlanWire> {
  authorize(actor, "plans:write")
  return withTx(async (tx) => {
    const before = await lockPlan(tx, id)
    requireVersion(ifMatch, before.version)
    if (purpose === undefined) return loadPlan(tx, id)
    await tx.plan.update({ where: { id }, data: { purpose, version: { increment: 1 } } })
    await record(tx, {
      actor,
      action: "plan.update",
      target: planTarget(id, purpose),
      before: { purpose: before.purpose },
      after: { purpose },
    })
    return loadPlan(tx, id)
  })
}
