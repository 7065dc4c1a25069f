import { join } from "node:path"
import type { Env } from "../../lib/env.ts"
import type { ChildSpec } from "./child.ts"

/** `development`: pages are compiled as they are asked for (`npm run dev`), and nothing is built before. */
export type Mode = "production" | "development"

/** The processes of Grantry besides Postgres, in the order of their start. */
export function childSpecs(settings: Env, databaseUrl: string, given: NodeJS.ProcessEnv, mode: Mode): ChildSpec[] {
  const env = childEnv(settings, databaseUrl, given)
  const spec = (name: string, ...args: string[]): ChildSpec => ({
    name,
    args,
    env,
    log: join(settings.dataDir, "logs", `${name}.log`),
  })
  const server = "--conditions=react-server"
  const next = (...words: string[]) => [
    "node_modules/next/dist/bin/next",
    ...words,
    "-H",
    settings.host,
    "-p",
    String(settings.port),
  ]
  const idp = spec("idp", server, "lib/playground/idp/main.ts")
  const worker = spec("worker", server, "lib/worker/main.ts")
  const web =
    mode === "production"
      ? spec("web", ...next("start"))
      : { ...spec("web", ...next("dev")), env: { ...env, NODE_ENV: "development" as const } }
  const fleet = spec("fleet", server, "lib/playground/fleet/main.ts")
  return settings.localIdp ? [idp, worker, web, fleet] : [worker, web]
}

/** What children see: npm's own variables and the first admin's password are none of their business. */
export function childEnv(settings: Env, databaseUrl: string, given: NodeJS.ProcessEnv): NodeJS.ProcessEnv {
  const kept = Object.entries(given).filter(([name]) => !/^npm_/i.test(name) && name !== "GRANTRY_ADMIN_PASSWORD")
  return {
    ...Object.fromEntries(kept),
    NODE_ENV: "production",
    NEXT_TELEMETRY_DISABLED: "1",
    DATABASE_URL: databaseUrl,
    GRANTRY_DATA_DIR: settings.dataDir,
    PORT: String(settings.port),
    HOST: settings.host,
    // next-auth builds its addresses from this and never from the request.
    NEXTAUTH_URL: settings.publicUrl,
  }
}
