/** The real process: ready message, kill -9, a lost database, a deaf ingestion, an orderly end. */
import { fork, type ChildProcess } from "node:child_process"
import { randomBytes } from "node:crypto"
import { mkdtemp, rm, writeFile } from "node:fs/promises"
import { createServer, type IncomingMessage, type Server, type ServerResponse } from "node:http"
import type { AddressInfo } from "node:net"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { setTimeout as sleep } from "node:timers/promises"
import { fileURLToPath } from "node:url"
import { gunzipSync } from "node:zlib"
import { afterAll, afterEach, beforeAll, expect, test } from "vitest"
import { guardedFetch } from "../../base/http.ts"
import { openPool, type Pool } from "../../db/pool.ts"
import { testDatabase, type TestDatabase } from "../../db/testing.ts"
import { clientsOf, testSettings, type TestIdp } from "./testing.ts"
import type { Settings } from "./settings.ts"

const entry = fileURLToPath(new URL("main.ts", import.meta.url))
let database: TestDatabase
let superuser: Pool
let dataDir = ""
let settings: Settings
let ways: Pick<TestIdp, "admin" | "form">
let child: ChildProcess | null = null
let output = ""

/** Stands for Grantry's ingestion: keeps what it acks, by event id; `mood` decides its answers. */
let ingestion: Server
let mood: "fine" | "busy" | "deaf" = "fine"
const stored = new Map<string, Record<string, unknown>>()
let authorization = ""
const beats: string[] = []

beforeAll(async () => {
  database = await testDatabase()
  superuser = openPool({ connectionString: process.env.DATABASE_URL ?? database.url, name: "test-superuser", max: 2 })
  ingestion = createServer((req, res) => void take(req, res))
  await new Promise<void>((resolve) => ingestion.listen(0, "127.0.0.1", resolve))
  dataDir = await mkdtemp(join(tmpdir(), "grantry-idp-"))
  settings = await testSettings()
  ways = clientsOf(settings, guardedFetch({ allowHosts: ["127.0.0.1"], timeoutMs: 5_000 }))
  await writeFile(join(dataDir, "local-idp.json"), JSON.stringify({ ...settings, source_id: "the-source" }))
  await writeFile(join(dataDir, "key"), randomBytes(32).toString("base64url"))
  await start()
  await ways.admin("POST", "/audiences", { identifier: "https://a.internal", scopes: [{ name: "s" }] })
  const { body } = await ways.admin("POST", "/clients", { client_id: "svc", auth_method: "client_secret_basic" })
  await ways.admin("POST", "/grants", { client_id: "svc", audience: "https://a.internal", scopes: ["s"] })
  await ways.admin("POST", `/clients/${body.id}/secrets`, { value: "process-test-secret" })
})
afterEach(() => {
  mood = "fine"
})
afterAll(async () => {
  child?.kill("SIGKILL")
  await superuser.end()
  await new Promise((resolve) => ingestion.close(resolve))
  await database.drop()
  await rm(dataDir, { recursive: true })
})

async function take(req: IncomingMessage, res: ServerResponse): Promise<void> {
  const chunks: Buffer[] = []
  for await (const chunk of req as AsyncIterable<Buffer>) chunks.push(chunk)
  if (mood === "deaf") return void req.socket.destroy()
  if (mood === "busy") return void res.writeHead(503, { "retry-after": "0" }).end()
  authorization = req.headers.authorization ?? ""
  if (req.url === "/api/v1/sources/the-source/heartbeat") {
    beats.push((JSON.parse(Buffer.concat(chunks).toString("utf8")) as { complete_until: string }).complete_until)
    return void res.writeHead(204).end()
  }
  const lines = gunzipSync(Buffer.concat(chunks))
    .toString("utf8")
    .split("\n")
    .map((line) => JSON.parse(line) as Record<string, unknown>)
  for (const line of lines) stored.set(String(line.event_id), line)
  res
    .writeHead(200, { "content-type": "application/json" })
    .end(JSON.stringify({ received: lines.length, stored: lines.length, duplicates: 0, rejected: [] }))
}

async function start(): Promise<void> {
  const eventsPort = (ingestion.address() as AddressInfo).port
  const started = fork(entry, {
    execArgv: ["--conditions=react-server"],
    env: {
      PATH: process.env.PATH,
      NODE_ENV: "production",
      DATABASE_URL: database.url,
      GRANTRY_DATA_DIR: dataDir,
      GRANTRY_PUBLIC_URL: `http://127.0.0.1:${eventsPort}`,
    },
    stdio: ["ignore", "pipe", "pipe", "ipc"],
  })
  child = started
  for (const stream of [started.stdout, started.stderr])
    stream?.on("data", (data: Buffer) => (output += data.toString("utf8")))
  await new Promise<void>((resolve, reject) => {
    started.once("message", (message) => (expect(message).toEqual({ ready: true }), resolve()))
    started.once("exit", (code) => reject(new Error(`exit ${code}: ${output}`)))
  })
}

