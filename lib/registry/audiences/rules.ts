import { conflict } from "../../base/errors.ts"
import type { AudiencePatch, AudienceView } from "../schema.ts"

/** By code unit, as canonical JSON and the planner compare. */
export const byName = (a: { readonly name: string }, b: { readonly name: string }): number =>
  a.name < b.name ? -1 : a.name > b.name ? 1 : 0

/** Without its version and times: what an admin audit entry compares. */
export function audienceFacts({
  version: _version,
  created_at: _created,
  updated_at: _updated,
  ...facts
}: AudienceView) {
  return facts
}
export type AudienceFacts = Omit<ReturnType<typeof audienceFacts>, "id">

export const audienceTarget = (audience: { id: string; identifier: string }) => ({
  kind: "audience",
  id: audience.id,
  name: audience.identifier,
})

/** The audience as the patch would have it. */
export function patched<F extends AudienceFacts>(facts: F, patch: AudiencePatch): F {
  const { identifier, legacy, ...fields } = patch
  if (
    (identifier !== undefined && identifier !== facts.identifier) ||
    (legacy !== undefined && legacy !== facts.legacy)
  ) {
    throw conflict(
      "identifier_is_permanent",
      "An audience's identifier stands in the aud of every token and cannot change. Register a new audience and move its grants.",
      { identifier: facts.identifier },
    )
  }
  const given = Object.fromEntries(Object.entries(fields).filter(([, value]) => value !== undefined))
  const next: F = { ...facts, ...given }
  return { ...next, scopes: [...next.scopes].sort(byName), provider_ids: [...next.provider_ids].sort() }
}
