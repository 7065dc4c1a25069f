import "server-only"
import { notFound } from "../../base/errors.ts"
import { db } from "../../db/client.ts"
import { Prisma, type Tx } from "../../db/tx.ts"
import type { PublicJwks } from "../jwks.ts"
import type { AuthMethod, ClientView } from "../schema.ts"
import { shareRegistry } from "../turn.ts"
import type { ClientFacts } from "./rules.ts"

const include = {
  providers: { select: { providerId: true }, orderBy: { providerId: "asc" } },
} as const satisfies Prisma.ClientInclude
type Row = Prisma.ClientGetPayload<{ include: typeof include }>

export const clientView = (row: Row): ClientView => ({
  id: row.id,
  name: row.name,
  display_name: row.displayName,
  owner: row.owner,
  description: row.description,
  auth_method: row.authMethod as AuthMethod,
  jwks: row.jwks as PublicJwks | null,
  provider_ids: row.providers.map((p) => p.providerId),
  tags: row.tags,
  enabled: row.enabled,
  created_at: row.createdAt.toISOString(),
  updated_at: row.updatedAt.toISOString(),
  version: row.version,
})

export async function findClient(id: string): Promise<ClientView | null> {
  const row = await db().client.findUnique({ where: { id }, include })
  return row ? clientView(row) : null
}

/** The client as it stands, locked until the commit: a second editor waits, then meets the new version. */
export async function lockClient(tx: Tx, id: string): Promise<ClientView> {
  await shareRegistry(tx)
  const locked = await tx.$queryRaw<{ id: string }[]>`select id from client where id = ${id}::uuid for update`
  if (locked.length === 0) throw notFound("client", id)
  return clientView(await tx.client.findUniqueOrThrow({ where: { id }, include }))
}

const columns = (facts: ClientFacts) => ({
  displayName: facts.display_name,
  owner: facts.owner,
  description: facts.description,
  authMethod: facts.auth_method,
  jwks: facts.jwks === null ? Prisma.DbNull : (facts.jwks as unknown as Prisma.InputJsonValue),
  tags: [...facts.tags],
  enabled: facts.enabled,
})

/** One statement for one client or ten thousand: they travel as one JSON parameter. */
export async function insertClients(tx: Tx, clients: readonly (ClientFacts & { id: string })[]): Promise<void> {
  if (clients.length === 0) return
  const rows = JSON.stringify(clients)
  await tx.$executeRaw`
    insert into client (id, name, display_name, owner, description, auth_method, jwks, tags, enabled, updated_at)
    select r.id, r.name, r.display_name, r.owner, r.description, r.auth_method, case when jsonb_typeof(r.jwks) = 'object' then r.jwks end, r.tags, r.enabled, now()
    from jsonb_to_recordset(${rows}::text::jsonb) as r (id uuid, name text, display_name text, owner text, description text, auth_method text, jwks jsonb, tags text[], enabled boolean)`
  await tx.$executeRaw`
    insert into client_provider (client_id, provider_id)
    select r.id, p.id::uuid from jsonb_to_recordset(${rows}::text::jsonb) as r (id uuid, provider_ids text[]), unnest(r.provider_ids) as p (id)`
}

/** Writes the whole client where it still has `version`. The row is locked by the caller, so a miss is a bug. */
export async function updateClient(tx: Tx, id: string, version: number, facts: ClientFacts): Promise<void> {
  const { count } = await tx.client.updateMany({
    where: { id, version },
    data: { ...columns(facts), version: version + 1 },
  })
  if (count !== 1) throw new Error("a locked client changed its version")
  await tx.clientProvider.deleteMany({ where: { clientId: id, providerId: { notIn: [...facts.provider_ids] } } })
  await tx.clientProvider.createMany({
    data: facts.provider_ids.map((providerId) => ({ clientId: id, providerId })),
    skipDuplicates: true,
  })
}

export async function reloadClient(tx: Tx, id: string): Promise<ClientView> {
  return clientView(await tx.client.findUniqueOrThrow({ where: { id }, include }))
}
