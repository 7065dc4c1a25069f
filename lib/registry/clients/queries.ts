import "server-only"
import { z } from "zod"
import type { Actor } from "../../auth/actor.ts"
import { authorize } from "../../auth/permissions.ts"
import { notFound } from "../../base/errors.ts"
import { db } from "../../db/client.ts"
import { Prisma } from "../../db/tx.ts"
import { grantInclude, grantView } from "../grants/store.ts"
import { allOf, everyWord, orderBy, pageOf, pastCursor, type After, type Page, type Sorting } from "../paging.ts"
import type { AuthMethod, ClientView, GrantView } from "../schema.ts"
import { line } from "../text.ts"
import { findClient } from "./store.ts"

export const clientStates = ["enabled", "disabled", "unplaced", "ungranted"] as const
export const clientSorts = [
  "name",
  "-name",
  "owner",
  "-owner",
  "created_at",
  "-created_at",
  "updated_at",
  "-updated_at",
] as const

/** `state=unplaced`: wanted on a provider where it does not stand yet. `state=ungranted`: may call nothing. */
export const clientFilter = {
  q: line(200).optional(),
  owner: line(200).optional(),
  provider: line(200).optional(),
  state: z.enum(clientStates).optional(),
  tag: line(60).optional(),
  audience: line(500).optional(),
  sort: z.enum(clientSorts).default("name"),
}
export interface ClientFilter {
  readonly q?: string | undefined
  readonly owner?: string | undefined
  /** Id or name. */
  readonly provider?: string | undefined
  readonly state?: (typeof clientStates)[number] | undefined
  readonly tag?: string | undefined
  /** Id or identifier: clients with a grant on it. */
  readonly audience?: string | undefined
  readonly sort?: (typeof clientSorts)[number] | undefined
  readonly limit: number
  readonly after?: After | undefined
}

export interface ClientListItem extends ClientView {
  readonly grant_count: number
  /** Providers where it stands, as last applied or adopted. */
  readonly placed_on: readonly string[]
}

const row = z.object({
  id: z.string(),
  name: z.string(),
  display_name: z.string(),
  owner: z.string(),
  description: z.string(),
  auth_method: z.string(),
  jwks: z.unknown(),
  tags: z.array(z.string()),
  enabled: z.boolean(),
  created_at: z.date(),
  updated_at: z.date(),
  version: z.number(),
  provider_ids: z.array(z.string()),
  placed_on: z.array(z.string()),
  grant_count: z.number(),
  sort_key: z.string(),
})

const sorts: Readonly<Record<string, Omit<Sorting, "descending">>> = {
  name: { by: Prisma.sql`c.name`, type: "text" },
  owner: { by: Prisma.sql`c.owner`, type: "text" },
  created_at: { by: Prisma.sql`c.created_at`, type: "timestamptz" },
  updated_at: { by: Prisma.sql`c.updated_at`, type: "timestamptz" },
}
const sortingOf = (sort: string): Sorting => {
  const name = sort.replace(/^-/, "")
  return { ...(sorts[name] ?? { by: Prisma.sql`c.name`, type: "text" as const }), descending: sort.startsWith("-") }
}

const states: Readonly<Record<(typeof clientStates)[number], Prisma.Sql>> = {
  enabled: Prisma.sql`c.enabled`,
  disabled: Prisma.sql`not c.enabled`,
  ungranted: Prisma.sql`not exists (select 1 from audience_grant g where g.client_id = c.id)`,
  unplaced: Prisma.sql`exists (select 1 from client_provider cp where cp.client_id = c.id and not exists
    (select 1 from placement p where p.provider_id = cp.provider_id and p.kind = 'client' and p.key = c.name))`,
}

function conditions(filter: ClientFilter): Prisma.Sql[] {
  const all = [everyWord(Prisma.sql`lower(c.name || ' ' || c.display_name || ' ' || c.owner)`, filter.q)]
  if (filter.owner) all.push(Prisma.sql`c.owner = ${filter.owner}`)
  if (filter.state) all.push(states[filter.state])
  if (filter.tag) all.push(Prisma.sql`${filter.tag} = any(c.tags)`)
  if (filter.provider) {
    all.push(
      Prisma.sql`c.id in (select cp.client_id from client_provider cp join provider p on p.id = cp.provider_id where p.id::text = ${filter.provider} or p.name = ${filter.provider})`,
    )
  }
  if (filter.audience) {
    all.push(
      Prisma.sql`c.id in (select g.client_id from audience_grant g join audience a on a.id = g.audience_id where a.id::text = ${filter.audience} or a.identifier = ${filter.audience})`,
    )
  }
  return all
}

