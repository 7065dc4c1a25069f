import "server-only"
import { readFileSync } from "node:fs"
import { join } from "node:path"
import { guardedFetch, useOutgoing } from "./base/http.ts"
import { useDatabase } from "./db/url.ts"
import { readEnv, type Env } from "./env.ts"
import { readKey, useKey } from "./vault/key.ts"

interface Runtime {
  readonly env: Env
  /** Signs the session cookie. */
  readonly sessionSecret: string
}

/** Next bundles routes and instrumentation apart: one runtime per process lives on globalThis. */
const shared = globalThis as typeof globalThis & { grantryRuntime?: Runtime }

/**
 * For entry points (web, worker, playground): reads environment and keys once, and tells the cellar, the vault and the
 * guarded fetch. Rooms below are handed what they need and never import this. Throws KeyRefused, BadSetting.
 */
export function runtime(): Runtime {
  if (shared.grantryRuntime) return shared.grantryRuntime
  const env = readEnv()
  if (!env.databaseUrl)
    throw new Error("DATABASE_URL is not set: start Grantry with npm start, or give the address of a Postgres.")
  useKey(readKey(env.key, env.dataDir))
  useDatabase(env.databaseUrl)
  useOutgoing(guardedFetch({ allowHosts: [...env.allowHosts, ...localIdpHosts(env)] }))
  shared.grantryRuntime = { env, sessionSecret: readFileSync(join(env.dataDir, "session-secret"), "utf8").trim() }
  return shared.grantryRuntime
}

/** The local IdP is reachable always; it listens on the loopback address. */
const localIdpHosts = (env: Env): readonly string[] => (env.localIdp ? ["127.0.0.1", "localhost"] : [])
