import "server-only"
import type { Actor } from "../../auth/actor.ts"
import { authorize } from "../../auth/permissions.ts"
import { conflict } from "../../base/errors.ts"
import { newId } from "../../base/id.ts"
import { canonicalJson } from "../../base/json.ts"
import { requireVersion } from "../../base/version.ts"
import { isUniqueViolation } from "../../db/trouble.ts"
import { withTx, type Tx } from "../../db/tx.ts"
import { record } from "../../trail/record.ts"
import { requireProviders } from "../references.ts"
import type { AudienceInput, AudiencePatch, AudienceView } from "../schema.ts"
import { shareRegistry } from "../turn.ts"
import { audienceFacts, audienceTarget, patched, type AudienceFacts } from "./rules.ts"
import { insertAudiences, lockAudience, reloadAudience, updateAudience } from "./store.ts"

const exists = (identifier: string) =>
  conflict("audience_exists", `There is an audience ${identifier} already.`, { identifier })

/** Registers an API with its scopes. Refuses `audience_exists` (409), an unknown provider (422). */
export async function createAudience(actor: Actor, input: AudienceInput): Promise<AudienceView> {
  authorize(actor, "registry:write")
  const facts = { ...input, id: newId() }
  try {
    return await withTx(async (tx) => {
      await shareRegistry(tx)
      if (await tx.audience.findUnique({ where: { identifier: input.identifier }, select: { id: true } }))
        throw exists(input.identifier)
      await requireProviders(tx, input.provider_ids)
      await insertAudiences(tx, [facts])
      const audience = await reloadAudience(tx, facts.id)
      await record(tx, {
        actor,
        action: "audience.create",
        target: audienceTarget(audience),
        after: audienceFacts(audience),
      })
      return audience
    })
  } catch (error) {
    throw isUniqueViolation(error) ? exists(input.identifier) : error
  }
}

/** Changes what the patch names. Refuses 412 `stale`, 409 `identifier_is_permanent` or `scope_is_granted`, 422. */
export async function saveAudience(
  actor: Actor,
  id: string,
  patch: AudiencePatch,
  ifMatch: number | null,
): Promise<AudienceView> {
  authorize(actor, "registry:write")
  return withTx(async (tx) => {
    const before = await lockAudience(tx, id)
    requireVersion(ifMatch, before.version)
    const facts = patched(audienceFacts(before), patch)
    if (canonicalJson(facts) === canonicalJson(audienceFacts(before))) return before
    await requireProviders(tx, facts.provider_ids)
    await refuseGrantedScopes(tx, before, facts)
    await updateAudience(tx, before, facts)
    const after = await reloadAudience(tx, id)
    await record(tx, {
      actor,
      action: "audience.update",
      target: audienceTarget(after),
      before: audienceFacts(before),
      after: audienceFacts(after),
    })
    return after
  })
}

async function refuseGrantedScopes(tx: Tx, before: AudienceView, facts: AudienceFacts): Promise<void> {
  const kept = new Set(facts.scopes.map((s) => s.name))
  const gone = before.scopes.filter((s) => !kept.has(s.name)).map((s) => s.name)
  if (gone.length === 0) return
  const used = await tx.grantScope.findMany({
    where: { scope: { audienceId: before.id, name: { in: gone } } },
    select: {
      grantId: true,
      scope: { select: { name: true } },
      grant: { select: { client: { select: { name: true } } } },
    },
    take: 100,
  })
  if (used.length === 0) return
  const grants = used.map((u) => ({ id: u.grantId, client: u.grant.client.name, scope: u.scope.name }))
  throw conflict(
    "scope_is_granted",
    `The scope ${grants[0]?.scope} is granted to ${grants[0]?.client}${grants.length > 1 ? " and others" : ""}. Take it out of those grants first.`,
    { grants },
  )
}

/** Takes an audience out of the registry; the next plan removes it from its providers. Refuses 409 with the grants on it. */
export async function deleteAudience(actor: Actor, id: string, ifMatch: number | null): Promise<void> {
  authorize(actor, "registry:write")
  await withTx(async (tx) => {
    const before = await lockAudience(tx, id)
    requireVersion(ifMatch, before.version)
    const grants = await tx.grant.findMany({
      where: { audienceId: id },
      select: { id: true, client: { select: { name: true } } },
      take: 100,
      orderBy: { createdAt: "asc" },
    })
    if (grants.length > 0) {
      const held = grants.map((g) => ({ id: g.id, client: g.client.name }))
      throw conflict(
        "audience_has_grants",
        `${before.identifier} is still granted to ${held[0]?.client}${held.length > 1 ? ` and ${held.length - 1} more` : ""}. Delete those grants first.`,
        { grants: held },
      )
    }
    await tx.audience.delete({ where: { id } })
    await record(tx, {
      actor,
      action: "audience.delete",
      target: audienceTarget(before),
      before: audienceFacts(before),
    })
  })
}
