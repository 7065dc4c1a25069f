import { spawn, spawnSync } from "node:child_process"
import { existsSync } from "node:fs"
import { mkdir, mkdtemp, readdir, rm, writeFile } from "node:fs/promises"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { PassThrough } from "node:stream"
import { afterEach, beforeEach, expect, test } from "vitest"
import { takeLock } from "./setup/lock.ts"
import type { Terminal } from "./setup/ask.ts"
import { reset } from "./setup/reset.ts"
import { pinned, root } from "./setup/root.ts"

let home = ""
let dataDir = ""

beforeEach(async () => {
  home = await mkdtemp(join(tmpdir(), "grantry-reset-"))
  dataDir = join(home, "data")
  await mkdir(join(dataDir, "logs"), { recursive: true })
  for (const file of ["session-secret", "key", "logs/web.log"]) await writeFile(join(dataDir, file), "x")
  await writeFile(join(home, "neighbour"), "not ours")
})
afterEach(() => rm(home, { recursive: true, force: true }))

/** A terminal at which somebody types this; null closes it (Ctrl-D). */
function typing(answer: string | null): Terminal & { readonly shown: () => string } {
  const input = Object.assign(new PassThrough(), { isTTY: true })
  const output = new PassThrough()
  let shown = ""
  output.on("data", (chunk: Buffer) => {
    shown += chunk.toString()
    if (!shown.includes("Type yes: ")) return
    if (answer === null) input.end()
    else input.write(`${answer}\n`)
  })
  return { input, output, shown: () => shown }
}

const resetting = (terminal: Terminal, agreed = false, databaseUrl: string | null = null) =>
  reset({ dataDir, databaseUrl }, agreed, terminal)
const untouched = async () =>
  expect((await readdir(dataDir, { recursive: true })).sort()).toEqual([
    "key",
    "logs",
    "logs/web.log",
    "session-secret",
  ])
const gone = async () => expect(await readdir(home)).toEqual(["neighbour"])

test("a typed yes forgets the data folder and nothing beside it", async () => {
  const terminal = typing("yes")
  expect(await resetting(terminal)).toContain("Everything is forgotten")
  expect(terminal.shown()).toContain(`Delete registry, events and keys in ${dataDir} for good?`)
  await gone()
})

test("a folder of Postgres outside the data folder goes with it", async () => {
  const elsewhere = join(home, "postgres-elsewhere")
  await mkdir(elsewhere)
  const note = { port: 1, password: "x".repeat(16), elsewhere, cluster: join(elsewhere, "cluster") }
  await writeFile(join(dataDir, "postgres.json"), JSON.stringify(note))
  await resetting(typing("YES"))
  await gone()
})

test.each(["no", "", "y", "yes please", null])("anything else keeps everything: %j", async (answer) => {
  expect(await resetting(typing(answer))).toBe("Nothing was changed.")
  await untouched()
})

test("while Grantry runs it is refused before anything is asked, with --yes too", async () => {
  const giveBack = await takeLock(dataDir, "")
  const terminal = typing("yes")
  await expect(resetting(terminal)).rejects.toThrow("Grantry is running. Stop it first: npm run stop")
  await expect(resetting(terminal, true)).rejects.toThrow("npm run stop")
  expect(terminal.shown()).toBe("")
  await giveBack()
  await untouched()
})

test("a database of DATABASE_URL is not ours to empty, and a folder that is none of ours is left alone", async () => {
  await expect(resetting(typing("yes"), true, "postgres://elsewhere/db")).rejects.toThrow("its own tools")
  await untouched()
  await rm(join(dataDir, "session-secret"))
  expect(await resetting(typing("yes"), true)).toBe(`There is nothing of Grantry in ${dataDir}.`)
  expect(existsSync(join(dataDir, "key"))).toBe(true)
})

const argv = ["--disable-warning=ExperimentalWarning", "--conditions=react-server", "scripts/reset.ts"]
/** Without what the shell of a developer has set for another Grantry. */
const environment = () => ({
  ...Object.fromEntries(
    Object.entries(process.env).filter(([name]) => !/^(GRANTRY_|DATABASE_URL$|CLICKHOUSE_URL$)/.test(name)),
  ),
  NODE_ENV: "production" as const,
  GRANTRY_DATA_DIR: dataDir,
})

test("the command without a terminal names the flag that it needs, and with it asks nothing", async () => {
  const run = (...more: string[]) =>
    spawnSync(pinned, [...argv, ...more], { cwd: root, env: environment(), stdio: ["ignore", "pipe", "pipe"] })
  const refused = run()
  expect([refused.status, refused.stdout.toString()]).toEqual([1, ""])
  expect(refused.stderr.toString()).toBe(
    "reset asks first, and nobody can answer here. Say --yes: npm run reset -- --yes\n",
  )
  await untouched()
  expect(run("--yes").status).toBe(0)
  await gone()
})

// util-linux brings a pseudo-terminal; where it is missing the streams above have to do.
const hasScript = spawnSync("script", ["--version"]).status === 0
const quoted = (word: string) => `'${word.replaceAll("'", `'\\''`)}'`

test.runIf(hasScript).each([
  ["no", "Nothing was changed.", untouched],
  ["yes", "Everything is forgotten", gone],
] as const)("in a real terminal it asks, and takes %s for an answer", async (answer, says, then) => {
  const line = [pinned, ...argv].map(quoted).join(" ")
  const child = spawn("script", ["-qec", line, "/dev/null"], { cwd: root, env: environment() })
  let shown = ""
  child.stdout.on("data", (chunk: Buffer) => {
    const before = shown
    shown += chunk.toString()
    if (!before.includes("Type yes: ") && shown.includes("Type yes: ")) child.stdin.write(`${answer}\n`)
  })
  const code = await new Promise((resolve) => child.once("close", resolve))
  expect([code, shown.includes(says)]).toEqual([0, true])
  await then()
})
