import "server-only"
import { openPool, type Pool } from "./pool.ts"
import { databaseUrl } from "./url.ts"

const shared = globalThis as typeof globalThis & { grantryIngestPool?: Pool; grantryEventPool?: Pool }

/** Writers of token events. */
export function ingestPool(): Pool {
  shared.grantryIngestPool ??= openPool({
    connectionString: databaseUrl(),
    name: "grantry-ingest",
    max: 8,
    statementTimeoutMs: 20_000,
  })
  return shared.grantryIngestPool
}

/** Readers of token events: their slow searches must not starve sign-in or ingest (T23). */
export function eventPool(): Pool {
  shared.grantryEventPool ??= openPool({
    connectionString: databaseUrl(),
    name: "grantry-events",
    max: 6,
    statementTimeoutMs: 5_000,
  })
  return shared.grantryEventPool
}

export async function closeEventPools(): Promise<void> {
  await Promise.all([shared.grantryIngestPool?.end(), shared.grantryEventPool?.end()])
  delete shared.grantryIngestPool
  delete shared.grantryEventPool
}
