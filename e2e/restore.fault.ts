import { randomUUID } from "node:crypto"
import { copyFile, mkdtemp, rename, rm } from "node:fs/promises"
import { tmpdir } from "node:os"
import { join } from "node:path"
import pg from "pg"
import { afterAll, beforeAll, describe, expect, test } from "vitest"
import { z } from "zod"
import { outsideFolder, startPostgres } from "../scripts/setup/postgres.ts"
import { pinned, root } from "../scripts/setup/root.ts"
import { run } from "../scripts/setup/run.ts"
import { startStack, type Stack } from "../scripts/stack.ts"
import { apiAt, eventSource, fetchToken, liveSecrets, makeWorld, revealed, sendEvents, until } from "./world.ts"

/** A token of the environment and the first admin's password are the same before and after. */
const token = `gty_${randomUUID()}${randomUUID()}`
const admin = { email: "admin@example.com", password: "correct horse battery staple" }
const env = { GRANTRY_BOOTSTRAP_TOKEN: token }

let safe: string
let dataDir: string
let stack: Stack

const command = (name: string, ...args: readonly string[]) =>
  run(pinned, ["--conditions=react-server", "--disable-warning=ExperimentalWarning", `scripts/${name}.ts`, ...args], {
    cwd: root,
    env: { NODE_ENV: "production", PATH: process.env["PATH"], HOME: process.env["HOME"], GRANTRY_DATA_DIR: dataDir },
    timeoutMs: 120_000,
  })

const supervisor = () =>
  run(pinned, ["--disable-warning=ExperimentalWarning", "scripts/supervisor.ts"], {
    cwd: root,
    env: { NODE_ENV: "production", PATH: process.env["PATH"], GRANTRY_DATA_DIR: dataDir, PORT: String(stack.port) },
    timeoutMs: 60_000,
  })

/** Everything of the data folder is lost. */
async function lose(): Promise<void> {
  const outside = await outsideFolder(dataDir)
  for (const folder of outside ? [outside, dataDir] : [dataDir]) await rm(folder, { recursive: true, force: true })
}

beforeAll(async () => {
  safe = await mkdtemp(join(tmpdir(), "grantry-safe-"))
  dataDir = join(await mkdtemp(join(tmpdir(), "grantry-lost-")), "data folder")
  stack = await startStack({
    dataDir,
    env: { ...env, GRANTRY_ADMIN_EMAIL: admin.email, GRANTRY_ADMIN_PASSWORD: admin.password },
  })
})
afterAll(async () => {
  await stack.stop()
  await lose()
  await rm(safe, { recursive: true, force: true })
})

/** Signs in as the page does; the status of a page of the API that only a session opens. */
async function signIn(): Promise<number> {
  const asked = await fetch(`${stack.url}/api/auth/csrf`)
  const { csrfToken } = z.object({ csrfToken: z.string() }).parse(await asked.json())
  const cookies = (answer: Response) => answer.headers.getSetCookie().map((line) => line.split(";")[0] ?? "")
  const answer = await fetch(`${stack.url}/api/auth/callback/credentials`, {
    method: "POST",
    headers: { cookie: cookies(asked).join("; "), origin: stack.url },
    body: new URLSearchParams({ ...admin, csrfToken, callbackUrl: "/", json: "true" }),
    redirect: "manual",
  })
  const cookie = [...cookies(asked), ...cookies(answer)].join("; ")
  return (await fetch(`${stack.url}/api/v1/me`, { headers: { cookie } })).status
}

