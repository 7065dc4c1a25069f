import "server-only"
import { z } from "zod"
import type { Actor } from "../../auth/actor.ts"
import { authorize } from "../../auth/permissions.ts"
import { db } from "../../db/client.ts"
import { Prisma } from "../../db/tx.ts"
import { allOf, everyWord } from "../paging.ts"

export interface ClientChoice {
  /** Words of its name, display name or owner. */
  readonly q?: string | undefined
  readonly client?: string | undefined
  readonly owner?: string | undefined
  /** Id or name. */
  readonly provider?: string | undefined
  /** Granted one of these identifiers. */
  readonly audience?: readonly string[] | undefined
  /** Granted anything at all. */
  readonly granted?: boolean | undefined
}

const placedAs = z.array(z.object({ id: z.string(), name: z.string() }))
const named = z.array(z.object({ name: z.string() }))

/** The names of the clients of a choice, in no order. */
export async function clientNames(actor: Actor, choice: ClientChoice): Promise<string[]> {
  authorize(actor, "registry:read")
  const all = [everyWord(Prisma.sql`lower(c.name || ' ' || c.display_name || ' ' || c.owner)`, choice.q)]
  if (choice.client) all.push(Prisma.sql`(c.id::text = ${choice.client} or c.name = ${choice.client})`)
  if (choice.owner) all.push(Prisma.sql`c.owner = ${choice.owner}`)
  if (choice.provider)
    all.push(
      Prisma.sql`c.id in (select cp.client_id from client_provider cp join provider p on p.id = cp.provider_id where p.id::text = ${choice.provider} or p.name = ${choice.provider})`,
    )
  if (choice.audience)
    all.push(
      Prisma.sql`c.id in (select g.client_id from audience_grant g join audience a on a.id = g.audience_id where a.identifier = any(${[...choice.audience]}::text[]))`,
    )
  if (choice.granted) all.push(Prisma.sql`exists (select from audience_grant g where g.client_id = c.id)`)
  const rows = await db().$queryRaw(Prisma.sql`select c.name from client c where ${allOf(all)}`)
  return named.parse(rows).map((r) => r.name)
}

export interface GrantedClient {
  readonly id: string
  readonly name: string
  readonly enabled: boolean
  /** Client ids that providers gave it: in their tokens, and so in events, it goes by these. */
  readonly remote_ids: readonly string[]
  readonly grants: readonly {
    readonly id: string
    readonly audience: string
    readonly scopes: readonly string[]
    readonly expires_at: string | null
  }[]
}

/** These clients with what they are granted. Names that are not registered are left out. */
export async function grantedClients(actor: Actor, names: readonly string[]): Promise<GrantedClient[]> {
  authorize(actor, "registry:read")
  const [clients, placed] = await Promise.all([
    db().client.findMany({
      where: { name: { in: [...names] } },
      select: {
        id: true,
        name: true,
        enabled: true,
        grants: {
          select: {
            id: true,
            expiresAt: true,
            audience: { select: { identifier: true } },
            scopes: { select: { scope: { select: { name: true } } } },
          },
        },
      },
    }),
    db().placement.findMany({
      where: { kind: "client", key: { in: [...names] } },
      select: { key: true, remoteId: true },
    }),
  ])
  const remote = Map.groupBy(placed, (p) => p.key)
  return clients.map(({ id, name, enabled, grants }) => ({
    id,
    name,
    enabled,
    remote_ids: [...new Set((remote.get(name) ?? []).map((p) => p.remoteId))].filter((r) => r !== name),
    grants: grants.map((g) => ({
      id: g.id,
      audience: g.audience.identifier,
      scopes: g.scopes.map((s) => s.scope.name).sort(),
      expires_at: g.expiresAt?.toISOString() ?? null,
    })),
  }))
}

/** Which of these client ids are a provider's name for a registered client. */
export async function remoteNames(actor: Actor, ids: readonly string[]): Promise<ReadonlyMap<string, string>> {
  authorize(actor, "registry:read")
  if (ids.length === 0) return new Map()
  const rows = await db().$queryRaw(
    Prisma.sql`select remote_id as id, key as name from placement where kind = 'client' and remote_id <> key and remote_id = any(${[...ids]}::text[])`,
  )
  return new Map(placedAs.parse(rows).map((r) => [r.id, r.name]))
}

/** Registered audiences by identifier, for names and links. */
export async function audienceNames(
  actor: Actor,
  identifiers: readonly string[],
): Promise<ReadonlyMap<string, { readonly id: string; readonly name: string }>> {
  authorize(actor, "registry:read")
  const rows = await db().audience.findMany({
    where: { identifier: { in: [...identifiers] } },
    select: { id: true, identifier: true, name: true },
  })
  return new Map(rows.map(({ id, identifier, name }) => [identifier, { id, name }]))
}
