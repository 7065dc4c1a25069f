import "server-only"
import { z } from "zod"
import type { Actor } from "../auth/actor.ts"
import { authorize } from "../auth/permissions.ts"
import { notFound } from "../base/errors.ts"
import type { Json } from "../base/json.ts"
import { db } from "../db/client.ts"
import type { Prisma, Tx } from "../db/tx.ts"
import {
  changeError,
  changeFields,
  changeProjection,
  driftActor,
  driftFields,
  planKept,
  planOutcome,
  planReport,
} from "./columns.ts"
import { deletesLimit, planRules } from "./policy.ts"
import type { ChangeWire, PlanSummary, PlanWire } from "./schema.ts"

type PlanRow = Prisma.PlanGetPayload<object>
type ChangeRow = Omit<Prisma.PlanChangeGetPayload<object>, "object">
type Tally = readonly { readonly verb: string; readonly status: string; readonly count: number }[]

const iso = (at: Date | null): string | null => at?.toISOString() ?? null

function summary(row: Omit<PlanRow, "kept" | "basis" | "report" | "outcome">, tally: Tally): PlanSummary {
  const counts = { create: 0, update: 0, delete: 0, disable: 0 }
  const progress: Record<string, number> = {}
  for (const { verb, status, count } of tally) {
    if (verb in counts) counts[verb as keyof typeof counts] += count
    progress[status] = (progress[status] ?? 0) + count
  }
  return {
    id: row.id,
    status: row.status,
    provider_ids: row.providerIds,
    purpose: row.purpose,
    hash: row.hash,
    counts,
    progress,
    created_by: row.createdBy,
    created_at: row.createdAt.toISOString(),
    expires_at: row.expiresAt.toISOString(),
    approved_by: row.approvedBy,
    approved_at: iso(row.approvedAt),
    applied_by: row.appliedBy,
    started_at: iso(row.startedAt),
    finished_at: iso(row.finishedAt),
    version: row.version,
  }
}

export const changeWire = (row: ChangeRow): ChangeWire => ({
  id: row.id,
  verb: row.verb,
  kind: row.kind,
  key: row.key,
  provider_id: row.providerId,
  fields: changeFields(row.fields),
  ...(row.projection === null ? {} : { projection: changeProjection(row.projection) }),
  needs_confirmation: row.needsConfirmation,
  status: row.status,
  attempt: row.attempt,
  error: changeError(row.error),
  finished_at: iso(row.finishedAt),
})

/** A plan with its items in the order in which they run. Reads through the transaction that changed it. */
export async function loadPlan(through: Tx | ReturnType<typeof db>, id: string): Promise<PlanWire> {
  const row = await through.plan.findUnique({ where: { id }, omit: { basis: true } })
  if (!row) throw notFound("plan", id)
  const changes = await through.planChange.findMany({
    where: { planId: id },
    orderBy: { ordinal: "asc" },
    omit: { object: true },
  })
  const tally = changes.map(({ verb, status }) => ({ verb, status, count: 1 }))
  return {
    ...summary(row, tally),
    changes: changes.map(changeWire),
    kept: planKept(row.kept),
    projection: planReport(row.report),
    outcome: planOutcome(row.outcome),
    confirmed: row.confirmed,
    deletes_limit: await limitOf(through, row.providerIds),
  }
}

/** By what stands on the providers now. */
export async function limitOf(through: Tx | ReturnType<typeof db>, providerIds: readonly string[]): Promise<number> {
  const placed = await through.placement.count({ where: { providerId: { in: [...providerIds] } } })
  return deletesLimit(await planRules(through), placed)
}

export async function getPlan(actor: Actor, id: string): Promise<PlanWire> {
  authorize(actor, "plans:read")
  return loadPlan(db(), id)
}

const after = z.tuple([z.coerce.date(), z.uuid()])

