import "server-only"
import { z } from "zod"
import type { Actor } from "../../auth/actor.ts"
import { authorize } from "../../auth/permissions.ts"
import { notFound } from "../../base/errors.ts"
import { db } from "../../db/client.ts"
import { Prisma } from "../../db/tx.ts"
import { grantInclude, grantView } from "../grants/store.ts"
import { allOf, everyWord, orderBy, pageOf, pastCursor, type After, type Page, type Sorting } from "../paging.ts"
import type { AudienceView, GrantView } from "../schema.ts"
import { line } from "../text.ts"
import { byName } from "./rules.ts"
import { findAudience } from "./store.ts"

export const audienceSorts = [
  "identifier",
  "-identifier",
  "name",
  "-name",
  "created_at",
  "-created_at",
  "updated_at",
  "-updated_at",
] as const
export const audienceFilter = {
  q: line(200).optional(),
  provider: line(200).optional(),
  tag: line(60).optional(),
  scope: line(200).optional(),
  sort: z.enum(audienceSorts).default("identifier"),
}
export interface AudienceFilter {
  readonly q?: string | undefined
  /** Id or name: audiences that ask for it by `provider_ids`, or have a client granted there. */
  readonly provider?: string | undefined
  readonly tag?: string | undefined
  readonly scope?: string | undefined
  readonly sort?: (typeof audienceSorts)[number] | undefined
  readonly limit: number
  readonly after?: After | undefined
}

export interface AudienceListItem extends AudienceView {
  readonly grant_count: number
}

const row = z.object({
  id: z.string(),
  identifier: z.string(),
  name: z.string(),
  legacy: z.boolean(),
  token_ttl_seconds: z.number(),
  token_format: z.string(),
  signing_alg: z.string(),
  tags: z.array(z.string()),
  created_at: z.date(),
  updated_at: z.date(),
  version: z.number(),
  provider_ids: z.array(z.string()),
  scopes: z.array(z.object({ name: z.string(), description: z.string() })),
  grant_count: z.number(),
  sort_key: z.string(),
})

const sorts: Readonly<Record<string, Omit<Sorting, "descending">>> = {
  identifier: { by: Prisma.sql`a.identifier`, type: "text" },
  name: { by: Prisma.sql`a.name`, type: "text" },
  created_at: { by: Prisma.sql`a.created_at`, type: "timestamptz" },
  updated_at: { by: Prisma.sql`a.updated_at`, type: "timestamptz" },
}
const sortingOf = (sort: string): Sorting => ({
  ...(sorts[sort.replace(/^-/, "")] ?? { by: Prisma.sql`a.identifier`, type: "text" as const }),
  descending: sort.startsWith("-"),
})

function conditions(filter: AudienceFilter): Prisma.Sql[] {
  const all = [everyWord(Prisma.sql`lower(a.identifier || ' ' || a.name)`, filter.q)]
  if (filter.tag) all.push(Prisma.sql`${filter.tag} = any(a.tags)`)
  if (filter.scope) all.push(Prisma.sql`a.id in (select s.audience_id from scope s where s.name = ${filter.scope})`)
  if (filter.provider) {
    all.push(Prisma.sql`a.id in (
      select ap.audience_id from audience_provider ap join provider p on p.id = ap.provider_id where p.id::text = ${filter.provider} or p.name = ${filter.provider}
      union select g.audience_id from audience_grant g join client_provider cp on cp.client_id = g.client_id join provider p on p.id = cp.provider_id
        where p.id::text = ${filter.provider} or p.name = ${filter.provider})`)
  }
  return all
}

/** Audiences by filter, in keyset pages. */
export async function listAudiences(actor: Actor, filter: AudienceFilter): Promise<Page<AudienceListItem>> {
  authorize(actor, "registry:read")
  const sorting = sortingOf(filter.sort ?? "identifier")
  const key =
    sorting.type === "timestamptz"
      ? Prisma.sql`to_char(${sorting.by} at time zone 'utc', 'YYYY-MM-DD"T"HH24:MI:SS.US"Z"')`
      : sorting.by
  const where = allOf([...conditions(filter), pastCursor(sorting, Prisma.sql`a.id`, filter.after)])
  const rows = z.array(row).parse(
    await db().$queryRaw(Prisma.sql`
    with page as materialized (
      select a.*, ${key} as sort_key, row_number() over (${orderBy(sorting, Prisma.sql`a.id`)}) as place
      from audience a where ${where} ${orderBy(sorting, Prisma.sql`a.id`)} limit ${filter.limit + 1})
    select a.id, a.identifier, a.name, a.legacy, a.token_ttl_seconds, a.token_format, a.signing_alg, a.tags, a.created_at, a.updated_at, a.version, a.sort_key,
      coalesce((select array_agg(ap.provider_id::text order by ap.provider_id) from audience_provider ap where ap.audience_id = a.id), '{}') as provider_ids,
      coalesce((select jsonb_agg(jsonb_build_object('name', s.name, 'description', s.description)) from scope s where s.audience_id = a.id), '[]') as scopes,
      (select count(*)::int from audience_grant g where g.audience_id = a.id) as grant_count
    from page a order by a.place`),
  )
  return pageOf(rows, filter.limit, itemOf, (r) => [r.sort_key, r.id])
}

const itemOf = ({ sort_key: _key, ...r }: z.infer<typeof row>): AudienceListItem => ({
  ...r,
  scopes: [...r.scopes].sort(byName),
  created_at: r.created_at.toISOString(),
  updated_at: r.updated_at.toISOString(),
})

/** One audience, or 404. */
export async function getAudience(actor: Actor, id: string): Promise<AudienceView> {
  authorize(actor, "registry:read")
  const audience = await findAudience(id)
  if (!audience) throw notFound("audience", id)
  return audience
}

export interface WantedOn {
  readonly provider_id: string
  readonly provider: string
  readonly placed: boolean
  /** By its own `provider_ids`, or because a granted client is placed there. */
  readonly because: "asked" | "granted"
}

/** An audience with everything its page shows: who may call it, and where it is wanted and why. */
export async function getAudienceDetail(
  actor: Actor,
  id: string,
  now = new Date(),
): Promise<{ audience: AudienceView; grants: readonly GrantView[]; wanted_on: readonly WantedOn[] }> {
  const audience = await getAudience(actor, id)
  const [grants, wantedOn] = await Promise.all([
    db().grant.findMany({
      where: { audienceId: id },
      include: grantInclude,
      orderBy: { client: { name: "asc" } },
      take: 1000,
    }),
    db().$queryRaw<WantedOn[]>`
      select p.id::text as provider_id, p.name as provider,
        exists (select 1 from placement x where x.provider_id = p.id and x.kind = 'audience' and x.key = ${audience.identifier}) as placed,
        case when exists (select 1 from audience_provider ap where ap.audience_id = ${id}::uuid and ap.provider_id = p.id) then 'asked' else 'granted' end as because
      from provider p
      where p.id in (select ap.provider_id from audience_provider ap where ap.audience_id = ${id}::uuid
        union select cp.provider_id from audience_grant g join client_provider cp on cp.client_id = g.client_id where g.audience_id = ${id}::uuid)
      order by p.name`,
  ])
  return { audience, grants: grants.map((g) => grantView(g, now)), wanted_on: wantedOn }
}
