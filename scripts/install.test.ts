import { spawn } from "node:child_process"
import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { afterEach, beforeEach, expect, test, vi } from "vitest"

const script = join(import.meta.dirname, "setup/install.mjs")
let root = ""
beforeEach(() => {
  root = mkdtempSync(join(tmpdir(), "grantry-install-"))
  mkdirSync(join(root, "bin"))
  writeFileSync(join(root, "package-lock.json"), JSON.stringify({ packages: { "": {} } }))
})
afterEach(() => rmSync(root, { recursive: true, force: true }))

/** An npm that runs these lines of a shell, in a checkout whose only dependency is the pinned Node. */
function install(npm: string) {
  writeFileSync(join(root, "bin/npm"), `#!/bin/sh\n${npm}\n`, { mode: 0o755 })
  const code = `const { ensureInstalled } = await import(${JSON.stringify(script)}); await ensureInstalled(${JSON.stringify(root)}, { quiet: true })`
  const child = spawn(process.execPath, ["--input-type=module", "-e", code], {
    env: { ...process.env, PATH: `${join(root, "bin")}:${process.env["PATH"] ?? ""}` },
    stdio: "ignore",
  })
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
  ["SIGTERM", 143, "that listens", ""],
  ["SIGINT", 130, "that does not listen", "trap '' TERM INT\n"],
] as const)(
  "told to end by %s during the installation, it ends with %i and takes with it an npm %s and what that started; the next start installs",
  async (signal, code, _, deaf) => {
    const stopped = install(`${deaf}sleep 300 & echo $! > fetching; echo $$ > npm; mkdir node_modules; wait`)
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
  const failed = install("echo once >> asked; exit 1")
  expect(await failed.code).toBe(1)
  expect(readFileSync(join(root, "asked"), "utf8")).toBe("once\nonce\n")
})
