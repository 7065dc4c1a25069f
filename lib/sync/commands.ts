import "server-only"
import type { Actor } from "../auth/actor.ts"
import { authorize } from "../auth/permissions.ts"
import { sha256 } from "../base/digest.ts"
import { conflict, Invalid, notFound } from "../base/errors.ts"
import { newId } from "../base/id.ts"
import { canonicalJson } from "../base/json.ts"
import { hourMs } from "../base/time.ts"
import { requireVersion } from "../base/version.ts"
import { db } from "../db/client.ts"
import { withTx, type Prisma, type Tx } from "../db/tx.ts"
import { enqueue } from "../queue/enqueue.ts"
import { disableClient } from "../registry/clients/commands.ts"
import type { ClientView } from "../registry/schema.ts"
import { record } from "../trail/record.ts"
import { computePlans, type ProviderPlan } from "./compute.ts"
import { planRules } from "./policy.ts"
import { changeWire, loadPlan } from "./queries.ts"
import type { ApplyInput, PlanInput, PlanWire } from "./schema.ts"
import { column, planTarget } from "./store.ts"
import { realWorld, type SyncWorld } from "./world.ts"

/** A plan that waits longer than this must be made anew. */
const planLifeMs = 24 * hourMs

/** Only these objects are planned; the rest is left to a plan of its own. */
export interface PlanFocus {
  readonly only: (object: { readonly kind: string; readonly key: string }) => boolean
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
    one.kept.filter((item) => !focus || focus.only(item)).map((item) => ({ ...item, provider_id: one.providerId })),
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
        hash,
        purpose,
        confirmed: [],
        createdBy: actor.name,
        basis: Object.fromEntries(plans.map((one) => [one.providerId, one.basis])),
        expiresAt: new Date(Date.now() + planLifeMs),
      },
    })
    if (changes.length > 0) await tx.planChange.createMany({ data: changes })
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
function rowsOf(
  planId: string,
  plans: readonly ProviderPlan[],
  focus: PlanFocus | undefined,
): Prisma.PlanChangeCreateManyInput[] {
  const all = plans.flatMap(({ providerId, changes }) =>
    changes.filter((change) => !focus || focus.only(change)).map((change) => ({ providerId, change })),
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
    fields: change.fields as unknown as Prisma.InputJsonValue,
    object: column(change.object),
    projection: column(change.projection),
    needsConfirmation: change.needsConfirmation,
    status: "pending",
  }))
}

type Hashed = {
  readonly id: string
  readonly providerId: string
  readonly verb: string
  readonly kind: string
  readonly key: string
  readonly fields: unknown
  readonly observed?: string | null
}

/** SHA-256 over what will be written, in order: the hash that was shown is the hash that is applied (T30). */
const hashOf = (providerIds: readonly string[], changes: readonly Hashed[]): string =>
  sha256(
    canonicalJson({
      providers: providerIds,
      changes: changes.map(({ id, providerId, verb, kind, key, fields, observed }) => ({
        id,
        providerId,
        verb,
        kind,
        key,
        fields,
        observed: observed ?? null,
      })),
    }),
  ).toString("hex")

async function lockPlan(tx: Tx, id: string) {
  await tx.$queryRaw`select 1 from plan where id = ${id}::uuid for update`
  const row = await tx.plan.findUnique({ where: { id } })
  if (!row) throw notFound("plan", id)
  return row
}

const refuse = (id: string, status: string) =>
  conflict(`plan_${status}`, sentences[status] ?? `The plan is ${status}.`, { id, status })
const sentences: Readonly<Record<string, string>> = {
  applying: "The plan is being applied.",
  applied: "The plan was applied already. Make a new one.",
  partially_applied: "A part of the plan was applied. Resume it, or make a new one.",
  stale: "The provider has changed since the plan was made. Make a new one.",
  failed: "The plan failed. Resume it, or make a new one.",
  discarded: "The plan was discarded. Make a new one.",
}

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

/**
 * Starts the apply: `applying` commits with the answer, and the worker goes on from there. A repeat while it runs answers
 * its present state. Refuses 409 `confirmation_needed` with the changes, `plan_expired`, `approval_needed`,
 * `blast_radius`, `plan_*` by status.
 */
export async function applyPlan(actor: Actor, id: string, input: ApplyInput): Promise<PlanWire> {
  authorize(actor, "plans:apply")
  return withTx(async (tx) => {
    const before = await lockPlan(tx, id)
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
    const placed = await tx.placement.count({ where: { providerId: { in: before.providerIds } } })
    const limit = Math.max(rules.deletesAlways, Math.floor((placed * rules.deletesPercent) / 100))
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

/** Tries again what did not succeed. What may have been carried out is looked at first. 404, 409 unless the plan ended in part or failed. */
export async function resumePlan(actor: Actor, id: string): Promise<PlanWire> {
  authorize(actor, "plans:apply")
  return withTx(async (tx) => {
    const before = await lockPlan(tx, id)
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

/**
 * The kill switch: disables the client in the registry, then plans and applies just that. Who may not apply is refused
 * before anything is written. 404, 503 when a provider cannot be read: the client is disabled then, and the next plan tells.
 */
export async function stopClient(actor: Actor, id: string): Promise<{ client: ClientView; plan: PlanWire }> {
  authorize(actor, "plans:write")
  authorize(actor, "plans:apply")
  const client = await disableClient(actor, id)
  const plan = await planAndApply(actor, client.provider_ids, `Disable ${client.name}`, {
    only: [{ kind: "client", key: client.name }],
  })
  return { client, plan }
}

/**
 * Plans and applies at once, for acts such as "disable now". Only what `only` names, and never what needs a confirmation.
 * Answers the plan, `applying`; with nothing to do it is finished by the worker at once.
 */
export async function planAndApply(
  actor: Actor,
  providerIds: readonly string[],
  purpose: string,
  options: { only?: readonly { kind: string; key: string }[]; world?: SyncWorld } = {},
): Promise<PlanWire> {
  authorize(actor, "plans:apply")
  const named = options.only && new Set(options.only.map(({ kind, key }) => `${kind} ${key}`))
  const focus: PlanFocus = {
    only: (object) =>
      (!named || named.has(`${object.kind} ${object.key}`)) &&
      !("needsConfirmation" in object && object.needsConfirmation === true),
  }
  const made = await createPlan(actor, { provider_ids: [...providerIds], purpose }, options.world ?? realWorld(), focus)
  return applyPlan(actor, made.id, { confirm: [], beyond_limit: false })
}
