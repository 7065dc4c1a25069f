import type { Actor } from "../../auth/actor.ts"
import { conflict, invalid } from "../../base/errors.ts"
import { canonicalJson } from "../../base/json.ts"
import type { TrailChange } from "../../trail/record.ts"
import { keysProblem, type ClientPatch, type ClientView } from "../schema.ts"

/** Without its version and times: what an admin audit entry compares. */
export function clientFacts({ version: _version, created_at: _created, updated_at: _updated, ...facts }: ClientView) {
  return facts
}

export const clientTarget = (client: { id: string; name: string }) => ({
  kind: "client",
  id: client.id,
  name: client.name,
})
export type ClientFacts = Omit<ReturnType<typeof clientFacts>, "id">

/** The client as the patch would have it. Leaving private_key_jwt drops the keys with it. */
export function patched<F extends ClientFacts>(facts: F, patch: ClientPatch): F {
  const { name, ...fields } = patch
  if (name !== undefined && name !== facts.name) {
    throw conflict(
      "name_is_permanent",
      "A client's name is its client_id at every provider and cannot change. Register a new client and move its grants.",
      { name: facts.name },
    )
  }
  const given = Object.fromEntries(Object.entries(fields).filter(([, value]) => value !== undefined))
  const next: F = { ...facts, ...given }
  const leaves =
    next.auth_method !== "private_key_jwt" && facts.auth_method === "private_key_jwt" && fields.jwks === undefined
  const wanted = leaves ? { ...next, jwks: null } : next
  const problem = keysProblem(wanted)
  if (problem) throw invalid("jwks", wanted.jwks === null ? "required" : "not_allowed", problem)
  return { ...wanted, provider_ids: [...wanted.provider_ids].sort() }
}

/** Disabling and enabling are acts of their own in the trail, beside a change of the rest. */
export function clientChanges(actor: Actor, before: ClientView, after: ClientView): TrailChange[] {
  const target = clientTarget(after)
  const from = clientFacts(before)
  const to = clientFacts(after)
  const changes: TrailChange[] = []
  if (canonicalJson({ ...from, enabled: to.enabled }) !== canonicalJson(to))
    changes.push({ actor, action: "client.update", target, before: from, after: to })
  if (from.enabled !== to.enabled) {
    changes.push({
      actor,
      action: to.enabled ? "client.enable" : "client.disable",
      target,
      before: { enabled: from.enabled },
      after: { enabled: to.enabled },
    })
  }
  return changes
}
