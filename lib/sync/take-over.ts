import "server-only"
import { clientFacts, clientChanges, patched as patchedClient } from "../registry/clients/rules.ts"
import { audienceFacts, audienceTarget, patched as patchedAudience } from "../registry/audiences/rules.ts"
import type { Actor } from "../auth/actor.ts"
import { conflict } from "../base/errors.ts"
import { newId } from "../base/id.ts"
import type { Json } from "../base/json.ts"
import { parseInput } from "../base/parse.ts"
import { splitGrantKey } from "../connectors/objects.ts"
import type { Prisma, Tx } from "../db/tx.ts"
import { grantsOf } from "../providers/placed.ts"
import { lockAudience, reloadAudience, updateAudience } from "../registry/audiences/store.ts"
import { lockClient, reloadClient, updateClient } from "../registry/clients/store.ts"
import { grantFacts, grantTarget, insertGrants, lockGrant, reloadGrant, updateGrant } from "../registry/grants/store.ts"
import { holdAudience, holdClient, scopeIds } from "../registry/references.ts"
import { audiencePatch, clientPatch } from "../registry/schema.ts"
import type { TrailChange } from "../trail/record.ts"
import { adoptedReason } from "./adopt.ts"
import { placementApplied, providerLastRead } from "./columns.ts"
import { presence, type DriftField } from "./drift.ts"
import { scopeNames } from "./normal.ts"
import { savePlacements } from "./store.ts"

interface Item {
  readonly providerId: string
  readonly kind: string
  readonly key: string
}

type Found = Readonly<Record<string, Json>>

/**
 * Brings the registry to what stands on the provider, field by field or as a whole, and remembers that as applied.
 * Answers the trail of the registry's changes; the caller records it in the same transaction.
 */
export async function takeOver(
  tx: Tx,
  actor: Actor,
  item: Item,
  fields: readonly DriftField[],
): Promise<TrailChange[]> {
  const { providerId, kind, key } = item
  const where = { providerId_kind_key: { providerId, kind, key } }
  const there = fields.find(({ field }) => field === presence)
  if (there?.found === false) {
    const changes = await letGo(tx, actor, item)
    await tx.placement.deleteMany({
      where: {
        providerId,
        OR: [{ kind, key }, ...(kind === "client" ? [grantsOf(key)] : [])],
      },
    })
    return changes
  }
  if (there?.found === true) return takeGrant(tx, actor, item)
  const other = fields.find(({ field }) => field === "remote_id")
  if (typeof other?.found === "string") {
    await tx.placement.update({ where, data: { remoteId: other.found, origin: "adopted" } })
    return []
  }
  const found: Found = Object.fromEntries(fields.map(({ field, found: value }) => [field, value]))
  const changes =
    kind === "client"
      ? await changeClient(tx, actor, key, found)
      : kind === "audience"
        ? await changeAudience(tx, actor, key, found)
        : await changeGrant(tx, actor, key, found)
  const placement = await tx.placement.findUniqueOrThrow({ where })
  await tx.placement.update({
    where,
    data: { applied: { ...placementApplied(placement.applied), ...found } as Prisma.InputJsonValue },
  })
  return changes
}

async function clientByName(tx: Tx, name: string) {
  const row = await tx.client.findUnique({ where: { name }, select: { id: true } })
  if (!row) throw conflict("not_in_registry", `${name} is not in the registry any more.`, { name })
  return lockClient(tx, row.id)
}

async function audienceByIdentifier(tx: Tx, identifier: string) {
  const row = await tx.audience.findUnique({ where: { identifier }, select: { id: true } })
  if (!row) throw conflict("not_in_registry", `${identifier} is not in the registry any more.`, { identifier })
  return lockAudience(tx, row.id)
}

async function grantByEnds(tx: Tx, key: string, now: Date) {
  const { client, audience } = splitGrantKey(key)
  const row = await tx.grant.findFirst({
    where: { client: { name: client }, audience: { identifier: audience } },
    select: { id: true },
  })
  if (!row)
    throw conflict("not_in_registry", `The grant of ${client} on ${audience} is not in the registry any more.`, {
      client,
      audience,
    })
  return lockGrant(tx, row.id, now)
}

async function changeClient(tx: Tx, actor: Actor, name: string, found: Found): Promise<TrailChange[]> {
  const before = await clientByName(tx, name)
  await updateClient(tx, before.id, before.version, patchedClient(clientFacts(before), parseInput(clientPatch, found)))
  return clientChanges(actor, before, await reloadClient(tx, before.id))
}