test("after the loss of the whole data folder, backup and key bring everything back", async () => {
  const api = apiAt(stack.url, token)
  const used = await makeWorld(api, "used")
  const pending = await makeWorld(api, "pending")
  const [first] = await liveSecrets(api, used.clientId)
  const shown = await api.call("POST", `/clients/${used.clientId}/secrets/${first?.id}/reveal`, revealed)
  const ask = () =>
    fetchToken({
      endpoint: shown.token_endpoint,
      client: shown.client_id,
      secret: shown.client_secret,
      audience: used.audience,
      scope: "payments:write",
    })
  const issued = await ask()
  expect(issued.status).toBe(200)
  const source = await eventSource(api, "payments")
  const trace = `trace-${randomUUID()}`
  const line = {
    event: "token_validated",
    event_id: randomUUID(),
    timestamp: new Date().toISOString(),
    trace_id: trace,
    client_id: used.client,
    audience: used.audience,
    scopes: ["payments:write"],
    validation_result: "success",
    auth_server: "local",
    duration_ms: 3,
    resource: "POST /charge",
  }
  expect((await sendEvents(source.token, [line], stack.url)).stored).toBe(1)
  expect(await signIn()).toBe(200)
  const lists = () =>
    Promise.all(["/clients", "/audiences", "/grants", "/plans"].map((path) => api.call("GET", path, z.unknown())))
  const before = await lists()
  const jwks = () => fetch(new URL("/jwks", shown.token_endpoint)).then((answer) => answer.json())
  const keys = await jwks()

  const file = join(safe, "grantry.backup")
  const backup = await command("backup", file)
  expect(backup.text).toMatch(/^Wrote \d+ rows of \d+ tables to .*\nThe key-encryption key \(.*\) is not in it/)
  await copyFile(join(dataDir, "key"), join(safe, "key"))
  const full = await command("restore", file)
  expect([full.code, full.text.trim()]).toEqual([1, "Grantry is running. Stop it first: npm run stop"])
  expect(await stack.stop()).toBe(0)
  expect(await command("restore", file)).toMatchObject({ code: 1, text: expect.stringMatching(/not empty/) })
  await lose()

  const restored = await command("restore", file)
  expect(restored.text).toMatch(/^Restored \d+ rows of \d+ tables from .*\nNow put the key-encryption key/)
  expect(await supervisor()).toMatchObject({ code: 1, text: expect.stringMatching(/key is missing|key .* is missing/) })
  await copyFile(join(safe, "key"), join(dataDir, "key"))
  stack = await startStack({ dataDir, port: stack.port, env })

  expect(await signIn()).toBe(200)
  expect(await lists()).toEqual(before)
  expect(await jwks()).toEqual(keys)
  const verdict = await api.call("POST", "/tokens/inspect", z.object({ verdict: z.string() }), {
    token: issued.accessToken,
  })
  expect(verdict).toEqual({ verdict: "valid" })
  expect((await ask()).status, "the service's secret of before").toBe(200)
  const [waiting] = await liveSecrets(api, pending.clientId)
  const late = await api.call("POST", `/clients/${pending.clientId}/secrets/${waiting?.id}/reveal`, revealed)
  const asked = { endpoint: late.token_endpoint, client: late.client_id, secret: late.client_secret }
  expect((await fetchToken({ ...asked, audience: pending.audience, scope: "payments:write" })).status).toBe(200)
  expect(await sendEvents(source.token, [line], stack.url)).toMatchObject({ stored: 0, duplicates: 1 })
  const events = z.object({ items: z.array(z.looseObject({ trace_id: z.string().nullable() })) })
  expect((await api.call("GET", `/events?trace_id=${trace}`, events)).items).toHaveLength(1)
  await api.call("POST", "/trail/verify", z.object({ ok: z.literal(true) }))
  await until(
    async () =>
      (await api.call("GET", "/events?event=token_issued&client_id=" + pending.client, events)).items.length > 0,
    20_000,
    "the provider ships its events again",
  )
})

describe("a start that would break something says one line, ends with 1 and changes nothing", () => {
  const query = async (url: string, sql: string) => {
    const client = new pg.Client({ connectionString: url })
    await client.connect()
    try {
      return (await client.query<{ text: string }>(sql)).rows
    } finally {
      await client.end()
    }
  }
  /** With the embedded Postgres of the stopped Grantry. */
  const offline = async (sql: string) => {
    const postgres = await startPostgres({ dir: dataDir })
    try {
      return await query(postgres.url, sql)
    } finally {
      await postgres.stop()
    }
  }
  const state =
    "select (select string_agg(migration_name, ',' order by 1) from _prisma_migrations) || (select count(*) from trail_entry) || (select jsonb_object_agg(key, value)::text from setting) as text"
  const refused = async (says: RegExp) => {
    const before = await offline(state)
    const done = await supervisor()
    const lines = done.text.split("\n").filter((line) => line !== "" && !line.startsWith("  ")) // those are phases
    expect(lines).toEqual([expect.stringMatching(says)])
    expect(done.code).toBe(1)
    expect(await offline(state)).toEqual(before)
  }
  beforeAll(async () => {
    await stack.stop()
  })

  test("a database newer than the code", async () => {
    await offline(
      "insert into _prisma_migrations (id, checksum, migration_name, started_at, finished_at, applied_steps_count) values ('later', '', '29991231000000_later', now(), now(), 1)",
    )
    try {
      await refused(
        /^This database is newer than this code: it has the migration 29991231000000_later\. Update Grantry/,
      )
    } finally {
      await offline("delete from _prisma_migrations where id = 'later'")
    }
  })

  test("another key-encryption key", async () => {
    await rename(join(dataDir, "key"), join(dataDir, "right-key"))
    await copyFile(join(dataDir, "session-secret"), join(dataDir, "key"))
    try {
      await refused(/^This key-encryption key is not the one/)
    } finally {
      await rename(join(dataDir, "right-key"), join(dataDir, "key"))
    }
  })

  test("no key-encryption key", async () => {
    await rename(join(dataDir, "key"), join(dataDir, "right-key"))
    try {
      await refused(/^The key-encryption key .* is missing/)
    } finally {
      await rename(join(dataDir, "right-key"), join(dataDir, "key"))
    }
  })
})
