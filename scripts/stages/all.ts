import { randomBytes } from "node:crypto"
import { mkdtemp, readdir, rm } from "node:fs/promises"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { findTools } from "../keycloak/tools.ts"
import { build, ensureClient, isBuilt } from "../setup/build.ts"
import { ensureBrowser } from "../setup/browser.ts"
import { lineOf } from "../setup/failure.ts"
import { outsideFolder, startPostgres } from "../setup/postgres.ts"
import { pinned, root } from "../setup/root.ts"
import { run, tail } from "../setup/run.ts"
import { startStack } from "../stack.ts"
import { head } from "./report.ts"
import { playwright, vitest } from "./runners.ts"
import { none, one, type Counts, type Stage } from "./stage.ts"

const node = async (signal: AbortSignal, args: readonly string[]): Promise<Counts> => {
  const done = await run(pinned, args, {
    cwd: root,
    signal,
    timeoutMs: 300_000,
    env: { ...process.env, NO_COLOR: "1", FORCE_COLOR: undefined },
  })
  return one(done.code === 0, head(done.text, 60))
}

/** Generated code first: types of the database client and of Next's routes. */
export const types: Stage = {
  name: "types",
  async run(signal) {
    await ensureClient()
    await run(pinned, ["node_modules/next/dist/bin/next", "typegen"], { cwd: root, signal, timeoutMs: 120_000 })
    return node(signal, ["node_modules/typescript/bin/tsc", "--noEmit", "-p", "."])
  },
}

export const lint: Stage = {
  name: "lint",
  run: (signal) => node(signal, ["node_modules/oxlint/bin/oxlint", "--deny-warnings", "--quiet"]),
}

export const format: Stage = {
  name: "format",
  run: (signal) => node(signal, ["node_modules/prettier/bin/prettier.cjs", "--check", "--log-level=warn", "."]),
}

/** The import law of the house is one of them. */
export const unit: Stage = { name: "unit tests", run: (signal) => vitest("unit", { signal, timeoutMs: 300_000 }) }

export const db: Stage = { name: "database tests", run: (signal) => onPostgres("db", signal) }

export const slow: Stage = { name: "slow tests", run: (signal) => vitest("slow*", { signal, timeoutMs: 900_000 }) }

/** The suite of the Keycloak connector on a real server: KEYCLOAK_URL's, or one of our own where Java and Maven are. */
export const keycloak: Stage = {
  name: "real Keycloak",
  async run(signal) {
    if (!process.env["KEYCLOAK_URL"]) {
      const tools = await findTools()
      if ("missing" in tools) return { ...none, skipped: 1, remark: `Skipped the real Keycloak: ${tools.missing}` }
    }
    return onPostgres("keycloak", signal)
  },
}

export const production: Stage = {
  name: "production build",
  async run() {
    try {
      if (!(await isBuilt())) await build()
      return one(true, "")
    } catch (error) {
      return one(false, error instanceof Error ? error.message : lineOf(error))
    }
  },
}

export const e2e: Stage = {
  name: "journeys in Chromium",
  async run(signal) {
    if (await ensureBrowser()) return playwright({ signal, timeoutMs: 1_800_000 })
    const journeys = (await readdir(join(root, "e2e"))).filter((name) => name.endsWith(".spec.ts"))
    const remark =
      "Skipped the journeys: no Chromium here. `npx playwright install chromium`, or the system's package chromium, would run them."
    return { ...none, skipped: journeys.length, remark }
  },
}

export const quickstart: Stage = {
  name: "docs/quickstart.sh",
  async run(signal) {
    const token = `gty_${randomBytes(32).toString("base64url")}`
    const stack = await startStack({ env: { GRANTRY_BOOTSTRAP_TOKEN: token } })
    try {
      const env: NodeJS.ProcessEnv = { ...process.env, GRANTRY_URL: stack.url, GRANTRY_TOKEN: token }
      const done = await run("bash", ["docs/quickstart.sh"], { cwd: root, signal, timeoutMs: 300_000, env })
      return one(done.code === 0, tail(done.text, 60))
    } finally {
      await stack.stop()
    }
  },
}

export const faults: Stage = { name: "fault tests", run: (signal) => vitest("fault", { signal, timeoutMs: 1_200_000 }) }

/** A project whose tests make databases of their own: in the one that GRANTRY_TEST_DATABASE_URL names, or in a throw-away one. */
async function onPostgres(project: string, signal: AbortSignal): Promise<Counts> {
  const given = process.env["GRANTRY_TEST_DATABASE_URL"]
  const options = { signal, timeoutMs: 1_200_000 }
  if (given) return vitest(project, { ...options, env: { DATABASE_URL: given } })
  return withPostgres((url) => vitest(project, { ...options, env: { DATABASE_URL: url } }), signal)
}

/** A throw-away embedded Postgres. */
async function withPostgres<T>(use: (url: string) => Promise<T>, signal: AbortSignal): Promise<T> {
  const dir = await mkdtemp(join(tmpdir(), "grantry-test-"))
  const postgres = await startPostgres({ dir })
  const stop = () => void postgres.stop()
  signal.addEventListener("abort", stop, { once: true })
  try {
    return await use(postgres.url)
  } finally {
    signal.removeEventListener("abort", stop)
    await postgres.stop()
    const outside = await outsideFolder(dir)
    for (const folder of outside ? [outside, dir] : [dir]) await rm(folder, { recursive: true, force: true })
  }
}