async function changeAudience(tx: Tx, actor: Actor, identifier: string, found: Found): Promise<TrailChange[]> {
  const before = await audienceByIdentifier(tx, identifier)
  const facts = patchedAudience(audienceFacts(before), parseInput(audiencePatch, found))
  const kept = facts.scopes.map((scope) => scope.name)
  const used = await tx.grantScope.findFirst({
    where: { scope: { audienceId: before.id, name: { notIn: kept } } },
    select: { scope: { select: { name: true } } },
  })
  if (used)
    throw conflict(
      "scope_is_granted",
      `The scope ${used.scope.name} is gone on the provider but granted in the registry. Take it out of those grants first.`,
      { scope: used.scope.name },
    )
  await updateAudience(tx, before, facts)
  const after = await reloadAudience(tx, before.id)
  return [
    {
      actor,
      action: "audience.update",
      target: audienceTarget(after),
      before: audienceFacts(before),
      after: audienceFacts(after),
    },
  ]
}

async function changeGrant(tx: Tx, actor: Actor, key: string, found: Found): Promise<TrailChange[]> {
  const now = new Date()
  const before = await grantByEnds(tx, key, now)
  const scopes = scopeNames(found)
  if (scopes.length === 0)
    throw conflict("nothing_granted", "The grant has no scopes on the provider. Delete it in the registry instead.", {
      key,
    })
  const audience = await holdAudience(tx, before.audience)
  await updateGrant(tx, before.id, before.version, {
    reason: before.reason,
    expiresAt: before.expires_at === null ? null : new Date(before.expires_at),
    scopeIds: scopeIds(audience, scopes),
  })
  const after = await reloadGrant(tx, before.id, now)
  return [
    { actor, action: "grant.update", target: grantTarget(after), before: grantFacts(before), after: grantFacts(after) },
  ]
}

/** It is not wanted on that provider any more: because it was deleted there, or is to be left alone. */
export async function letGo(tx: Tx, actor: Actor, { providerId, kind, key }: Item): Promise<TrailChange[]> {
  if (kind === "grant") {
    const before = await grantByEnds(tx, key, new Date())
    await tx.grant.delete({ where: { id: before.id } })
    return [{ actor, action: "grant.delete", target: grantTarget(before), before: grantFacts(before) }]
  }
  if (kind === "client") {
    const before = await clientByName(tx, key)
    await updateClient(tx, before.id, before.version, {
      ...clientFacts(before),
      provider_ids: before.provider_ids.filter((id) => id !== providerId),
    })
    return clientChanges(actor, before, await reloadClient(tx, before.id))
  }
  const before = await audienceByIdentifier(tx, key)
  const holding = await tx.grant.count({
    where: { audienceId: before.id, client: { providers: { some: { providerId } } } },
  })
  if (holding > 0)
    throw conflict(
      "audience_has_grants",
      `${key} is still granted to ${holding} clients of this provider. Delete those grants first, or revert.`,
      { grants: holding },
    )
  await updateAudience(tx, before, {
    ...audienceFacts(before),
    provider_ids: before.provider_ids.filter((id) => id !== providerId),
  })
  const after = await reloadAudience(tx, before.id)
  return [
    {
      actor,
      action: "audience.update",
      target: audienceTarget(after),
      before: audienceFacts(before),
      after: audienceFacts(after),
    },
  ]
}

/** A grant that somebody else gave to a client of ours becomes a grant of the registry. */
async function takeGrant(tx: Tx, actor: Actor, { providerId, key }: Item): Promise<TrailChange[]> {
  const now = new Date()
  const ends = splitGrantKey(key)
  const provider = await tx.provider.findUniqueOrThrow({ where: { id: providerId }, select: { lastRead: true } })
  const remote = providerLastRead(provider.lastRead)?.find((object) => object.kind === "grant" && object.key === key)
  if (!remote)
    throw conflict("not_found_there", "The last read does not show it any more. Read the provider again.", { key })
  const client = await holdClient(tx, ends.client)
  const audience = await holdAudience(tx, ends.audience)
  const id = newId()
  await insertGrants(tx, [
    {
      id,
      clientId: client.id,
      audienceId: audience.id,
      scopeIds: scopeIds(audience, scopeNames(remote.fields)),
      reason: adoptedReason,
      expiresAt: null,
      createdBy: actor.name,
    },
  ])
  const { remoteId, fields: applied } = remote
  await savePlacements(tx, [{ providerId, kind: "grant", key, remoteId, origin: "adopted", applied }])
  const after = await reloadGrant(tx, id, now)
  return [
    { actor, action: "grant.create", target: grantTarget(after), after: grantFacts(after), reason: adoptedReason },
  ]
}
