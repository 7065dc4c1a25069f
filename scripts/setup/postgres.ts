import { execFile, spawn } from "node:child_process"
import { randomBytes } from "node:crypto"
import { existsSync, openSync, closeSync } from "node:fs"
import { chown, mkdir, readFile, rm, statfs, writeFile } from "node:fs/promises"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { setTimeout as sleep } from "node:timers/promises"
import { promisify } from "node:util"
import pg from "pg"
import { z } from "zod"
import { openDataFolder, readJson, writePrivate } from "./data-folder.ts"
import { lineOf, SetupFailed } from "./failure.ts"
import { freePort, listenFails } from "./ports.ts"
import { findHome, postgresAccount, type Account, type Home } from "./postgres-home.ts"
import { clearLeftovers, runningPostmaster } from "./postmaster.ts"
import { end, gone, isRunning, markOf, type ProcessMark } from "./process.ts"

/** What the data folder remembers of its cluster. */
const note = z.object({
  port: z.number().int(),
  password: z.string().min(16),
  elsewhere: z.string().nullable(),
  cluster: z.string(),
})
type Note = z.infer<typeof note>

export interface Postgres {
  /** `postgres://` address of the database `grantry`. */
  readonly url: string
  readonly cluster: string
  /** Set when binaries or cluster had to leave the usual place. */
  readonly elsewhere: string | null
  /** True when it ran already: its supervisor died and it was taken over. */
  readonly adopted: boolean
  readonly process: ProcessMark
  /** Resolves when the postmaster is gone, for whatever reason. */
  readonly exited: Promise<void>
  /** Fast shutdown: open transactions are rolled back, then everything is written out. */
  stop(): Promise<void>
  /** SIGKILL to the postmaster, for fault tests. */
  kill(): void
}

export interface PostgresOptions {
  /** The data folder; the cluster goes to `postgres` in it. Made if it is missing. */
  readonly dir: string
  /** Fixed port; by default a free one, kept in the data folder. */
  readonly port?: number
}

/**
 * Starts the embedded Postgres 18 of a data folder, making its cluster at the first start. A running one (its supervisor
 * was killed) is taken over; what a killed one left behind is cleared first. Throws SetupFailed with one line.
 */
export async function startPostgres(options: PostgresOptions): Promise<Postgres> {
  const account = postgresAccount()
  await openDataFolder(options.dir, account?.gid ?? null)
  const noteFile = join(options.dir, "postgres.json")
  const kept = note.nullable().parse(await readJson(noteFile))
  const home = await findHome(options.dir, account, kept?.elsewhere ?? null)
  const cluster = kept?.cluster && existsSync(join(kept.cluster, "PG_VERSION")) ? kept.cluster : home.cluster
  const password = kept?.password ?? randomBytes(24).toString("base64url")

  const running = await runningPostmaster(cluster)
  if (running) {
    const adopted = { port: running.port, password }
    await waitReady(adopted, running.mark, null)
    await writeNote(noteFile, { ...adopted, elsewhere: home.elsewhere, cluster })
    return handle({
      url: urlOf(adopted),
      cluster,
      elsewhere: home.elsewhere,
      adopted: true,
      process: running.mark,
      exited: vanished(running.mark),
    })
  }

  const port = await choosePort(options.port ?? kept?.port)
  await writeNote(noteFile, { port, password, elsewhere: home.elsewhere, cluster })
  if (!existsSync(join(cluster, "PG_VERSION"))) await initialise({ ...home, cluster }, account, password)
  await clearLeftovers(cluster)
  const log = join(options.dir, "logs", "postgres.log")
  const { mark, exited } = await spawnPostmaster({ ...home, cluster }, account, port, log)
  await waitReady({ port, password }, mark, log)
  await ensureDatabase({ port, password })
  return handle({
    url: urlOf({ port, password }),
    cluster,
    elsewhere: home.elsewhere,
    adopted: false,
    process: mark,
    exited,
  })
}

const urlOf = (at: { port: number; password: string }, database = "grantry") =>
  `postgres://postgres:${at.password}@127.0.0.1:${at.port}/${database}`

const writeNote = (file: string, value: Note) => writePrivate(file, `${JSON.stringify(value, null, 2)}\n`)

function handle(facts: Omit<Postgres, "stop" | "kill">): Postgres {
  return {
    ...facts,
    stop: () => end(facts.process, "SIGINT", 30_000),
    kill: () => {
      if (isRunning(facts.process)) process.kill(facts.process.pid, "SIGKILL")
    },
  }
}

async function choosePort(wanted: number | undefined): Promise<number> {
  // A port that its last owner just left may be refused for a moment.
  for (let attempt = 0; wanted !== undefined && attempt < 5; attempt += 1) {
    if ((await listenFails(wanted, "127.0.0.1")) === null) return wanted
    await sleep(200)
  }
  return freePort()
}

