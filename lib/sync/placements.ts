import "server-only"
import { z } from "zod"
import type { Actor } from "../auth/actor.ts"
import { authorize } from "../auth/permissions.ts"
import { requireFresh } from "../auth/step-up.ts"
import { conflict, notFound } from "../base/errors.ts"
import { requireVersion } from "../base/version.ts"
import { objectKinds, splitGrantKey } from "../connectors/objects.ts"
import { db } from "../db/client.ts"
import { withTx, type Prisma, type Tx } from "../db/tx.ts"
import { discardPlans } from "../providers/discard-plans.ts"
import { grantsOf } from "../providers/placed.ts"
import { freeUntilCommit } from "../queue/lease.ts"
import { record, type TrailChange } from "../trail/record.ts"
import { letGo } from "./take-over.ts"

/** An object of ours on a provider. */
export const placementView = z.object({
  id: z.uuid(),
  provider_id: z.uuid(),
  kind: z.string(),
  key: z.string(),
  remote_id: z.string(),
  /** `adopted`: it was there before us, and is never deleted by us. */
  origin: z.string(),
  /** Never deleted by any plan. */
  protected: z.boolean(),
  applied_at: z.string(),
  /** For `If-Match`: another one after each change here or apply there. */
  version: z.int(),
})
export type PlacementWire = Readonly<z.infer<typeof placementView>>

export const placementFilter = {
  provider: z.uuid().optional(),
  kind: z.enum(objectKinds).optional(),
  key: z.string().max(1_100).optional(),
}
export const placementPatch = z.strictObject({ protected: z.boolean().optional() })

type Row = Prisma.PlacementGetPayload<object>

/** Of what a placement says there is the time of the last apply and whether it is protected: one number tells both. */
const versionOf = (row: Row): number => row.appliedAt.getTime() * 2 + Number(row.protected)

const wire = (row: Row): PlacementWire => ({
  id: row.id,
  provider_id: row.providerId,
  kind: row.kind,
  key: row.key,
  remote_id: row.remoteId,
  origin: row.origin,
  protected: row.protected,
  applied_at: row.appliedAt.toISOString(),
  version: versionOf(row),
})
const target = (row: Row) => ({ kind: "placement", id: row.id, name: `${row.kind} ${row.key}` })
const facts = ({ providerId, kind, key, remoteId, origin }: Row) => ({
  provider_id: providerId,
  kind,
  key,
  remote_id: remoteId,
  origin,
})

/** In the order of their ids. `after` is the last id of the page before. */
export async function listPlacements(
  actor: Actor,
  filter: { readonly [field in keyof typeof placementFilter]?: string | undefined },
  page: { readonly limit: number; readonly after: string | null },
): Promise<{ items: PlacementWire[]; last: string | null }> {
  authorize(actor, "providers:read")
  const { provider, kind, key } = filter
  const rows = await db().placement.findMany({
    where: {
      ...(provider === undefined ? {} : { providerId: provider }),
      ...(kind === undefined ? {} : { kind }),
      ...(key === undefined ? {} : { key }),
      ...(page.after === null ? {} : { id: { gt: page.after } }),
    },
    orderBy: { id: "asc" },
    take: page.limit + 1,
  })
  const items = rows.slice(0, page.limit).map(wire)
  return { items, last: rows.length > page.limit ? (items.at(-1)?.id ?? null) : null }
}

export async function getPlacement(actor: Actor, id: string): Promise<PlacementWire> {
  authorize(actor, "providers:read")
  const row = await db().placement.findUnique({ where: { id } })
  if (!row) throw notFound("placement", id)
  return wire(row)
}

/**
 * Protects an object from every delete, or no longer. A plan that is being applied has made up its mind: while it is still
 * to delete the object, protection is refused. 404, 409 `provider_busy`, 412 `stale`.
 */
export async function protectPlacement(
  actor: Actor,
  id: string,
  { protected: wanted }: z.output<typeof placementPatch>,
  ifMatch: number | null = null,
): Promise<PlacementWire> {
  authorize(actor, "providers:write")
  return withTx(async (tx) => {
    const before = await lockOnProvider(tx, id)
    requireVersion(ifMatch, versionOf(before))
    if (wanted === undefined || wanted === before.protected) return wire(before)
    if (wanted && (await isBeingDeleted(tx, before)))
      throw conflict("provider_busy", "A plan is being applied that deletes it. Wait until it is over.", { id })
    await tx.placement.update({ where: { id }, data: { protected: wanted } })
    await record(tx, {
      actor,
      action: "placement.protect",
      target: target(before),
      before: { ...facts(before), protected: before.protected },
      after: { ...facts(before), protected: wanted },
    })
    return wire({ ...before, protected: wanted })
  })
}

export const unmanagedView = z.object({
  /** What stays at the provider and is not ours any more, the object itself first. */
  left: z.array(placementView).readonly(),
  /** Secrets of the client that live on there; Grantry forgets them. */
  secrets: z.array(z.object({ id: z.string(), fingerprint: z.string() })).readonly(),
})
export type Unmanaged = Readonly<z.infer<typeof unmanagedView>>

