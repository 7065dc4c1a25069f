import "server-only"
import type { Prisma } from "../../db/tx.ts"
import { audienceView } from "../audiences/store.ts"
import { clientView } from "../clients/store.ts"
import type { AudienceView, ClientView } from "../schema.ts"
import { sorted, type RegistryDocument } from "./document.ts"

/** The registry as it stands: the document, and the rows behind its parts. */
export interface Standing {
  readonly document: RegistryDocument
  readonly clients: ReadonlyMap<string, ClientView>
  readonly audiences: ReadonlyMap<string, AudienceView>
  /** By `client identifier`. */
  readonly grants: ReadonlyMap<string, { readonly id: string; readonly version: number; readonly created_by: string }>
  readonly providerIds: ReadonlyMap<string, string>
}

const providers = { select: { providerId: true }, orderBy: { providerId: "asc" } } as const

export async function readRegistry(tx: Prisma.TransactionClient): Promise<Standing> {
  const known = await tx.provider.findMany({ select: { id: true, name: true } })
  const nameOf = new Map(known.map((p) => [p.id, p.name]))
  const names = (ids: readonly string[]) => ids.flatMap((id) => nameOf.get(id) ?? []).sort()
  const clients = (await tx.client.findMany({ include: { providers } })).map(clientView)
  const audiences = (
    await tx.audience.findMany({ include: { providers, scopes: { select: { name: true, description: true } } } })
  ).map(audienceView)
  const grants = await tx.grant.findMany({
    include: {
      client: { select: { name: true } },
      audience: { select: { identifier: true } },
      scopes: { select: { scope: { select: { name: true } } } },
    },
  })
  const document: RegistryDocument = {
    version: 1,
    audiences: audiences.map(({ id: _id, provider_ids, created_at: _c, updated_at: _u, version: _v, ...a }) => ({
      ...a,
      providers: names(provider_ids),
    })),
    clients: clients.map(({ id: _id, provider_ids, created_at: _c, updated_at: _u, version: _v, ...c }) => ({
      ...c,
      providers: names(provider_ids),
    })),
    grants: grants.map((g) => ({
      client: g.client.name,
      audience: g.audience.identifier,
      scopes: g.scopes.map((s) => s.scope.name).sort(),
      reason: g.reason,
      expires_at: g.expiresAt?.toISOString() ?? null,
    })),
  }
  return {
    document: sorted(document),
    clients: new Map(clients.map((c) => [c.name, c])),
    audiences: new Map(audiences.map((a) => [a.identifier, a])),
    grants: new Map(
      grants.map((g) => [
        `${g.client.name} ${g.audience.identifier}`,
        { id: g.id, version: g.version, created_by: g.createdBy },
      ]),
    ),
    providerIds: new Map(known.map((p) => [p.name, p.id])),
  }
}
