import "server-only"
import { readFileSync } from "node:fs"
import { join } from "node:path"
import { guardedFetch, type GuardedFetch } from "../base/http.ts"
import { useDatabase } from "../db/url.ts"
import { readEnv, type Env } from "../env.ts"
import { readKey, useKey } from "../vault/key.ts"

interface Runtime {
  readonly env: Env
  readonly sessionSecret: string
  readonly fetch: GuardedFetch
}

/** Next bundles routes and instrumentation apart: one runtime per process lives on globalThis. */
const shared = globalThis as typeof globalThis & { grantryRuntime?: Runtime }

/** Reads environment and keys once, and points the cellar and the vault at them. Throws KeyRefused, BadSetting. */
export function runtime(): Runtime {
  if (shared.grantryRuntime) return shared.grantryRuntime
  const env = readEnv()
  if (!env.databaseUrl) throw new Error("DATABASE_URL is not set: start Grantry with npm start, or give the address of a Postgres.")
  useKey(readKey(env.key, env.dataDir))
  useDatabase(env.databaseUrl)
  shared.grantryRuntime = {
    env,
    sessionSecret: readFileSync(join(env.dataDir, "session-secret"), "utf8").trim(),
    fetch: guardedFetch({ allowHosts: [...env.allowHosts, ...localIdpHosts(env)] }),
  }
  return shared.grantryRuntime
}

/** The local IdP is reachable always; it listens on the loopback address. */
const localIdpHosts = (env: Env): readonly string[] => (env.localIdp ? ["127.0.0.1", "localhost"] : [])
