import "server-only"
import { z } from "zod"
import type { Actor } from "../../auth/actor.ts"
import { authorize } from "../../auth/permissions.ts"
import { notFound } from "../../base/errors.ts"
import { dayMs } from "../../base/time.ts"
import { db } from "../../db/client.ts"
import { Prisma } from "../../db/tx.ts"
import { allOf, everyWord, orderBy, pageOf, pastCursor, type After, type Page, type Sorting } from "../paging.ts"
import type { GrantView } from "../schema.ts"
import { line } from "../text.ts"
import { findGrant } from "./store.ts"

export const grantStates = ["active", "expired", "ending"] as const
export const grantSorts = [
  "client",
  "-client",
  "audience",
  "-audience",
  "created_at",
  "-created_at",
  "expires_at",
] as const
export const grantFilter = {
  q: line(200).optional(),
  client: line(200).optional(),
  audience: line(500).optional(),
  scope: line(200).optional(),
  provider: line(200).optional(),
  owner: line(200).optional(),
  state: z.enum(grantStates).optional(),
  sort: z.enum(grantSorts).default("client"),
}
export interface GrantFilter {
  readonly q?: string | undefined
  /** Id or name. */
  readonly client?: string | undefined
  /** Id or identifier. */
  readonly audience?: string | undefined
  readonly scope?: string | undefined
  readonly provider?: string | undefined
  readonly owner?: string | undefined
  /** `ending`: its end is within two weeks. */
  readonly state?: (typeof grantStates)[number] | undefined
  readonly sort?: (typeof grantSorts)[number] | undefined
  readonly limit: number
  readonly after?: After | undefined
}

/** How long before its end a grant counts as ending. */
const endingMs = 14 * dayMs

const row = z.object({
  id: z.string(),
  client_id: z.string(),
  client: z.string(),
  audience_id: z.string(),
  audience: z.string(),
  audience_name: z.string(),
  scopes: z.array(z.string()),
  reason: z.string(),
  expires_at: z.date().nullable(),
  created_by: z.string(),
  created_at: z.date(),
  updated_at: z.date(),
  version: z.number(),
  sort_key: z.string(),
})

const sorts: Readonly<Record<string, Omit<Sorting, "descending">>> = {
  client: { by: Prisma.sql`c.name`, type: "text" },
  audience: { by: Prisma.sql`a.identifier`, type: "text" },
  created_at: { by: Prisma.sql`g.created_at`, type: "timestamptz" },
  expires_at: { by: Prisma.sql`coalesce(g.expires_at, 'infinity'::timestamptz)`, type: "timestamptz" },
}
const sortingOf = (sort: string): Sorting => ({
  ...(sorts[sort.replace(/^-/, "")] ?? { by: Prisma.sql`c.name`, type: "text" as const }),
  descending: sort.startsWith("-"),
})

function conditions(filter: GrantFilter, now: Date): Prisma.Sql[] {
  const all = [
    everyWord(Prisma.sql`lower(c.name || ' ' || a.identifier || ' ' || a.name || ' ' || g.reason)`, filter.q),
  ]
  if (filter.client) all.push(Prisma.sql`(c.id::text = ${filter.client} or c.name = ${filter.client})`)
  if (filter.audience) all.push(Prisma.sql`(a.id::text = ${filter.audience} or a.identifier = ${filter.audience})`)
  if (filter.owner) all.push(Prisma.sql`c.owner = ${filter.owner}`)
  if (filter.scope)
    all.push(
      Prisma.sql`g.id in (select gs.grant_id from grant_scope gs join scope s on s.id = gs.scope_id where s.name = ${filter.scope})`,
    )
  if (filter.provider) {
    all.push(
      Prisma.sql`c.id in (select cp.client_id from client_provider cp join provider p on p.id = cp.provider_id where p.id::text = ${filter.provider} or p.name = ${filter.provider})`,
    )
  }
  if (filter.state === "active") all.push(Prisma.sql`(g.expires_at is null or g.expires_at > ${now})`)
  if (filter.state === "expired") all.push(Prisma.sql`g.expires_at <= ${now}`)
  if (filter.state === "ending")
    all.push(Prisma.sql`g.expires_at > ${now} and g.expires_at <= ${new Date(now.getTime() + endingMs)}`)
  return all
}

/** Audience grants by filter, in keyset pages: the table of who may call whom. */
export async function listGrants(actor: Actor, filter: GrantFilter, now = new Date()): Promise<Page<GrantView>> {
  authorize(actor, "registry:read")
  const sorting = sortingOf(filter.sort ?? "client")
  const key =
    sorting.type === "timestamptz"
      ? Prisma.sql`case when isfinite(${sorting.by}) then to_char(${sorting.by} at time zone 'utc', 'YYYY-MM-DD"T"HH24:MI:SS.US"Z"') else 'infinity' end`
      : sorting.by
  const where = allOf([...conditions(filter, now), pastCursor(sorting, Prisma.sql`g.id`, filter.after)])
  const rows = z.array(row).parse(
    await db().$queryRaw(Prisma.sql`
    with page as materialized (
      select g.*, c.name as client, a.identifier as audience, a.name as audience_name, ${key} as sort_key, row_number() over (${orderBy(sorting, Prisma.sql`g.id`)}) as place
      from audience_grant g join client c on c.id = g.client_id join audience a on a.id = g.audience_id
      where ${where} ${orderBy(sorting, Prisma.sql`g.id`)} limit ${filter.limit + 1})
    select g.id, g.client_id::text as client_id, g.client, g.audience_id::text as audience_id, g.audience, g.audience_name, g.reason, g.expires_at, g.created_by, g.created_at, g.updated_at, g.version, g.sort_key,
      coalesce((select array_agg(s.name) from grant_scope gs join scope s on s.id = gs.scope_id where gs.grant_id = g.id), '{}') as scopes
    from page g order by g.place`),
  )
  return pageOf(
    rows,
    filter.limit,
    (r) => itemOf(r, now),
    (r) => [r.sort_key, r.id],
  )
}

const itemOf = ({ sort_key: _key, ...r }: z.infer<typeof row>, now: Date): GrantView => ({
  ...r,
  scopes: [...r.scopes].sort(),
  state: r.expires_at !== null && r.expires_at <= now ? "expired" : "active",
  expires_at: r.expires_at?.toISOString() ?? null,
  created_at: r.created_at.toISOString(),
  updated_at: r.updated_at.toISOString(),
})

/** One grant, or 404. */
export async function getGrant(actor: Actor, id: string, now = new Date()): Promise<GrantView> {
  authorize(actor, "registry:read")
  const grant = await findGrant(id, now)
  if (!grant) throw notFound("grant", id)
  return grant
}
