import pg from "pg"

export type Pool = pg.Pool
export type PoolClient = pg.PoolClient

export interface PoolOptions {
  readonly connectionString: string
  /** Shows in pg_stat_activity. */
  readonly name: string
  readonly max?: number
  readonly statementTimeoutMs?: number
  readonly searchPath?: string
  /** Becomes this role on every connection (the login must be a member of it). A plain identifier. */
  readonly role?: string
}

/**
 * A pool of its own per use (ingest, console, jobs, local IdP), so that one never starves another. A lost idle
 * connection is not an error of ours: the pool makes a new one. `synchronous_commit` is set on every connection, since
 * server, database and role may each say otherwise (reliability.md 4.1).
 */
export function openPool(options: PoolOptions): Pool {
  const settings = ["-c synchronous_commit=on", `-c statement_timeout=${options.statementTimeoutMs ?? 10_000}`]
  if (options.searchPath) settings.push(`-c search_path=${options.searchPath}`)
  if (options.role) settings.push(`-c role=${options.role}`)
  const pool = new pg.Pool({
    connectionString: options.connectionString,
    application_name: options.name,
    max: options.max ?? 10,
    connectionTimeoutMillis: 2_000,
    idleTimeoutMillis: 30_000,
    options: settings.join(" "),
  })
  pool.on("error", () => {})
  // One that is lost between two statements of a transaction has no listener of the pool's; its next statement says so.
  pool.on("connect", (client) => client.on("error", () => {}))
  return pool
}
