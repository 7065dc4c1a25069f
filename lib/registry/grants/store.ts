import "server-only"
import { notFound } from "../../base/errors.ts"
import { db } from "../../db/client.ts"
import type { Prisma, Tx } from "../../db/tx.ts"
import type { GrantView } from "../schema.ts"
import { shareRegistry } from "../turn.ts"

const include = {
  client: { select: { name: true } },
  audience: { select: { identifier: true, name: true } },
  scopes: { select: { scope: { select: { name: true } } } },
} as const satisfies Prisma.GrantInclude
export const grantInclude = include
type Row = Prisma.GrantGetPayload<{ include: typeof include }>

export const grantView = (row: Row, now: Date): GrantView => ({
  id: row.id,
  client_id: row.clientId,
  client: row.client.name,
  audience_id: row.audienceId,
  audience: row.audience.identifier,
  audience_name: row.audience.name,
  scopes: row.scopes.map((s) => s.scope.name).sort(),
  reason: row.reason,
  expires_at: row.expiresAt?.toISOString() ?? null,
  state: row.expiresAt !== null && row.expiresAt <= now ? "expired" : "active",
  created_by: row.createdBy,
  created_at: row.createdAt.toISOString(),
  updated_at: row.updatedAt.toISOString(),
  version: row.version,
})

/** What an admin audit entry compares. `state` follows the clock, so it is no fact of a change. */
export function grantFacts({
  version: _version,
  created_at: _created,
  updated_at: _updated,
  state: _state,
  ...facts
}: GrantView) {
  return facts
}

export const grantTarget = (grant: { id: string; client: string; audience: string }) => ({
  kind: "grant",
  id: grant.id,
  name: `${grant.client} → ${grant.audience}`,
})

export async function findGrant(id: string, now: Date): Promise<GrantView | null> {
  const row = await db().grant.findUnique({ where: { id }, include })
  return row ? grantView(row, now) : null
}

export async function reloadGrant(tx: Tx, id: string, now: Date): Promise<GrantView> {
  return grantView(await tx.grant.findUniqueOrThrow({ where: { id }, include }), now)
}

export async function lockGrant(tx: Tx, id: string, now: Date): Promise<GrantView> {
  await shareRegistry(tx)
  const locked = await tx.$queryRaw<{ id: string }[]>`select id from audience_grant where id = ${id}::uuid for update`
  if (locked.length === 0) throw notFound("grant", id)
  return reloadGrant(tx, id, now)
}

export interface NewGrant {
  readonly id: string
  readonly clientId: string
  readonly audienceId: string
  readonly scopeIds: readonly string[]
  readonly reason: string
  readonly expiresAt: Date | null
  readonly createdBy: string
}

/** One statement per table for one grant or thousands: they travel as one JSON parameter. */
export async function insertGrants(tx: Tx, grants: readonly NewGrant[]): Promise<void> {
  if (grants.length === 0) return
  const rows = JSON.stringify(grants)
  await tx.$executeRaw`
    insert into audience_grant (id, client_id, audience_id, reason, expires_at, created_by, updated_at)
    select r.id, r."clientId", r."audienceId", r.reason, r."expiresAt", r."createdBy", now()
    from jsonb_to_recordset(${rows}::text::jsonb) as r (id uuid, "clientId" uuid, "audienceId" uuid, reason text, "expiresAt" timestamptz, "createdBy" text)`
  await tx.$executeRaw`
    insert into grant_scope (grant_id, scope_id)
    select r.id, s.id::uuid from jsonb_to_recordset(${rows}::text::jsonb) as r (id uuid, "scopeIds" text[]), unnest(r."scopeIds") as s (id)`
}

/** Writes reason, end and scopes where the grant still has `version`. */
export async function updateGrant(
  tx: Tx,
  id: string,
  version: number,
  to: { reason: string; expiresAt: Date | null; scopeIds: readonly string[] },
): Promise<void> {
  const { count } = await tx.grant.updateMany({
    where: { id, version },
    data: { reason: to.reason, expiresAt: to.expiresAt, version: version + 1 },
  })
  if (count !== 1) throw new Error("a locked grant changed its version")
  await tx.grantScope.deleteMany({ where: { grantId: id, scopeId: { notIn: [...to.scopeIds] } } })
  await tx.grantScope.createMany({
    data: to.scopeIds.map((scopeId) => ({ grantId: id, scopeId })),
    skipDuplicates: true,
  })
}
