import { spawn, type SpawnOptions } from "node:child_process"
import { closeSync, existsSync, mkdirSync, mkdtempSync, openSync, readFileSync, rmSync, writeFileSync } from "node:fs"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { afterEach, beforeEach, expect, test, vi } from "vitest"

const setup = join(import.meta.dirname, "setup")
let root = ""
beforeEach(() => {
  root = mkdtempSync(join(tmpdir(), "grantry-install-"))
  mkdirSync(join(root, "bin"))
  writeFileSync(join(root, "package-lock.json"), JSON.stringify({ packages: { "": {} } }))
})
afterEach(() => rmSync(root, { recursive: true, force: true }))

/**
 * An npm that runs these lines of a shell, in a checkout whose only dependency is the pinned Node. Started as `npm start`
 * starts us: by a shell that passes no signal on; `child` is that shell, or where `direct` our own process.
 */
function install(npm: string, direct = true) {
  writeFileSync(join(root, "bin/npm"), `#!/bin/sh\n${npm}\n`, { mode: 0o755 })
  writeFileSync(
    join(root, "start.mjs"),
    `import { ensureInstalled } from ${JSON.stringify(join(setup, "install.mjs"))}
    import { endWithParent } from ${JSON.stringify(join(setup, "orphan.mjs"))}
    endWithParent()
    await ensureInstalled(${JSON.stringify(root)}, { quiet: true })`,
  )
  const line = [process.execPath, join(root, "start.mjs")] as const
  const told = openSync(join(root, "told"), "w")
  const options = {
    env: {
      ...process.env,
      npm_lifecycle_event: "start",
      PATH: `${join(root, "bin")}:${process.env["PATH"] ?? ""}`,
    },
    stdio: ["ignore", "ignore", told],
  } satisfies SpawnOptions
  const child = direct
    ? spawn(line[0], [line[1]], options)
    : spawn("sh", ["-c", `"${line[0]}" "${line[1]}"; exit $?`], options)
  closeSync(told)
  return { child, code: new Promise((done) => child.once("exit", (code, signal) => done(code ?? signal))) }
}
const alive = (pid: number) => {
  try {
    return process.kill(pid, 0)
  } catch {
    return false
  }
}

test.each([
  ["SIGTERM to the process", "SIGTERM", 143, true, ""],
  ["SIGINT to the process, with an npm that does not listen,", "SIGINT", 130, true, "trap '' TERM INT\n"],
  ["SIGTERM to the shell in which npm runs it", "SIGTERM", "SIGTERM", false, ""],
] as const)(
  "%s during the installation ends npm and all that it started too, and the next start installs",
  async (_, signal, code, direct, deaf) => {
    const stopped = install(`${deaf}sleep 300 & echo $! > fetching; echo $$ > npm; mkdir node_modules; wait`, direct)
    await vi.waitFor(() => expect(existsSync(join(root, "node_modules"))).toBe(true), { timeout: 10_000 })
    const pids = ["npm", "fetching"].map((file) => Number(readFileSync(join(root, file), "utf8")))
    expect(pids.map(alive)).toEqual([true, true])
    stopped.child.kill(signal)
    expect(await stopped.code).toBe(code)
    await vi.waitFor(() => expect(pids.map(alive)).toEqual([false, false]), { timeout: 5_000 })
    const again = install(
      "rm -rf node_modules; mkdir -p node_modules/node/bin; touch node_modules/node/bin/node; cp package-lock.json node_modules/.package-lock.json",
    )
    expect(await again.code).toBe(0)
    expect(existsSync(join(root, "node_modules/.package-lock.json"))).toBe(true)
  },
  20_000,
)

test("an npm that fails is asked once more, and then its first lines are told", async () => {
  const failed = install("echo once >> asked; printf 'one\\ntwo\\nthree\\nfour\\n'; exit 1")
  expect(await failed.code).toBe(1)
  expect(readFileSync(join(root, "asked"), "utf8")).toBe("once\nonce\n")
  expect(readFileSync(join(root, "told"), "utf8")).toContain(
    "npm could not install the dependencies: one / two / three\n",
  )
})
