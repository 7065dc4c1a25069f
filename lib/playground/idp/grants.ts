import type { z } from "zod"
import { conflict, Invalid, notFound, staleEtag } from "../../base/errors.ts"
import { newId } from "../../base/id.ts"
import type { Pool, PoolClient } from "../../db/pool.ts"
import { findAudience } from "./audiences.ts"
import { difference, recordChange, type Actor } from "./changes.ts"
import { findClient } from "./clients.ts"
import { audienceIdentifier, introspectScope, type Grant, type grantCreate, type grantPatch } from "./shapes.ts"
import { hasCode, inTx } from "./store.ts"

const columns = "id, client_id, audience, scopes, marker, revision, created_at, updated_at"

export async function findGrant(db: Pool | PoolClient, id: string, lock = ""): Promise<Grant | null> {
  const { rows } = await db.query<Grant>(`select ${columns} from audience_grant where id = $1 ${lock}`, [id])
  return rows[0] ?? null
}

export async function findGrantByEnds(db: Pool | PoolClient, client: string, audience: string): Promise<Grant | null> {
  const { rows } = await db.query<Grant>(
    `select ${columns} from audience_grant where client_id = $1 and audience = $2`,
    [client, audience],
  )
  return rows[0] ?? null
}

async function refuseUnknownScopes(tx: PoolClient, audience: string, scopes: readonly string[]): Promise<void> {
  const known = new Set((await findAudience(tx, "identifier", audience))?.scopes.map((scope) => scope.name))
  const errors = scopes.flatMap((name, i) =>
    known.has(name)
      ? []
      : [{ path: `scopes.${i}`, code: "unknown_scope", message: `${audience} has no scope ${name}` }],
  )
  if (errors.length > 0) throw new Invalid(errors)
}

/** 409 `grant_exists` for the same two ends; 422 for an unknown end or scope. */
export async function createGrant(pool: Pool, actor: Actor, input: z.output<typeof grantCreate>): Promise<Grant> {
  return await inTx(pool, async (tx) => {
    const missing = []
    if (!(await findClient(tx, "client_id", input.client_id)))
      missing.push({ path: "client_id", code: "unknown_client", message: `there is no client ${input.client_id}` })
    if (!(await findAudience(tx, "identifier", input.audience)))
      missing.push({ path: "audience", code: "unknown_audience", message: `there is no audience ${input.audience}` })
    if (missing.length > 0) throw new Invalid(missing)
    await refuseUnknownScopes(tx, input.audience, input.scopes)
    try {
      const { rows } = await tx.query<Grant>(
        `insert into audience_grant (id, client_id, audience, scopes, marker) values ($1, $2, $3, $4, $5) returning ${columns}`,
        [newId(), input.client_id, input.audience, input.scopes, input.marker],
      )
      const made = rows[0]
      if (!made) throw new Error("an insert answered no row")
      await recordChange(tx, actor, "create", "grant", `${input.client_id} ${input.audience}`, difference({}, input))
      return made
    } catch (error) {
      if (hasCode(error, ["23505"]))
        throw conflict("grant_exists", `${input.client_id} is granted to ${input.audience} already.`)
      throw error
    }
  })
}

export async function updateGrant(
  pool: Pool,
  actor: Actor,
  id: string,
  patch: z.output<typeof grantPatch>,
  ifMatch: number | null,
): Promise<Grant> {
  return await inTx(pool, async (tx) => {
    const before = await findGrant(tx, id, "for update")
    if (!before) throw notFound("grant", id)
    if (ifMatch !== null && ifMatch !== before.revision) throw staleEtag(`"${before.revision}"`)
    if (patch.scopes) await refuseUnknownScopes(tx, before.audience, patch.scopes)
    const moved = difference(before, patch)
    if (moved.length === 0) return before
    const next = { ...before, ...patch }
    const { rows } = await tx.query<Grant>(
      `update audience_grant set scopes = $2, marker = $3, revision = revision + 1, updated_at = now() where id = $1 returning ${columns}`,
      [id, next.scopes, next.marker],
    )
    await recordChange(tx, actor, "update", "grant", `${before.client_id} ${before.audience}`, moved)
    return rows[0] ?? before
  })
}

export async function deleteGrant(pool: Pool, actor: Actor, id: string, ifMatch: number | null): Promise<void> {
  await inTx(pool, async (tx) => {
    const before = await findGrant(tx, id, "for update")
    if (!before) throw notFound("grant", id)
    if (ifMatch !== null && ifMatch !== before.revision) throw staleEtag(`"${before.revision}"`)
    await tx.query("delete from audience_grant where id = $1", [id])
    await recordChange(tx, actor, "delete", "grant", `${before.client_id} ${before.audience}`, [])
  })
}

/** What a client may ask for on one audience, and how its token is made. Null: not granted. */
export interface Entitlement {
  readonly identifier: string
  readonly scopes: readonly string[]
  readonly ttlSeconds: number
  readonly format: "jwt" | "opaque"
  readonly alg: string
}

export async function entitlement(pool: Pool, client: string, audience: string): Promise<Entitlement | null> {
  if (!audienceIdentifier.safeParse(audience).success) return null
  const { rows } = await pool.query<Entitlement>(
    `select a.identifier, a.token_ttl_seconds as "ttlSeconds", a.token_format as format, a.signing_alg as alg,
       array(select unnest(g.scopes) intersect select name from scope where audience = a.identifier order by 1) as scopes
     from audience_grant g join audience a on a.identifier = g.audience
     where g.client_id = $1 and g.audience = $2`,
    [client, audience],
  )
  return rows[0] ?? null
}

export async function grantedAudiences(pool: Pool, client: string): Promise<readonly string[]> {
  const { rows } = await pool.query<{ audience: string }>(
    "select audience from audience_grant where client_id = $1 order by audience",
    [client],
  )
  return rows.map((row) => row.audience)
}

/**
 * Who may learn about a token: its own client, the audience itself, the clients the audience names as introspectors, and
 * those that are granted `tokens:introspect` on it.
 */
export async function mayIntrospect(
  pool: Pool,
  caller: string,
  tokenClient: string | undefined,
  aud: readonly string[],
): Promise<boolean> {
  if (caller === tokenClient || aud.includes(caller)) return true
  const { rowCount } = await pool.query(
    `select 1 from audience where identifier = any($1) and $2 = any(introspectors)
     union all
     select 1 from audience_grant g join scope s on s.audience = g.audience and s.name = $3
     where g.audience = any($1) and g.client_id = $2 and $3 = any(g.scopes) limit 1`,
    [aud, caller, introspectScope],
  )
  return (rowCount ?? 0) > 0
}