/** The statement of `listClients`: the page of clients first, then what hangs on those few. Exported for its plan's test. */
export function listStatement(filter: ClientFilter): Prisma.Sql {
  const sorting = sortingOf(filter.sort ?? "name")
  const key =
    sorting.type === "timestamptz"
      ? Prisma.sql`to_char(${sorting.by} at time zone 'utc', 'YYYY-MM-DD"T"HH24:MI:SS.US"Z"')`
      : sorting.by
  const where = allOf([...conditions(filter), pastCursor(sorting, Prisma.sql`c.id`, filter.after)])
  return Prisma.sql`
    with page as materialized (
      select c.*, ${key} as sort_key, row_number() over (${orderBy(sorting, Prisma.sql`c.id`)}) as place
      from client c where ${where} ${orderBy(sorting, Prisma.sql`c.id`)} limit ${filter.limit + 1})
    select c.id, c.name, c.display_name, c.owner, c.description, c.auth_method, c.jwks, c.tags, c.enabled, c.created_at, c.updated_at, c.version, c.sort_key,
      coalesce((select array_agg(cp.provider_id::text order by cp.provider_id) from client_provider cp where cp.client_id = c.id), '{}') as provider_ids,
      coalesce((select array_agg(p.provider_id::text order by p.provider_id) from placement p where p.kind = 'client' and p.key = c.name), '{}') as placed_on,
      (select count(*)::int from audience_grant g where g.client_id = c.id) as grant_count
    from page c order by c.place`
}

/** Clients by filter, in keyset pages. */
export async function listClients(actor: Actor, filter: ClientFilter): Promise<Page<ClientListItem>> {
  authorize(actor, "registry:read")
  const rows = z.array(row).parse(await db().$queryRaw(listStatement(filter)))
  return pageOf(rows, filter.limit, itemOf, (r) => [r.sort_key, r.id])
}

function itemOf({ sort_key: _key, ...r }: z.infer<typeof row>): ClientListItem {
  return {
    ...r,
    auth_method: r.auth_method as AuthMethod,
    jwks: r.jwks as ClientView["jwks"],
    created_at: r.created_at.toISOString(),
    updated_at: r.updated_at.toISOString(),
  }
}

/** One client, or 404. */
export async function getClient(actor: Actor, id: string): Promise<ClientView> {
  authorize(actor, "registry:read")
  const client = await findClient(id)
  if (!client) throw notFound("client", id)
  return client
}

export interface PlacementView {
  readonly provider_id: string
  readonly provider: string
  readonly kind: string
  readonly environment: string
  /** Wanted there by the registry. */
  readonly wanted: boolean
  /** Standing there, as last applied or adopted. */
  readonly placed: boolean
  readonly remote_id: string | null
  readonly origin: string | null
  readonly applied_at: string | null
}

/** A client with everything its page shows: grants, and each provider where it is wanted or stands. */
export async function getClientDetail(
  actor: Actor,
  id: string,
  now = new Date(),
): Promise<{ client: ClientView; grants: readonly GrantView[]; placements: readonly PlacementView[] }> {
  const client = await getClient(actor, id)
  const [grants, placements, providers] = await Promise.all([
    db().grant.findMany({ where: { clientId: id }, include: grantInclude, orderBy: { createdAt: "asc" } }),
    db().placement.findMany({ where: { kind: "client", key: client.name } }),
    db().provider.findMany({
      select: { id: true, name: true, kind: true, environment: true },
      orderBy: { name: "asc" },
    }),
  ])
  const shown = providers.flatMap((p): PlacementView[] => {
    const placed = placements.find((x) => x.providerId === p.id)
    const wanted = client.provider_ids.includes(p.id)
    if (!placed && !wanted) return []
    return [
      {
        provider_id: p.id,
        provider: p.name,
        kind: p.kind,
        environment: p.environment,
        wanted,
        placed: placed !== undefined,
        remote_id: placed?.remoteId ?? null,
        origin: placed?.origin ?? null,
        applied_at: placed?.appliedAt.toISOString() ?? null,
      },
    ]
  })
  return { client, grants: grants.map((g) => grantView(g, now)), placements: shown }
}

/** The distinct owners and tags, for filters and forms. */
export async function clientWords(actor: Actor): Promise<{ owners: readonly string[]; tags: readonly string[] }> {
  authorize(actor, "registry:read")
  const [owners, tags] = await Promise.all([
    db().$queryRaw<{ owner: string }[]>`select distinct owner from client order by owner limit 500`,
    db().$queryRaw<{ tag: string }[]>`select distinct unnest(tags) as tag from client order by tag limit 500`,
  ])
  return { owners: owners.map((o) => o.owner), tags: tags.map((t) => t.tag) }
}
