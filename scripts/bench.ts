// npm run bench [-- NAME]: measures on a Postgres of its own with the product's settings, thrown away at the end. With
// DATABASE_URL on that server instead. `start`, `pages` and `browse` start a whole Grantry, `providers` a Keycloak. Sizes: bench/README.md.
import { spawn } from "node:child_process"
import { mkdtemp, rm } from "node:fs/promises"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { lineOf } from "./setup/failure.ts"
import { startPostgres } from "./setup/postgres.ts"

/** Small enough for three minutes on a laptop; what the environment says comes first. */
const sizes: Readonly<Record<string, Readonly<Record<string, string>>>> = {
  ingest: { BENCH_EVENTS: "60000" },
  search: { BENCH_EVENTS: "250000", BENCH_SEED: "50000" },
  start: {},
  pages: {},
  browse: {},
  providers: { BENCH_CLIENTS: "100", BENCH_AUDIENCES: "10" },
}

const [wanted] = process.argv.slice(2)
const names = wanted === undefined ? Object.keys(sizes) : [wanted]
if (names.some((name) => !(name in sizes))) {
  console.error(`Say which: ${Object.keys(sizes).join(", ")}, or nothing for all.`)
  process.exit(1)
}

const given = process.env["DATABASE_URL"]
const dir = given ? null : await mkdtemp(join(tmpdir(), "grantry-bench-"))
const postgres = dir === null ? null : await startPostgres({ dir })
const abort = new AbortController()
for (const signal of ["SIGINT", "SIGTERM"] as const) process.on(signal, () => abort.abort())
let code = 0
try {
  for (const name of names) {
    if (abort.signal.aborted) break
    console.log(`${name}:`)
    const status = await run(name, given ?? postgres?.url ?? "")
    code ||= status
  }
} catch (error) {
  console.error(lineOf(error))
  code = 1
} finally {
  await postgres?.stop()
  if (postgres) await rm(postgres.cluster, { recursive: true, force: true })
  if (dir !== null) await rm(dir, { recursive: true, force: true })
}
process.exit(abort.signal.aborted ? 130 : code)

/** Runs one of bench/ and answers its exit code. */
function run(name: string, url: string): Promise<number> {
  const child = spawn(process.execPath, ["--conditions=react-server", `bench/${name}.ts`], {
    stdio: "inherit",
    env: { ...sizes[name], ...process.env, DATABASE_URL: url },
  })
  abort.signal.addEventListener("abort", () => child.kill("SIGTERM"))
  return new Promise((resolve, reject) => child.once("error", reject).once("exit", (status) => resolve(status ?? 1)))
}
