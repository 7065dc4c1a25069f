import { openPool, type Pool, type PoolClient } from "../../db/pool.ts"
import { migrations } from "./migrations.ts"

const schema = "local_idp"
const role = "grantry_local_idp"
/** Any fixed number: only one process at a time prepares the schema. */
const lockKey = 7_144_031

/**
 * Prepares the schema and opens the provider's pool: the role `grantry_local_idp` owns `local_idp` and nothing else, so
 * that the provider cannot read the registry. Where the database login may not make roles, the login itself is used.
 * Throws when the schema is newer than this code.
 */
export async function openStore(databaseUrl: string): Promise<{ pool: Pool; ownRole: boolean }> {
  const setup = openPool({
    connectionString: databaseUrl,
    name: "grantry-local-idp-setup",
    max: 1,
    statementTimeoutMs: 60_000,
  })
  let ownRole = false
  try {
    const client = await setup.connect()
    try {
      await client.query("select pg_advisory_lock($1)", [lockKey])
      ownRole = await prepareRole(client)
      await client.query(`create schema if not exists ${schema}`)
      if (ownRole) {
        await client.query(`alter schema ${schema} owner to ${role}`)
        await client.query(`set role ${role}`)
      }
      await migrate(client)
    } finally {
      client.release(true)
    }
  } finally {
    await setup.end()
  }
  const pool = openPool({
    connectionString: databaseUrl,
    name: "grantry-local-idp",
    max: 8,
    statementTimeoutMs: 5_000,
    searchPath: schema,
    ...(ownRole ? { role } : {}),
  })
  return { pool, ownRole }
}

/** Makes the role once per cluster and joins it. False where the login may not. */
async function prepareRole(client: PoolClient): Promise<boolean> {
  try {
    const { rowCount } = await client.query("select 1 from pg_roles where rolname = $1", [role])
    if (rowCount === 0) {
      try {
        await client.query(`create role ${role} nologin`)
      } catch (error) {
        // Another database of this cluster made it in the same moment.
        if (!hasCode(error, ["42710", "23505"])) throw error
      }
    }
    const member = await client.query<{ yes: boolean }>("select pg_has_role(current_user, $1, 'SET') as yes", [role])
    if (member.rows[0]?.yes !== true) await client.query(`grant ${role} to current_user`)
    return true
  } catch (error) {
    if (hasCode(error, ["42501", "0LP01"])) return false
    throw error
  }
}

async function migrate(client: PoolClient): Promise<void> {
  await client.query(`set search_path = ${schema}`)
  await client.query(
    "create table if not exists migration (version integer primary key, name text not null, applied_at timestamptz not null default now())",
  )
  const { rows } = await client.query<{ version: number }>("select version from migration")
  const done = new Set(rows.map((row) => row.version))
  const newest = migrations.at(-1)?.version ?? 0
  if ([...done].some((version) => version > newest)) throw new Error(`The schema ${schema} is newer than this code.`)
  for (const step of migrations) {
    if (done.has(step.version)) continue
    await client.query("begin")
    await client.query(step.sql)
    await client.query("insert into migration (version, name) values ($1, $2)", [step.version, step.name])
    await client.query("commit")
  }
}

/** Does this database error carry one of the SQLSTATE codes? */
export const hasCode = (error: unknown, codes: readonly string[]): boolean =>
  error instanceof Error && "code" in error && typeof error.code === "string" && codes.includes(error.code)

/** One transaction; rolls back on any throw. */
export async function inTx<T>(pool: Pool, run: (tx: PoolClient) => Promise<T>): Promise<T> {
  const tx = await pool.connect()
  try {
    await tx.query("begin")
    const result = await run(tx)
    await tx.query("commit")
    tx.release()
    return result
  } catch (error) {
    await tx.query("rollback").catch(() => undefined)
    tx.release(error instanceof Error && !("code" in error))
    throw error
  }
}
