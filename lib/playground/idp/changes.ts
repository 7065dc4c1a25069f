import type { Pool, PoolClient } from "../../db/pool.ts"
import { canonicalJson } from "../../base/json.ts"

export type Verb = "create" | "update" | "delete" | "issue" | "retire" | "promote"

/** Who asks, as the admin API or the registration endpoint knows it. */
export interface Actor {
  readonly name: string
}

interface FieldChange {
  readonly field: string
  readonly from: unknown
  readonly to: unknown
}

/** Fields whose value moved, by canonical JSON, in the order of `next`. */
export function difference(before: object, next: object): readonly FieldChange[] {
  const old = before as Record<string, unknown>
  return Object.entries(next).flatMap(([field, to]) => {
    const from = old[field] ?? null
    return canonicalJson(from) === canonicalJson(to ?? null) ? [] : [{ field, from, to }]
  })
}

/** Writes the trace of an admin change in the transaction of the change. Values of secrets never come here. */
export async function recordChange(
  tx: PoolClient,
  actor: Actor,
  verb: Verb,
  kind: string,
  key: string,
  fields: readonly FieldChange[],
): Promise<void> {
  await tx.query("insert into change (actor, verb, kind, key, fields) values ($1, $2, $3, $4, $5)", [
    actor.name,
    verb,
    kind,
    key,
    JSON.stringify(fields),
  ])
}

/** Changes since a point in time, newest first. */
export async function changesSince(pool: Pool, since: Date, limit: number): Promise<readonly unknown[]> {
  const { rows } = await pool.query<Record<string, unknown>>(
    "select seq::int, at, actor, verb, kind, key, fields from change where at >= $1 order by seq desc limit $2",
    [since, limit],
  )
  return rows
}

/** Changes after `after` (a sequence number), oldest first. */
export async function listChanges(pool: Pool, after: number, limit: number): Promise<readonly unknown[]> {
  const { rows } = await pool.query<Record<string, unknown>>(
    "select seq::int, at, actor, verb, kind, key, fields from change where seq > $1 order by seq limit $2",
    [after, limit],
  )
  return rows
}
