/** Set once by each entry point (web instrumentation, worker, scripts, tests) from lib/env.ts. */
const shared = globalThis as typeof globalThis & { grantryDatabaseUrl?: string }

export function useDatabase(url: string): void {
  shared.grantryDatabaseUrl = url
}

export function databaseUrl(): string {
  if (!shared.grantryDatabaseUrl) throw new Error("useDatabase(url) was not called by this entry point")
  return shared.grantryDatabaseUrl
}
