import "server-only"
import { newId } from "../base/id.ts"
import type { Json } from "../base/json.ts"
import { objectKinds, type AppliedObject, type ObjectKind } from "../connectors/objects.ts"
import { db } from "../db/client.ts"
import type { Tx } from "../db/tx.ts"
import { placementApplied } from "./columns.ts"
import type { PlannedChange } from "./plan.ts"

export function kindOf(text: string): ObjectKind {
  const kind = objectKinds.find((known) => known === text)
  if (!kind) throw new Error(`a row names the unknown kind ${text}`)
  return kind
}

interface PlacementRow {
  readonly kind: string
  readonly key: string
  readonly remoteId: string
  readonly origin: string
  readonly protected: boolean
  readonly applied: unknown
}

export const appliedOf = (row: PlacementRow): AppliedObject => ({
  kind: kindOf(row.kind),
  key: row.key,
  remoteId: row.remoteId,
  origin: row.origin === "adopted" ? "adopted" : "created",
  protected: row.protected,
  fields: placementApplied(row.applied),
})

export async function appliedState(providerId: string): Promise<AppliedObject[]> {
  return (await db().placement.findMany({ where: { providerId } })).map(appliedOf)
}

/** What a plan is called in the trail. */
export const planTarget = (id: string, purpose: string | null) => ({ kind: "plan", id, name: purpose ?? id })

/** Names of clients with a rotation in flight on this provider, each with whether the registry has it enabled. */
export async function rotatingClients(providerId: string): Promise<ReadonlyMap<string, boolean>> {
  const rows = await db().rotation.findMany({
    where: { providerId, state: { notIn: ["done", "aborted"] } },
    select: { client: { select: { name: true, enabled: true } } },
  })
  return new Map(rows.map(({ client }) => [client.name, client.enabled]))
}

/** Before the secrets of these clients, as a rotation itself does: none of theirs moves until the commit. */
export async function lockRotations(
  tx: Tx,
  { providerId, clients }: { readonly providerId: string; readonly clients: readonly string[] },
): Promise<void> {
  await tx.$queryRaw`
    select 1 from rotation r join client c on c.id = r.client_id
    where r.provider_id = ${providerId}::uuid and c.name = any(${[...clients]}) and r.state not in ('done', 'aborted')
    order by r.id for update of r`
}

/** A change of a plan that nobody has begun. */
export interface NewChange extends Omit<PlannedChange, "kind"> {
  readonly id: string
  readonly planId: string
  readonly ordinal: number
  readonly providerId: string
  readonly kind: string
}

/** One JSON parameter carries ten thousand changes as well as one. */
export async function saveChanges(tx: Tx, changes: readonly NewChange[]): Promise<void> {
  if (changes.length === 0) return
  await tx.$executeRaw`
    insert into plan_change (id, plan_id, ordinal, provider_id, verb, kind, key, fields, object, remote_id, observed, projection, needs_confirmation)
    select r.id, r."planId", r.ordinal, r."providerId", r.verb, r.kind, r.key, r.fields, r.object, r."remoteId", r.observed, r.projection, r."needsConfirmation"
    from jsonb_to_recordset(${JSON.stringify(changes)}::text::jsonb) as r (id uuid, "planId" uuid, ordinal integer, "providerId" uuid, verb text, kind text, key text,
      fields jsonb, object jsonb, "remoteId" text, observed text, projection jsonb, "needsConfirmation" boolean)`
}

export interface PlacementWrite {
  readonly providerId: string
  readonly kind: ObjectKind
  readonly key: string
  readonly remoteId: string
  readonly origin: "created" | "adopted"
  readonly applied: { readonly [field: string]: Json }
}

/** Writes what was last applied. An existing placement keeps its origin and its protection. */
export async function savePlacements(tx: Tx, placements: readonly PlacementWrite[]): Promise<void> {
  const rows = placements.map((placement) => ({ ...placement, id: newId() }))
  await tx.$executeRaw`
    insert into placement (id, provider_id, kind, key, remote_id, origin, applied, applied_at)
    select r.id, r."providerId", r.kind, r.key, r."remoteId", r.origin, r.applied, clock_timestamp()
    from jsonb_to_recordset(${JSON.stringify(rows)}::text::jsonb)
      as r (id uuid, "providerId" uuid, kind text, key text, "remoteId" text, origin text, applied jsonb)
    on conflict (provider_id, kind, key) do update
      set remote_id = excluded.remote_id, applied = excluded.applied, applied_at = excluded.applied_at`
}
