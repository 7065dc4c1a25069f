import type { z } from "zod"
import { conflict, notFound, staleEtag } from "../../base/errors.ts"
import { newId } from "../../base/id.ts"
import type { Pool, PoolClient } from "../../db/pool.ts"
import { difference, recordChange, type Actor } from "./changes.ts"
import type { Audience, audienceCreate, audiencePatch, Scope } from "./shapes.ts"
import { hasCode, inTx } from "./store.ts"

export const audienceColumns = `a.id, a.identifier, a.name,
  coalesce((select json_agg(json_build_object('name', s.name, 'description', s.description) order by s.name collate "C")
            from scope s where s.audience = a.identifier), '[]'::json) as scopes,
  a.token_ttl_seconds, a.token_format, a.signing_alg, a.introspectors, a.marker, a.revision, a.created_at, a.updated_at`

export async function findAudience(
  db: Pool | PoolClient,
  by: "id" | "identifier",
  value: string,
  lock = "",
): Promise<Audience | null> {
  const { rows } = await db.query<Audience>(`select ${audienceColumns} from audience a where a.${by} = $1 ${lock}`, [
    value,
  ])
  return rows[0] ?? null
}

async function writeScopes(tx: PoolClient, audience: string, scopes: readonly Scope[]): Promise<void> {
  await tx.query("delete from scope where audience = $1 and name <> all($2::text[])", [
    audience,
    scopes.map((scope) => scope.name),
  ])
  await tx.query(
    `insert into scope (audience, name, description) select $1, * from unnest($2::text[], $3::text[])
     on conflict (audience, name) do update set description = excluded.description`,
    [audience, scopes.map((scope) => scope.name), scopes.map((scope) => scope.description)],
  )
}

/** 409 `identifier_taken` when there is one of that name. */
export async function createAudience(
  pool: Pool,
  actor: Actor,
  input: z.output<typeof audienceCreate>,
): Promise<Audience> {
  return await inTx(pool, async (tx) => {
    try {
      await tx.query(
        `insert into audience (id, identifier, name, token_ttl_seconds, token_format, signing_alg, introspectors, marker)
         values ($1, $2, $3, $4, $5, $6, $7, $8)`,
        [
          newId(),
          input.identifier,
          input.name,
          input.token_ttl_seconds,
          input.token_format,
          input.signing_alg,
          input.introspectors,
          input.marker,
        ],
      )
    } catch (error) {
      if (hasCode(error, ["23505"]))
        throw conflict("identifier_taken", `There is an audience ${input.identifier} already.`)
      throw error
    }
    await writeScopes(tx, input.identifier, input.scopes)
    await recordChange(tx, actor, "create", "audience", input.identifier, difference({}, input))
    const made = await findAudience(tx, "identifier", input.identifier)
    if (!made) throw new Error("an insert left no row")
    return made
  })
}

/**
 * Changes the given fields only. A scope that goes away here stops being issued at once, although grants may still name
 * it: what a token may carry is the intersection.
 */
export async function updateAudience(
  pool: Pool,
  actor: Actor,
  id: string,
  patch: z.output<typeof audiencePatch>,
  ifMatch: number | null,
): Promise<Audience> {
  return await inTx(pool, async (tx) => {
    const before = await findAudience(tx, "id", id, "for update")
    if (!before) throw notFound("audience", id)
    if (ifMatch !== null && ifMatch !== before.revision) throw staleEtag(`"${before.revision}"`)
    const sorted = patch.scopes && { ...patch, scopes: patch.scopes.toSorted((a, b) => (a.name < b.name ? -1 : 1)) }
    const moved = difference(before, sorted ?? patch)
    if (moved.length === 0) return before
    const next = { ...before, ...patch }
    await tx.query(
      `update audience set name = $2, token_ttl_seconds = $3, token_format = $4, signing_alg = $5, introspectors = $6, marker = $7,
         revision = revision + 1, updated_at = now() where id = $1`,
      [id, next.name, next.token_ttl_seconds, next.token_format, next.signing_alg, next.introspectors, next.marker],
    )
    if (patch.scopes) await writeScopes(tx, before.identifier, patch.scopes)
    await recordChange(tx, actor, "update", "audience", before.identifier, moved)
    return (await findAudience(tx, "id", id)) ?? before
  })
}

/** 409 `has_grants` while somebody is granted to it. */
export async function deleteAudience(pool: Pool, actor: Actor, id: string, ifMatch: number | null): Promise<void> {
  await inTx(pool, async (tx) => {
    const before = await findAudience(tx, "id", id, "for update")
    if (!before) throw notFound("audience", id)
    if (ifMatch !== null && ifMatch !== before.revision) throw staleEtag(`"${before.revision}"`)
    try {
      await tx.query("delete from audience where id = $1", [id])
    } catch (error) {
      if (hasCode(error, ["23503"]))
        throw conflict("has_grants", `Clients are granted to ${before.identifier}. Delete those grants first.`)
      throw error
    }
    await recordChange(tx, actor, "delete", "audience", before.identifier, [])
  })
}
