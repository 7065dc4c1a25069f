import "server-only"
import { systemActor } from "../auth/system.ts"
import type { JsonObject } from "../base/json.ts"
import { ConnectorError, type RemoteObject } from "../connectors/port.ts"
import { db } from "../db/client.ts"
import { Prisma, withTx, type Tx } from "../db/tx.ts"
import { requireLease, type Lease } from "../queue/lease.ts"
import { prepareSecret } from "../secrets/issue.ts"
import { needsSecret } from "../secrets/rules.ts"
import { record, type TrailChange } from "../trail/record.ts"
import { changeFields, changeObject, placementApplied } from "./columns.ts"
import { lacking, type Step } from "./decide.ts"
import { same } from "./normal.ts"
import { kindOf, savePlacement } from "./store.ts"

/** One change of a plan as the journal holds it. */
export interface JournalStep extends Step {
  readonly id: string
  readonly planId: string
  readonly providerId: string
  readonly status: string
}

export interface StepError extends JsonObject {
  readonly code: string
  readonly message: string
}

const actor = systemActor("apply")

export async function stepsOf(planId: string, providerId: string): Promise<JournalStep[]> {
  const rows = await db().planChange.findMany({ where: { planId, providerId }, orderBy: { ordinal: "asc" } })
  return rows.map((row) => ({
    id: row.id,
    planId,
    providerId,
    status: row.status,
    verb: row.verb as Step["verb"],
    kind: kindOf(row.kind),
    key: row.key,
    remoteId: row.remoteId,
    fields: changeFields(row.fields),
    object: changeObject(row.object),
    observed: row.observed,
    marker: `${planId}:${row.id}`,
  }))
}

const trail = (step: JournalStep, action: TrailChange["action"], detail: JsonObject): TrailChange => ({
  actor,
  action,
  target: { kind: step.kind, id: step.id, name: step.key },
  after: { plan_id: step.planId, provider_id: step.providerId, verb: step.verb, ...detail },
})

/** Before the call: whoever resumes knows that it may have been made. No call without this trace. Throws LeaseLost. */
export async function saveIntent(step: JournalStep, lease: Lease, started: boolean): Promise<void> {
  await withTx(async (tx) => {
    await requireLease(tx, lease)
    await tx.planChange.update({
      where: { id: step.id },
      data: { status: "intent", attempt: { increment: 1 }, ...(started ? {} : { intentAt: new Date() }) },
    })
    if (!started) await record(tx, trail(step, "change.intent", {}))
  })
}

/**
 * After the call: result, placement, the first secret's intent and the trail, together. A result that lacks a field is
 * `partial`: what did arrive is what was applied, so the next plan shows exactly the rest (F21).
 */
export async function saveResult(
  step: JournalStep,
  lease: Lease,
  result: RemoteObject | null,
): Promise<"done" | "failed"> {
  const lost = result === null || step.verb === "delete" ? [] : lacking(step.fields, result)
  const error: StepError | null =
    lost.length === 0
      ? null
      : { code: "partial", message: `The provider did not take over ${lost.map(({ field }) => field).join(", ")}.` }
  const status = error ? "failed" : "done"
  await withTx(async (tx) => {
    await requireLease(tx, lease)
    const { count } = await tx.planChange.updateMany({
      where: { id: step.id, status: { in: ["pending", "intent"] } },
      data: {
        status,
        finishedAt: new Date(),
        error: error ?? Prisma.DbNull,
        ...(result ? { remoteId: result.remoteId } : {}),
      },
    })
    if (count === 0) return
    const more = step.verb === "delete" || result === null ? await forget(tx, step) : await remember(tx, step, result)
    await tx.driftItem.deleteMany({
      where: { providerId: step.providerId, kind: step.kind, key: step.key, status: "reverting" },
    })
    await record(
      tx,
      trail(step, error ? "change.failed" : "change.done", {
        fields: step.fields as unknown as JsonObject[],
        ...(error ? { error } : {}),
      }),
      ...more,
    )
  })
  return status
}

async function forget(tx: Tx, step: JournalStep): Promise<TrailChange[]> {
  await tx.placement.deleteMany({ where: { providerId: step.providerId, kind: step.kind, key: step.key } })
  if (step.kind === "client") {
    await tx.clientSecret.updateMany({
      where: { providerId: step.providerId, client: { name: step.key }, state: { not: "retired" } },
      data: { state: "retired", retiredAt: new Date(), sealed: Prisma.DbNull },
    })
  }
  return []
}

async function remember(tx: Tx, step: JournalStep, result: RemoteObject): Promise<TrailChange[]> {
  const { providerId, kind, key } = step
  const before = await tx.placement.findUnique({ where: { providerId_kind_key: { providerId, kind, key } } })
  const arrived = step.fields.map(
    ({ field, to }) =>
      [
        field,
        same(result.fields[field], to) || result.unknown?.includes(field) ? to : (result.fields[field] ?? null),
      ] as const,
  )
  const had = step.verb === "create" || !before ? {} : placementApplied(before.applied)
  await savePlacement(tx, {
    providerId,
    kind,
    key,
    remoteId: result.remoteId,
    origin: "created",
    applied: { ...had, ...Object.fromEntries(arrived) },
  })
  return kind === "client" && step.fields.some(({ field, to }) => field === "auth_method" && needsSecret(to))
    ? await firstSecret(tx, step)
    : []
}

/** A client that has just come to need a secret gets its intent here, in the transaction of the cause. */
async function firstSecret(tx: Tx, { providerId, key }: JournalStep): Promise<TrailChange[]> {
  const client = await tx.client.findUnique({ where: { name: key }, select: { id: true, name: true } })
  if (!client) return []
  const has = await tx.clientSecret.count({ where: { clientId: client.id, providerId, state: { not: "retired" } } })
  if (has > 0) return []
  return [(await prepareSecret(tx, actor, { client, providerId })).change]
}

export type BadEnd = "failed" | "skipped" | "unknown"

export async function saveFailure(step: JournalStep, lease: Lease, status: BadEnd, error: StepError): Promise<void> {
  await withTx(async (tx) => {
    await requireLease(tx, lease)
    await tx.planChange.update({ where: { id: step.id }, data: { status, error, finishedAt: new Date() } })
    await record(tx, trail(step, "change.failed", { status, error }))
  })
}

/** A provider's words as they may be kept and shown: classified, redacted, short. */
export function errorOf(error: ConnectorError): StepError {
  const { code, message, step, httpStatus, providerCode, excerpt, requestId } = error
  return { code, message, step, http_status: httpStatus, provider_code: providerCode, excerpt, request_id: requestId }
}
