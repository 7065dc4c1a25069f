import "server-only"
import type { Actor } from "../auth/actor.ts"
import { authorize } from "../auth/permissions.ts"
import { Invalid } from "../base/errors.ts"
import { newId } from "../base/id.ts"
import { hourMs } from "../base/time.ts"
import { db } from "../db/client.ts"
import { withTx, type Prisma } from "../db/tx.ts"
import { record } from "../trail/record.ts"
import { computePlans, type ProviderPlan } from "./compute.ts"
import { hashOf } from "./frozen.ts"
import type { PlannedChange } from "./plan.ts"
import { loadPlan } from "./queries.ts"
import type { PlanInput, PlanWire } from "./schema.ts"
import { planTarget, saveChanges, type NewChange } from "./store.ts"
import { realWorld, type SyncWorld } from "./world.ts"

/** A plan that waits longer than this must be made anew. */
const planLifeMs = 24 * hourMs

/** Only these objects are planned; the rest is left to a plan of its own. */
export interface PlanFocus {
  /** `changes`: everything that would be changed on the same provider. */
  readonly only: (object: { readonly kind: string; readonly key: string }, changes: readonly PlannedChange[]) => boolean
}

/**
 * Reads the providers, plans, and stores the plan frozen: with its hash, what was observed, and its end. Refuses 422
 * `unknown_provider`, 503 `provider_unavailable` or `plan_timeout`.
 */
export async function createPlan(
  actor: Actor,
  input: PlanInput,
  world: SyncWorld = realWorld(),
  focus?: PlanFocus,
): Promise<PlanWire> {
  authorize(actor, "plans:write")
  const rows = new Map(
    (await db().provider.findMany({ where: { id: { in: input.provider_ids } }, select: { id: true, name: true } })).map(
      (row) => [row.id, row],
    ),
  )
  const unknown = input.provider_ids.flatMap((id, i) =>
    rows.has(id)
      ? []
      : [{ path: `provider_ids.${i}`, code: "unknown_provider", message: `There is no provider ${id}.` }],
  )
  if (unknown.length > 0) throw new Invalid(unknown)
  const plans = await computePlans([...rows.values()], world)
  const id = newId()
  const changes = rowsOf(id, plans, focus)
  const kept = plans.flatMap((one) =>
    one.kept
      .filter((item) => !focus || focus.only(item, one.changes))
      .map((item) => ({ ...item, provider_id: one.providerId })),
  )
  const purpose = input.purpose ?? null
  const hash = hashOf(input.provider_ids, changes)
  return withTx(async (tx) => {
    await tx.plan.create({
      data: {
        id,
        status: "planned",
        providerIds: input.provider_ids,
        kept: kept as unknown as Prisma.InputJsonValue,
        report: plans.map(({ providerId, report }) => ({
          provider_id: providerId,
          ...report,
        })) as unknown as Prisma.InputJsonValue,
        hash,
        purpose,
        confirmed: [],
        createdBy: actor.name,
        basis: Object.fromEntries(plans.map((one) => [one.providerId, one.basis])),
        expiresAt: new Date(Date.now() + planLifeMs),
      },
    })
    await saveChanges(tx, changes)
    await record(tx, {
      actor,
      action: "plan.create",
      target: planTarget(id, purpose),
      after: { provider_ids: input.provider_ids, changes: changes.length, kept: kept.length, hash },
    })
    return loadPlan(tx, id)
  })
}

/** Providers one after the other; within each in the order of the plan. */
function rowsOf(planId: string, plans: readonly ProviderPlan[], focus: PlanFocus | undefined): NewChange[] {
  const all = plans.flatMap(({ providerId, changes }) =>
    changes.filter((change) => !focus || focus.only(change, changes)).map((change) => ({ providerId, change })),
  )
  return all.map(({ providerId, change }, ordinal) => ({
    id: newId(),
    planId,
    ordinal,
    providerId,
    verb: change.verb,
    kind: change.kind,
    key: change.key,
    remoteId: change.remoteId,
    observed: change.observed,
    fields: change.fields,
    object: change.object,
    projection: change.projection,
    needsConfirmation: change.needsConfirmation,
  }))
}
