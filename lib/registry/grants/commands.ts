import "server-only"
import type { Actor } from "../../auth/actor.ts"
import { authorize } from "../../auth/permissions.ts"
import { conflict, invalid } from "../../base/errors.ts"
import { newId } from "../../base/id.ts"
import { canonicalJson } from "../../base/json.ts"
import { requireVersion } from "../../base/version.ts"
import { isUniqueViolation } from "../../db/trouble.ts"
import { withTx } from "../../db/tx.ts"
import { record } from "../../trail/record.ts"
import { holdAudience, holdClient, scopeIds } from "../references.ts"
import type { GrantInput, GrantPatch, GrantView } from "../schema.ts"
import { shareRegistry } from "../turn.ts"
import { grantFacts, grantTarget, insertGrants, lockGrant, reloadGrant, updateGrant } from "./store.ts"

const exists = (client: string, audience: string, id?: string) =>
  conflict("grant_exists", `${client} has a grant on ${audience} already. Change that one.`, {
    client,
    audience,
    ...(id ? { id } : {}),
  })

function futureDate(expiresAt: string | null, now: Date): Date | null {
  if (expiresAt === null) return null
  const at = new Date(expiresAt)
  if (at <= now)
    throw invalid("expires_at", "in_the_past", "must be in the future: a grant past its end grants nothing")
  return at
}

/** Grants a client scopes of an audience. Refuses `grant_exists` (409); unknown client, audience or scope, or a past end (422). */
export async function createGrant(actor: Actor, input: GrantInput, now = new Date()): Promise<GrantView> {
  authorize(actor, "registry:write")
  const expiresAt = futureDate(input.expires_at, now)
  try {
    return await withTx(async (tx) => {
      await shareRegistry(tx)
      const client = await holdClient(tx, input.client)
      const audience = await holdAudience(tx, input.audience)
      const ids = scopeIds(audience, input.scopes)
      const there = await tx.grant.findUnique({
        where: { clientId_audienceId: { clientId: client.id, audienceId: audience.id } },
        select: { id: true },
      })
      if (there) throw exists(client.name, audience.identifier, there.id)
      const id = newId()
      await insertGrants(tx, [
        {
          id,
          clientId: client.id,
          audienceId: audience.id,
          scopeIds: ids,
          reason: input.reason,
          expiresAt,
          createdBy: actor.name,
        },
      ])
      const grant = await reloadGrant(tx, id, now)
      await record(tx, {
        actor,
        action: "grant.create",
        target: grantTarget(grant),
        after: grantFacts(grant),
        reason: grant.reason,
      })
      return grant
    })
  } catch (error) {
    throw isUniqueViolation(error) ? exists(input.client, input.audience) : error
  }
}

/** Changes scopes, reason or end. Refuses 412 `stale`, 409 `ends_are_permanent`, 422. An end that stays may lie in the past. */
export async function saveGrant(
  actor: Actor,
  id: string,
  patch: GrantPatch,
  ifMatch: number | null,
  now = new Date(),
): Promise<GrantView> {
  authorize(actor, "registry:write")
  return withTx(async (tx) => {
    const before = await lockGrant(tx, id, now)
    requireVersion(ifMatch, before.version)
    refuseOtherEnds(before, patch)
    const audience = await holdAudience(tx, before.audience_id)
    const wanted = {
      scopes: patch.scopes ?? before.scopes,
      reason: patch.reason ?? before.reason,
      expiresAt: endOf(before, patch, now),
    }
    const ids = scopeIds(audience, wanted.scopes)
    const facts = {
      ...grantFacts(before),
      scopes: wanted.scopes,
      reason: wanted.reason,
      expires_at: wanted.expiresAt?.toISOString() ?? null,
    }
    if (canonicalJson(facts) === canonicalJson(grantFacts(before))) return before
    await updateGrant(tx, id, before.version, { reason: wanted.reason, expiresAt: wanted.expiresAt, scopeIds: ids })
    const after = await reloadGrant(tx, id, now)
    await record(tx, {
      actor,
      action: "grant.update",
      target: grantTarget(after),
      before: grantFacts(before),
      after: grantFacts(after),
      reason: after.reason,
    })
    return after
  })
}

function endOf(before: GrantView, patch: GrantPatch, now: Date): Date | null {
  const had = before.expires_at === null ? null : new Date(before.expires_at)
  if (patch.expires_at === undefined) return had
  if (patch.expires_at !== null && had?.getTime() === Date.parse(patch.expires_at)) return had
  return futureDate(patch.expires_at, now)
}

function refuseOtherEnds(before: GrantView, patch: GrantPatch): void {
  const sameClient = patch.client === undefined || [before.client, before.client_id].includes(patch.client)
  const sameAudience = patch.audience === undefined || [before.audience, before.audience_id].includes(patch.audience)
  if (!sameClient || !sameAudience)
    throw conflict(
      "ends_are_permanent",
      "A grant belongs to one client and one audience. Delete it and make another.",
      { client: before.client, audience: before.audience },
    )
}

/** Takes a grant away; the next plan takes it from the providers. Refuses 412 `stale`. */
export async function deleteGrant(actor: Actor, id: string, ifMatch: number | null, now = new Date()): Promise<void> {
  authorize(actor, "registry:write")
  await withTx(async (tx) => {
    const before = await lockGrant(tx, id, now)
    requireVersion(ifMatch, before.version)
    await tx.grant.delete({ where: { id } })
    await record(tx, { actor, action: "grant.delete", target: grantTarget(before), before: grantFacts(before) })
  })
}
