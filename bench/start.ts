/**
 * Cold and warm start time: from `npm start` until the console says that it is ready. `first`: a fresh clone, with
 * installation and build (BENCH_CLONE=1; the registry's pace counts). `cold`: built, empty data folder. `warm`: again on
 * the same data folder, the median of three.
 */
import { execFileSync, spawn } from "node:child_process"
import { mkdtemp, rm } from "node:fs/promises"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { fileURLToPath } from "node:url"
import { freePort } from "../scripts/setup/ports.ts"

const here = fileURLToPath(new URL("..", import.meta.url))
const limitMs = 20 * 60_000

/** Seconds until the ready line; then stops it and waits for its end. */
async function timeStart(cwd: string, dataDir: string, port: number): Promise<number> {
  const began = performance.now()
  const env = { ...process.env, PORT: String(port), GRANTRY_DATA_DIR: dataDir, DATABASE_URL: "" }
  const child = spawn("node", ["scripts/start.mjs"], { cwd, env, stdio: ["ignore", "pipe", "inherit"] })
  const ended = new Promise<void>((resolve) => child.once("exit", () => resolve()))
  const seconds = await new Promise<number>((resolve, reject) => {
    let said = ""
    const late = setTimeout(() => reject(new Error(`not ready within ${limitMs / 60_000} min`)), limitMs)
    child.stdout.on("data", (chunk: Buffer) => {
      said += chunk.toString()
      if (!said.includes("Grantry is ready at")) return
      clearTimeout(late)
      resolve((performance.now() - began) / 1000)
    })
    child.once("exit", (code) => reject(new Error(`it ended with code ${code}: ${said.trim().split("\n").at(-1)}`)))
  })
  child.kill("SIGTERM")
  await ended
  return seconds
}

const scratch = await mkdtemp(join(tmpdir(), "grantry-start-"))
try {
  const clone = join(scratch, "clone")
  const fresh = process.env["BENCH_CLONE"] === "1"
  if (fresh) execFileSync("git", ["clone", "-q", here, clone])
  const cwd = fresh ? clone : here
  const port = await freePort()
  const first = await timeStart(cwd, join(scratch, "a"), port)
  const cold = await timeStart(cwd, join(scratch, "b"), port)
  const warm: number[] = []
  for (let i = 0; i < 3; i++) warm.push(await timeStart(cwd, join(scratch, "b"), port))
  const median = warm.toSorted((x, y) => x - y)[1] ?? 0
  if (fresh) console.log(`first start of a fresh clone, with installation and build: ${first.toFixed(1)} s`)
  console.log(`cold start, empty data folder: ${cold.toFixed(1)} s`)
  console.log(`warm start: ${median.toFixed(1)} s (${warm.map((s) => s.toFixed(1)).join(", ")})`)
} finally {
  await rm(scratch, { recursive: true, force: true })
}