/**
 * Forgets an object and leaves it at the provider as it is; the registry stops wanting it there. Deleting is the other
 * verb: take it out of the registry, then plan and apply. With a client go its grants there and what we know of its
 * secrets; open plans that touch it are discarded. 403 `step_up_needed`, 404, 409 `provider_busy`, `rotation_in_flight`, `audience_has_grants`, `goes_with_its_client`.
 */
export async function unmanage(actor: Actor, id: string, reason: string | null): Promise<Unmanaged> {
  authorize(actor, "providers:write")
  requireFresh(actor)
  return withTx(async (tx) => {
    const row = await lockOnProvider(tx, id)
    const { providerId, kind, key } = row
    if ((await tx.plan.count({ where: { status: "applying", providerIds: { has: providerId } } })) > 0)
      throw conflict("provider_busy", "A plan is being applied there. Wait until it is over.", { id })
    if (!(await freeUntilCommit(tx, providerId)))
      throw conflict("provider_busy", "Secrets are being brought there right now. Try again in a moment.", { id })
    const changes = await stopWanting(tx, actor, row)
    const with_ = kind === "client" ? grantsOf(key) : null
    const where = { providerId, OR: [{ kind, key }, ...(with_ ? [with_] : [])] }
    const plans = await discardPlans(tx, actor, { changes: { some: where } }, `${key} is not managed there any more.`)
    // A plan that ended in part may be resumed: what it began is not ours to recognise any more.
    await tx.planChange.updateMany({ where: { ...where, status: { not: "done" } }, data: { intentAt: null } })
    const left = [row, ...(with_ ? await tx.placement.findMany({ where: { providerId, ...with_ } }) : [])]
    const secrets = kind === "client" ? await forgetSecrets(tx, providerId, key) : []
    await tx.placement.deleteMany({ where })
    await tx.driftItem.deleteMany({ where })
    const fingerprints = secrets.map(({ fingerprint }) => fingerprint)
    await record(
      tx,
      ...left.map((one) => ({
        actor,
        action: "placement.unmanage" as const,
        target: target(one),
        before: facts(one),
        after: { stays_at_provider: true, ...(one.id === row.id ? { secrets: fingerprints } : {}) },
        reason,
      })),
      ...changes,
      ...plans,
    )
    return { left: left.map(wire), secrets }
  })
}

/** A plan under way still has it before itself. */
async function isBeingDeleted(tx: Tx, { providerId, kind, key }: Row): Promise<boolean> {
  const open = { verb: "delete", status: { in: ["pending", "intent"] }, plan: { status: "applying" } }
  return (await tx.planChange.count({ where: { providerId, kind, key, ...open } })) > 0
}

/** With its provider, and that first, as everybody who locks both does: no plan begins there before the commit. 404. */
async function lockOnProvider(tx: Tx, id: string): Promise<Row> {
  await tx.$queryRaw`
    select 1 from provider where id = (select provider_id from placement where id = ${id}::uuid) for update`
  await tx.$queryRaw`select 1 from placement where id = ${id}::uuid for update`
  const row = await tx.placement.findUnique({ where: { id } })
  if (!row) throw notFound("placement", id)
  return row
}

/** The registry does not want it there any more. What it does not know any more needs nothing. */
async function stopWanting(tx: Tx, actor: Actor, { providerId, kind, key }: Row): Promise<TrailChange[]> {
  const item = { providerId, kind, key }
  if (kind === "audience")
    return (await tx.audience.count({ where: { identifier: key } })) > 0 ? letGo(tx, actor, item) : []
  if (kind === "grant") {
    const { client, audience } = splitGrantKey(key)
    const wanted = { client: { name: client, providers: { some: { providerId } } }, audience: { identifier: audience } }
    if ((await tx.grant.count({ where: wanted })) > 0)
      throw conflict(
        "goes_with_its_client",
        "A grant stands wherever its client does. Unmanage the client there, or delete the grant in the registry.",
        { client, audience },
      )
    return []
  }
  const flying = { client: { name: key }, providerId, state: { notIn: ["done", "aborted"] } }
  if ((await tx.rotation.count({ where: flying })) > 0)
    throw conflict("rotation_in_flight", `A rotation of ${key} is in flight there. Finish or abort it first.`, { key })
  const wanted = { name: key, providers: { some: { providerId } } }
  return (await tx.client.count({ where: wanted })) > 0 ? letGo(tx, actor, item) : []
}

async function forgetSecrets(tx: Tx, providerId: string, client: string): Promise<Unmanaged["secrets"]> {
  const where = { providerId, client: { name: client } }
  const live = await tx.clientSecret.findMany({
    where: { ...where, state: { not: "retired" }, remoteId: { not: null } },
    select: { id: true, fingerprint: true },
  })
  await tx.clientSecret.deleteMany({ where })
  return live
}
