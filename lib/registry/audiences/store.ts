import "server-only"
import { notFound } from "../../base/errors.ts"
import { newId } from "../../base/id.ts"
import { db } from "../../db/client.ts"
import type { Prisma, Tx } from "../../db/tx.ts"
import type { AudienceView } from "../schema.ts"
import { shareRegistry } from "../turn.ts"
import { byName, type AudienceFacts } from "./rules.ts"

const include = {
  providers: { select: { providerId: true }, orderBy: { providerId: "asc" } },
  scopes: { select: { name: true, description: true } },
} as const satisfies Prisma.AudienceInclude
type Row = Prisma.AudienceGetPayload<{ include: typeof include }>

export const audienceView = (row: Row): AudienceView => ({
  id: row.id,
  identifier: row.identifier,
  name: row.name,
  legacy: row.legacy,
  token_ttl_seconds: row.tokenTtlSeconds,
  token_format: row.tokenFormat,
  signing_alg: row.signingAlg,
  scopes: row.scopes.map(({ name, description }) => ({ name, description })).sort(byName),
  provider_ids: row.providers.map((p) => p.providerId),
  tags: row.tags,
  created_at: row.createdAt.toISOString(),
  updated_at: row.updatedAt.toISOString(),
  version: row.version,
})

export async function findAudience(id: string): Promise<AudienceView | null> {
  const row = await db().audience.findUnique({ where: { id }, include })
  return row ? audienceView(row) : null
}

export async function reloadAudience(tx: Tx, id: string): Promise<AudienceView> {
  return audienceView(await tx.audience.findUniqueOrThrow({ where: { id }, include }))
}

export async function lockAudience(tx: Tx, id: string): Promise<AudienceView> {
  await shareRegistry(tx)
  const locked = await tx.$queryRaw<{ id: string }[]>`select id from audience where id = ${id}::uuid for update`
  if (locked.length === 0) throw notFound("audience", id)
  return reloadAudience(tx, id)
}

const columns = (facts: AudienceFacts) => ({
  name: facts.name,
  legacy: facts.legacy,
  tokenTtlSeconds: facts.token_ttl_seconds,
  tokenFormat: facts.token_format,
  signingAlg: facts.signing_alg,
  tags: [...facts.tags],
})

/** One statement per table for one audience or thousands: they travel as one JSON parameter. */
export async function insertAudiences(tx: Tx, audiences: readonly (AudienceFacts & { id: string })[]): Promise<void> {
  if (audiences.length === 0) return
  const rows = JSON.stringify(audiences)
  const scopes = JSON.stringify(
    audiences.flatMap((a) =>
      a.scopes.map((s) => ({ id: newId(), audience_id: a.id, name: s.name, description: s.description })),
    ),
  )
  await tx.$executeRaw`
    insert into audience (id, identifier, name, legacy, token_ttl_seconds, token_format, signing_alg, tags, updated_at)
    select r.id, r.identifier, r.name, r.legacy, r.token_ttl_seconds, r.token_format, r.signing_alg, r.tags, now()
    from jsonb_to_recordset(${rows}::text::jsonb) as r (id uuid, identifier text, name text, legacy boolean, token_ttl_seconds integer, token_format text, signing_alg text, tags text[])`
  await tx.$executeRaw`
    insert into scope (id, audience_id, name, description)
    select r.id, r.audience_id, r.name, r.description from jsonb_to_recordset(${scopes}::text::jsonb) as r (id uuid, audience_id uuid, name text, description text)`
  await tx.$executeRaw`
    insert into audience_provider (audience_id, provider_id)
    select r.id, p.id::uuid from jsonb_to_recordset(${rows}::text::jsonb) as r (id uuid, provider_ids text[]), unnest(r.provider_ids) as p (id)`
}

/** Writes the whole audience where it still has `version`; a scope keeps its row, so grants of it stay. */
export async function updateAudience(tx: Tx, before: AudienceView, facts: AudienceFacts): Promise<void> {
  const { count } = await tx.audience.updateMany({
    where: { id: before.id, version: before.version },
    data: { ...columns(facts), version: before.version + 1 },
  })
  if (count !== 1) throw new Error("a locked audience changed its version")
  const had = new Map(before.scopes.map((s) => [s.name, s.description]))
  const kept = facts.scopes.map((s) => s.name)
  await tx.scope.deleteMany({ where: { audienceId: before.id, name: { notIn: kept } } })
  for (const scope of facts.scopes) {
    if (!had.has(scope.name) || had.get(scope.name) === scope.description) continue
    await tx.scope.updateMany({
      where: { audienceId: before.id, name: scope.name },
      data: { description: scope.description },
    })
  }
  await tx.scope.createMany({
    data: facts.scopes
      .filter((s) => !had.has(s.name))
      .map((s) => ({ id: newId(), audienceId: before.id, name: s.name, description: s.description })),
  })
  await tx.audienceProvider.deleteMany({
    where: { audienceId: before.id, providerId: { notIn: [...facts.provider_ids] } },
  })
  await tx.audienceProvider.createMany({
    data: facts.provider_ids.map((providerId) => ({ audienceId: before.id, providerId })),
    skipDuplicates: true,
  })
}