const ended = (process: ChildProcess): Promise<number | null> =>
  new Promise((resolve) => process.once("exit", (code) => resolve(code)))
const token = () =>
  ways
    .form("/token", { grant_type: "client_credentials" }, "svc:process-test-secret")
    .catch(() => ({ status: 0, body: {} as Record<string, unknown> }))
const jtiOf = (body: Record<string, unknown>): string =>
  (
    JSON.parse(Buffer.from(String(body.access_token).split(".")[1] ?? "", "base64url").toString("utf8")) as {
      jti: string
    }
  ).jti
const shipped = (): ReadonlySet<unknown> => new Set([...stored.values()].map((line) => line.jti))

async function until(what: () => boolean | Promise<boolean>, seconds = 15): Promise<void> {
  const end = Date.now() + seconds * 1_000
  while (!(await what())) {
    if (Date.now() > end) throw new Error(`not within ${seconds} s`)
    await sleep(50)
  }
}

test("kill -9 at any moment loses no event of a token that was handed out", async () => {
  const issued: string[] = []
  for (let round = 0; round < 3; round++) {
    mood = round === 1 ? "deaf" : "fine"
    const dying = child
    let alive = true
    const enough = issued.length + 10 + 3 * round
    const hammer = Array.from({ length: 4 }, async () => {
      while (alive) {
        const { status, body } = await token()
        if (status === 200) issued.push(jtiOf(body))
        // Killed here, while the other three are in the middle of theirs.
        if (issued.length >= enough) {
          alive = false
          dying?.kill("SIGKILL")
        }
      }
    })
    await Promise.all(hammer)
    mood = "fine"
    await start()
  }
  expect(issued.length).toBeGreaterThanOrEqual(39)
  await until(() => issued.every((jti) => shipped().has(jti)))
  expect(authorization).toBe(`Bearer ${settings.ingest_token}`)
}, 60_000)

test("while the ingestion is busy, tokens are issued, events wait, and then all arrive", async () => {
  mood = "busy"
  const issued: string[] = []
  for (let i = 0; i < 10; i++) issued.push(jtiOf((await token()).body))
  await sleep(300)
  expect(issued.some((jti) => shipped().has(jti))).toBe(false)
  mood = "fine"
  await until(() => issued.every((jti) => shipped().has(jti)))
})

test("a heartbeat tells until when everything has arrived, also while nobody asks for a token, and never beyond what is stored", async () => {
  const last = jtiOf((await token()).body)
  const from = beats.length
  await until(() => beats.length >= from + 2, 20)
  expect(shipped().has(last)).toBe(true)
  const times = beats.map((beat) => Date.parse(beat))
  expect(times).toEqual(times.toSorted((a, b) => a - b))
  expect(times.at(-1)).toBeLessThanOrEqual(Date.now())
  expect(times.at(-1)).toBeGreaterThan(Date.now() - 15_000)
}, 30_000)

test("keys survive a restart: a token of before still verifies as active", async () => {
  const { body } = await token()
  child?.kill("SIGKILL")
  await start()
  const told = await ways.form("/token/introspection", { token: String(body.access_token) }, "svc:process-test-secret")
  expect(told.body).toMatchObject({ active: true })
})

test("lost database connections do not end the process: no token without its event, and then it serves again", async () => {
  const before = child?.pid
  const name = new URL(database.url).pathname.slice(1)
  await superuser.query(`alter database ${name} allow_connections false`)
  await superuser.query(
    "select pg_terminate_backend(pid) from pg_stat_activity where application_name = 'grantry-local-idp' and datname = $1",
    [name],
  )
  await until(async () => (await token()).status === 503)
  await superuser.query(`alter database ${name} allow_connections true`)
  await until(async () => (await token()).status === 200)
  expect([child?.pid, child?.exitCode]).toEqual([before, null])
})

test("the provider's role cannot read the registry", async () => {
  const theirs = openPool({ connectionString: database.url, name: "test-role", max: 1, role: "grantry_local_idp" })
  await expect(theirs.query("select 1 from public.provider")).rejects.toMatchObject({ code: "42501" })
  await expect(theirs.query("select 1 from local_idp.client")).resolves.toBeDefined()
  await theirs.end()
})

test("a second process on the same port says so in one line and ends", async () => {
  const first = child
  const mark = output.length
  await expect(start()).rejects.toThrow("exit 1")
  expect(output.slice(mark).trim().split("\n")).toHaveLength(1)
  expect(output.slice(mark)).toContain("EADDRINUSE")
  child = first
})

test("an orderly end within seconds on disconnect, exit code 0, and no line of the log is anything but JSON or holds a secret", async () => {
  if (!child) throw new Error("no child")
  const end = ended(child)
  child.disconnect()
  expect(await end).toBe(0)
  for (const line of output.trim().split("\n")) expect(() => void JSON.parse(line), line).not.toThrow()
  for (const never of ["process-test-secret", settings.admin_token, settings.ingest_token])
    expect(output).not.toContain(never)
})
