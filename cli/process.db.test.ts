import { execFile, spawn, spawnSync } from "node:child_process"
import { existsSync, mkdtempSync, readFileSync, writeFileSync } from "node:fs"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { promisify } from "node:util"
import { afterAll, beforeAll, describe, expect, test } from "vitest"
import { rootToken } from "../app/api/edge.fixture.ts"
import { startConsole } from "./console.fixture.ts"
import { owned, whole } from "./documents.fixture.ts"

let host: Awaited<ReturnType<typeof startConsole>>
beforeAll(async () => {
  host = await startConsole()
  expect((await host.run("apply -f registry.yaml --yes", whole)).code).toBe(0)
})
afterAll(() => host.stop())

describe("grantry, in a process of its own", () => {
  test("the real command, in a process of its own: prints, and ends with its code", async () => {
    const file = join(mkdtempSync(join(tmpdir(), "grantry-cli-")), "registry.yaml")
    writeFileSync(file, whole.replace("owner: checkout", "owner: billing"))
    const started = promisify(execFile)(
      process.execPath,
      [join(import.meta.dirname, "grantry.mjs"), "plan", "-f", file],
      {
        env: { ...process.env, GRANTRY_URL: host.base, GRANTRY_TOKEN: rootToken },
      },
    )
    await expect(started).rejects.toMatchObject({
      code: 1,
      stdout: expect.stringContaining('owner: "checkout" → "billing"'),
    })
  })

  // util-linux brings a pseudo-terminal.
  test.runIf(spawnSync("script", ["--version"]).status === 0).each([
    ["Ctrl-C", "\u0003", ""],
    ["Ctrl-D", "\u0004", ""],
    ["Ctrl-D with messages going to a file", "\u0004", " 2>messages"],
  ])("declining with %s changes nothing and says so: 1", async (_, key, redirect) => {
    const folder = mkdtempSync(join(tmpdir(), "grantry-cli-"))
    writeFileSync(join(folder, "registry.yaml"), owned("nobody"))
    const before = await (await host.api("/registry")).text()
    const line = `'${process.execPath}' '${join(import.meta.dirname, "main.ts")}' apply -f registry.yaml${redirect}`
    const child = spawn("script", ["-qec", line, "/dev/null"], {
      cwd: folder,
      env: { ...process.env, GRANTRY_URL: host.base, GRANTRY_TOKEN: rootToken },
    })
    const messages = () => (existsSync(join(folder, "messages")) ? readFileSync(join(folder, "messages"), "utf8") : "")
    let shown = ""
    let asked = false
    child.stdout.on("data", (chunk: Buffer) => void (shown += chunk.toString()))
    const typing = setInterval(() => {
      if (asked || !(shown + messages()).includes("Type yes")) return
      asked = true
      child.stdin.write(key)
    }, 50)
    const code = await new Promise((resolve) => child.once("close", resolve))
    clearInterval(typing)
    expect([code, (shown + messages()).includes("Nothing was changed.")]).toEqual([1, true])
    expect(shown + messages()).not.toContain("    at ")
    expect(await (await host.api("/registry")).text()).toBe(before)
  })
})
