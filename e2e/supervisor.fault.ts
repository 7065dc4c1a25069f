import { execFileSync } from "node:child_process"
import { existsSync } from "node:fs"
import { createServer } from "node:net"
import { afterAll, beforeAll, describe, expect, test } from "vitest"
import { pinned, root } from "../scripts/setup/root.ts"
import { run } from "../scripts/setup/run.ts"
import { startStack, type Stack, type StackPart } from "../scripts/stack.ts"

let stack: Stack
beforeAll(async () => {
  stack = await startStack()
})
afterAll(() => stack.stop())

const supervisor = (env: Readonly<Record<string, string>>) =>
  run(pinned, ["--disable-warning=ExperimentalWarning", "scripts/supervisor.ts"], {
    cwd: root,
    env: { NODE_ENV: "production", PATH: process.env["PATH"], HOME: process.env["HOME"], ...env },
    timeoutMs: 60_000,
  })

describe("a killed part comes back by itself within 10 s", () => {
  test.each(["web", "worker", "idp", "postgres"] satisfies StackPart[])("%s", async (part) => {
    const was = await stack.kill(part)
    const tookMs = await stack.ready({ part, was })
    expect(tookMs).toBeLessThan(10_000)
  })
})

test("the data folder and its keys are for their owner alone", () => {
  const mode = (path: string) => execFileSync("stat", ["-c", "%a", path], { encoding: "utf8" }).trim()
  expect(mode(stack.dataDir)).toMatch(/^7[01]0$/)
  expect(mode(`${stack.dataDir}/key`)).toBe("600")
  expect(mode(`${stack.dataDir}/session-secret`)).toBe("600")
})

describe("a start that cannot be says one line, ends with 1 and breaks nothing", () => {
  const oneLine = async (env: Readonly<Record<string, string>>, says: RegExp) => {
    const done = await supervisor(env)
    expect(done.code).toBe(1)
    expect(done.text.trim()).toMatch(says)
    expect(done.text.trim().split("\n")).toHaveLength(1)
    expect(await stack.ready()).toBeLessThan(5_000)
  }

  test("a second start on the same data folder", () =>
    oneLine({ GRANTRY_DATA_DIR: stack.dataDir, PORT: String(stack.port) }, /already runs/))

  test("a taken port", async () => {
    const taken = createServer()
    await new Promise<void>((resolve) => taken.listen(0, "127.0.0.1", resolve))
    const address = taken.address()
    const port = typeof address === "object" && address ? address.port : 0
    try {
      await oneLine({ GRANTRY_DATA_DIR: `${stack.dataDir}/other`, PORT: String(port) }, /is taken/)
    } finally {
      taken.close()
    }
  })

  test("a data folder that cannot be written", () =>
    oneLine({ GRANTRY_DATA_DIR: "/dev/null/data", PORT: "4218" }, /Cannot write to the data folder/))

  test("a database that does not answer", () =>
    oneLine(
      {
        GRANTRY_DATA_DIR: `${stack.dataDir}/other`,
        PORT: "4218",
        DATABASE_URL: "postgres://nobody:secret@127.0.0.1:9/none",
      },
      /^Cannot use the database of DATABASE_URL, 127\.0\.0\.1:9\/none(?!.*secret)/,
    ))

  test("a key-encryption key that is none, before a database is made for it", async () => {
    const dataDir = `${stack.dataDir}/keyless`
    await oneLine({ GRANTRY_DATA_DIR: dataDir, PORT: "4218", GRANTRY_KEY: "short" }, /must be 32 bytes in base64url/)
    expect(existsSync(`${dataDir}/postgres.json`)).toBe(false)
  })

  test("a setting that makes no sense", () => oneLine({ PORT: "many" }, /PORT/))
})

test("after a kill of the supervisor the next start takes over Postgres and replaces the rest", async () => {
  const { dataDir, port } = stack
  const before = await stack.databaseUrl()
  await stack.killSupervisor()
  const next = await startStack({ dataDir, port })
  try {
    expect(next.output()).toContain("Took over the Postgres")
    expect(await next.databaseUrl()).toBe(before)
  } finally {
    expect(await next.stop()).toBe(0)
  }
})