async function initialise(home: Home, account: Account | null, password: string): Promise<void> {
  const { cluster, native } = home
  await rm(cluster, { recursive: true, force: true }) // half made by an interrupted start
  await mkdir(cluster, { recursive: true, mode: 0o700 })
  if (account) await chown(cluster, account.uid, account.gid)
  const secret = join(tmpdir(), `grantry-${randomBytes(9).toString("hex")}`)
  await writeFile(secret, `${password}\n`, { mode: 0o600 })
  try {
    if (account) await chown(secret, account.uid, account.gid)
    const flags = [
      "--auth=scram-sha-256",
      "--username=postgres",
      `--pwfile=${secret}`,
      "--encoding=UTF8",
      "--locale=C",
      "--locale-provider=builtin",
      "--builtin-locale=C.UTF-8",
    ]
    await promisify(execFile)(join(native, "bin", "initdb"), ["-D", cluster, ...flags], {
      ...account,
      cwd: "/",
      env: environment(),
    })
  } catch (error) {
    await rm(cluster, { recursive: true, force: true })
    const stderr = error instanceof Error && "stderr" in error ? String(error.stderr).trim().split("\n")[0] : ""
    throw new SetupFailed(`The embedded Postgres could not be set up in ${cluster}: ${stderr || lineOf(error)}`)
  } finally {
    await rm(secret, { force: true })
  }
}

const environment = (): NodeJS.ProcessEnv => ({
  NODE_ENV: "production",
  PATH: process.env["PATH"] ?? "",
  LC_ALL: "C",
  TZ: "UTC",
})

async function settings(port: number): Promise<string[]> {
  const all = {
    port,
    listen_addresses: "127.0.0.1",
    unix_socket_directories: "",
    synchronous_commit: "on",
    shared_buffers: "256MB",
    effective_cache_size: "1GB",
    maintenance_work_mem: "128MB",
    work_mem: "16MB",
    max_connections: 200,
    max_wal_size: "4GB",
    checkpoint_timeout: "15min",
    random_page_cost: 1.1,
    dynamic_shared_memory_type: await sharedMemory(),
    timezone: "UTC",
    log_timezone: "UTC",
    log_checkpoints: "off",
  }
  return Object.entries(all).flatMap(([name, value]) => ["-c", `${name}=${value}`])
}

/** Containers often have 64 MB of /dev/shm, too little for parallel queries. */
async function sharedMemory(): Promise<"posix" | "mmap"> {
  const shm = await statfs("/dev/shm").catch(() => null)
  return shm && shm.bsize * shm.blocks < 512 * 1024 * 1024 ? "mmap" : "posix"
}

async function spawnPostmaster(
  home: Home,
  account: Account | null,
  port: number,
  log: string,
): Promise<{ mark: ProcessMark; exited: Promise<void> }> {
  const out = openSync(log, "a", 0o600)
  try {
    const child = spawn(join(home.native, "bin", "postgres"), ["-D", home.cluster, ...(await settings(port))], {
      ...account,
      cwd: "/",
      env: environment(),
      detached: true,
      stdio: ["ignore", out, out],
    })
    const exited = new Promise<void>((resolve) => {
      child.once("exit", () => resolve())
      child.once("error", () => resolve())
    })
    const mark = child.pid === undefined ? null : markOf(child.pid)
    if (!mark) throw new SetupFailed(`The embedded Postgres does not start; ${log} says why.`)
    return { mark, exited }
  } finally {
    closeSync(out)
  }
}

async function waitReady(at: { port: number; password: string }, mark: ProcessMark, log: string | null): Promise<void> {
  const until = Date.now() + 120_000 // recovery after a crash replays up to max_wal_size
  for (let why = ""; ; await sleep(50)) {
    if (!isRunning(mark))
      throw new SetupFailed(`The embedded Postgres ended while starting: ${log ? await lastFatal(log) : why}`)
    const client = new pg.Client({ connectionString: urlOf(at, "postgres"), connectionTimeoutMillis: 2_000 })
    client.on("error", () => {})
    try {
      await client.connect()
      return
    } catch (error) {
      why = lineOf(error)
      if (error instanceof pg.DatabaseError && error.code === "28P01")
        throw new SetupFailed(
          "The embedded Postgres refuses the password in postgres.json of the data folder: the two do not belong together.",
        )
      if (Date.now() > until) throw new SetupFailed(`The embedded Postgres is not ready after two minutes: ${why}`)
    } finally {
      await client.end().catch(() => {})
    }
  }
}

async function lastFatal(log: string): Promise<string> {
  const lines = (await readFile(log, "utf8").catch(() => "")).trim().split("\n")
  const fatal = lines.findLast((line) => line.includes("FATAL:")) ?? lines.at(-1) ?? ""
  return fatal.replace(/^.*FATAL:\s*/, "")
}

async function ensureDatabase(at: { port: number; password: string }): Promise<void> {
  const client = new pg.Client({ connectionString: urlOf(at, "postgres") })
  await client.connect()
  try {
    const { rowCount } = await client.query("select 1 from pg_database where datname = 'grantry'")
    if (rowCount === 0) await client.query("create database grantry")
  } finally {
    await client.end()
  }
}

/** A process that is not our child cannot be waited for, only looked at. */
async function vanished(mark: ProcessMark): Promise<void> {
  while (!(await gone(mark, 60_000)));
}

/** Ends a Postgres that was left without supervisor. False when none runs. */
export async function stopOrphan(dir: string): Promise<boolean> {
  const kept = note.nullable().parse(await readJson(join(dir, "postgres.json")))
  const running = kept ? await runningPostmaster(kept.cluster) : null
  if (!running) return false
  await end(running.mark, "SIGINT", 30_000)
  return true
}

/** The folder outside the data folder that holds binaries or cluster (findHome), or null. */
export async function outsideFolder(dir: string): Promise<string | null> {
  return note.nullable().parse(await readJson(join(dir, "postgres.json")))?.elsewhere ?? null
}