/** Newest first. `after` is what `last` was on the page before. */
export async function listPlans(
  actor: Actor,
  filter: { readonly status?: string | undefined; readonly provider?: string | undefined },
  page: { readonly limit: number; readonly after: readonly unknown[] | null },
): Promise<{ items: PlanSummary[]; last: [string, string] | null }> {
  authorize(actor, "plans:read")
  const [at, id] = page.after === null ? [null, null] : after.parse(page.after)
  const rows = await db().plan.findMany({
    where: {
      ...(filter.status === undefined ? {} : { status: filter.status }),
      ...(filter.provider === undefined ? {} : { providerIds: { has: filter.provider } }),
      ...(at === null ? {} : { OR: [{ createdAt: { lt: at } }, { createdAt: at, id: { lt: id } }] }),
    },
    omit: { basis: true, kept: true, report: true, outcome: true },
    orderBy: [{ createdAt: "desc" }, { id: "desc" }],
    take: page.limit + 1,
  })
  const shown = rows.slice(0, page.limit)
  const groups = await db().planChange.groupBy({
    by: ["planId", "verb", "status"],
    where: { planId: { in: shown.map((row) => row.id) } },
    _count: true,
  })
  const tallies = Map.groupBy(
    groups.map((group) => ({ planId: group.planId, verb: group.verb, status: group.status, count: group._count })),
    ({ planId }) => planId,
  )
  const end = shown.at(-1)
  return {
    items: shown.map((row) => summary(row, tallies.get(row.id) ?? [])),
    last: rows.length > page.limit && end ? [end.createdAt.toISOString(), end.id] : null,
  }
}

export interface DriftWire {
  readonly id: string
  readonly provider_id: string
  readonly kind: string
  readonly key: string
  readonly fields: Json
  readonly actor: Json
  readonly at: string
  /** It came about between then and `at`; null: it was there at the first read. */
  readonly since: string | null
  readonly status: string
  readonly ignore_until: string | null
  readonly reason: string | null
  readonly decided_by: string | null
}

export const driftWire = (row: Prisma.DriftItemGetPayload<object>): DriftWire => ({
  id: row.id,
  provider_id: row.providerId,
  kind: row.kind,
  key: row.key,
  fields: driftFields(row.fields),
  actor: driftActor(row.actor),
  at: row.at.toISOString(),
  since: iso(row.since),
  status: row.status,
  ignore_until: iso(row.ignoreUntil),
  reason: row.reason,
  decided_by: row.decidedBy,
})

/** Drift of one provider (null: of all). What is ignored is left out unless `all`. */
export async function listDrift(
  actor: Actor,
  providerId: string | null,
  options: { all: boolean; limit: number; after: readonly unknown[] | null },
): Promise<{ items: DriftWire[]; last: [string] | null }> {
  authorize(actor, "providers:read")
  if (providerId !== null && (await db().provider.count({ where: { id: providerId } })) === 0)
    throw notFound("provider", providerId)
  const from = options.after === null ? null : z.tuple([z.uuid()]).parse(options.after)[0]
  const rows = await db().driftItem.findMany({
    where: {
      ...(providerId === null ? {} : { providerId }),
      ...(from === null ? {} : { id: { gt: from } }),
      ...(options.all ? {} : { OR: [{ status: { not: "ignored" } }, { ignoreUntil: { lte: new Date() } }] }),
    },
    orderBy: { id: "asc" },
    take: options.limit + 1,
  })
  const items = rows.slice(0, options.limit).map(driftWire)
  const end = items.at(-1)
  return { items, last: rows.length > options.limit && end ? [end.id] : null }
}

export async function getDrift(actor: Actor, id: string): Promise<DriftWire> {
  authorize(actor, "providers:read")
  const row = await db().driftItem.findUnique({ where: { id } })
  if (!row) throw notFound("drift item", id)
  return driftWire(row)
}

/** The newest plans that were carried out in part. */
export async function plansInPart(actor: Actor): Promise<readonly { readonly id: string }[]> {
  authorize(actor, "plans:read")
  return db().plan.findMany({
    where: { status: "partially_applied" },
    select: { id: true },
    orderBy: { createdAt: "desc" },
    take: 5,
  })
}
