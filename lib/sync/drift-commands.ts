import "server-only"
import type { Actor } from "../auth/actor.ts"
import { authorize } from "../auth/permissions.ts"
import { conflict, invalid, notFound } from "../base/errors.ts"
import { splitGrantKey } from "../connectors/objects.ts"
import { withTx, type Prisma, type Tx } from "../db/tx.ts"
import { enqueue } from "../queue/enqueue.ts"
import { record } from "../trail/record.ts"
import { driftFields } from "./columns.ts"
import { presence } from "./drift.ts"
import { driftWire, type DriftWire } from "./queries.ts"
import { takeOver } from "./take-over.ts"

type Item = Prisma.DriftItemGetPayload<object>

const target = (item: Item) => ({ kind: "drift", id: item.id, name: `${item.kind} ${item.key}` })

async function lockItem(tx: Tx, id: string): Promise<Item> {
  await tx.$queryRaw`select 1 from drift_item where id = ${id}::uuid for update`
  const item = await tx.driftItem.findUnique({ where: { id } })
  if (!item) throw notFound("drift item", id)
  return item
}

const isMissing = (item: Item): boolean =>
  driftFields(item.fields).some(({ field, found }) => field === presence && found === false)

/** Marks the item: the next plan writes our value back. Writes nothing to the provider. 404, 409 `not_ours`. */
export async function revertDrift(actor: Actor, id: string, reason: string | null): Promise<DriftWire> {
  authorize(actor, "providers:write")
  return withTx(async (tx) => {
    const item = await lockItem(tx, id)
    const fields = driftFields(item.fields)
    if (fields.some(({ field, applied }) => (field === presence && applied === false) || field === "remote_id")) {
      throw conflict(
        "not_ours",
        "Somebody else made this on the provider, and Grantry deletes only what it made. Remove it there, or adopt it.",
        { id },
      )
    }
    const items = [item, ...(isMissing(item) ? await missingGrantsOf(tx, item) : [])]
    const data = { status: "reverting", ignoreUntil: null, reason, decidedBy: actor.name }
    await tx.driftItem.updateMany({ where: { id: { in: items.map((one) => one.id) } }, data })
    await record(
      tx,
      ...items.map((one) => ({
        actor,
        action: "drift.revert" as const,
        target: target(one),
        before: { status: one.status },
        after: { status: "reverting", fields: one.fields },
        reason,
      })),
    )
    return driftWire({ ...item, ...data })
  })
}

/** What was deleted together with a client or an audience comes back together with it. */
async function missingGrantsOf(tx: Tx, item: Item): Promise<Item[]> {
  if (item.kind === "grant") return []
  const grants = await tx.driftItem.findMany({
    where: { providerId: item.providerId, kind: "grant", status: { not: "reverting" } },
  })
  return grants.filter((grant) => {
    const { client, audience } = splitGrantKey(grant.key)
    return isMissing(grant) && (item.kind === "client" ? client : audience) === item.key
  })
}

/** Leaves it alone until a moment in the future; a changed finding ends that. 404, 422. */
export async function ignoreDrift(actor: Actor, id: string, until: Date, reason: string | null): Promise<DriftWire> {
  authorize(actor, "providers:write")
  if (until <= new Date()) throw invalid("until", "in_the_past", "must be in the future")
  return withTx(async (tx) => {
    const item = await lockItem(tx, id)
    const data = { status: "ignored", ignoreUntil: until, reason, decidedBy: actor.name }
    await tx.driftItem.update({ where: { id }, data })
    await record(tx, {
      actor,
      action: "drift.ignore",
      target: target(item),
      before: { status: item.status },
      after: { status: "ignored", until: until.toISOString(), fields: item.fields },
      reason,
    })
    return driftWire({ ...item, ...data })
  })
}

/** Takes what was found into the registry; then there is no drift any more. 404, 409 where the registry cannot hold it, 422. */
export async function adoptDrift(actor: Actor, id: string, reason: string | null): Promise<DriftWire> {
  authorize(actor, "providers:write")
  return withTx(async (tx) => {
    const item = await lockItem(tx, id)
    const changes = await takeOver(tx, actor, item, driftFields(item.fields))
    await tx.driftItem.delete({ where: { id } })
    await enqueue(tx, "provider.read")
    await record(
      tx,
      {
        actor,
        action: "drift.adopt",
        target: target(item),
        before: { status: item.status },
        after: { status: "adopted", fields: item.fields },
        reason,
      },
      ...changes,
    )
    return { ...driftWire(item), status: "adopted" }
  })
}
