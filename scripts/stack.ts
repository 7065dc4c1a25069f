import { spawn } from "node:child_process"
import { mkdtemp, rm } from "node:fs/promises"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { setTimeout as sleep } from "node:timers/promises"
import { freePort } from "./setup/ports.ts"
import { outsideFolder } from "./setup/postgres.ts"
import { end, isRunning, markOf, signal, type ProcessMark } from "./setup/process.ts"
import { waitReadyz } from "./setup/ready.ts"
import { pinned, root } from "./setup/root.ts"
import { readState, type RunState } from "./setup/state.ts"

export type StackPart = "web" | "worker" | "idp" | "fleet" | "postgres"

export interface StackOptions {
  /** Default: a new folder, removed at the end. */
  readonly dataDir?: string
  /** Default: a free one. */
  readonly port?: number
  /** Settings such as GRANTRY_BOOTSTRAP_TOKEN; those of the calling process are not passed on. */
  readonly env?: Readonly<Record<string, string>>
  /** How long the first answer of /readyz may take, the build included. */
  readonly readyWithinMs?: number
}

/** A whole Grantry, started as `npm start` starts it, for e2e, the quick-start script, fault tests and the bench. */
export interface Stack {
  readonly url: string
  readonly port: number
  readonly dataDir: string
  databaseUrl(): Promise<string>
  /** What the supervisor has printed so far. */
  output(): string
  /** SIGKILL to one part; resolves to the process that was killed. */
  kill(part: StackPart): Promise<ProcessMark>
  /** Milliseconds until /readyz answers 200 and, after a kill, until that part runs as another process. */
  ready(after?: { part: StackPart; was: ProcessMark }): Promise<number>
  /** SIGKILL to the supervisor: its children are orphans then. */
  killSupervisor(): Promise<void>
  /** SIGTERM, and waits; removes the data folder if it was ours. Resolves to the exit code. */
  stop(): Promise<number>
}

/** Settings of the machine that would leak into a stack. */
const ours = /^(GRANTRY_|DATABASE_URL$|CLICKHOUSE_URL$|PORT$|HOST$|npm_)/

/** Rejects with the supervisor's last lines when it ends before it is ready. */
export async function startStack(options: StackOptions = {}): Promise<Stack> {
  const dataDir = options.dataDir ?? (await mkdtemp(join(tmpdir(), "grantry-stack-")))
  const port = options.port ?? (await freePort())
  const url = `http://127.0.0.1:${port}`
  const inherited = Object.fromEntries(Object.entries(process.env).filter(([name]) => !ours.test(name)))
  const env: NodeJS.ProcessEnv = {
    ...inherited,
    NODE_ENV: "production",
    PORT: String(port),
    GRANTRY_DATA_DIR: dataDir,
    ...options.env,
  }
  const child = spawn(pinned, ["--disable-warning=ExperimentalWarning", "scripts/supervisor.ts"], {
    cwd: root,
    env,
    detached: true,
    stdio: ["ignore", "pipe", "pipe", "ipc"],
  })
  let printed = ""
  for (const stream of [child.stdout, child.stderr])
    stream?.on("data", (chunk: Buffer) => (printed += chunk.toString()))
  const mark = child.pid === undefined ? null : markOf(child.pid)
  const exited = new Promise<number>((resolve) => child.once("exit", (code) => resolve(code ?? 1)))

  const state = async (): Promise<RunState> => {
    const found = await readState(dataDir)
    if (!found) throw new Error(`Nothing runs in ${dataDir}:\n${printed}`)
    return found
  }
  const partOf = async (part: StackPart): Promise<ProcessMark> => {
    const found = (await state()).children[part]
    if (!found) throw new Error(`There is no process "${part}" in ${dataDir}`)
    return found
  }
  const clean = async () => {
    if (options.dataDir !== undefined) return
    const elsewhere = await outsideFolder(dataDir)
    for (const folder of elsewhere ? [elsewhere, dataDir] : [dataDir])
      await rm(folder, { recursive: true, force: true })
  }

  const early = exited.then((code) => {
    throw new Error(`Grantry ended with code ${code} before it was ready:\n${printed}`)
  })
  early.catch(() => {})
  try {
    const why = await Promise.race([waitReadyz(url, options.readyWithinMs ?? 900_000), early])
    if (why !== null) throw new Error(`Grantry is not ready: ${why}\n${printed}`)
    while (!(await readState(dataDir))?.ready) await Promise.race([sleep(50), early])
  } catch (error) {
    if (mark) await end(mark, "SIGTERM", 40_000)
    await clean()
    throw error
  }

  return {
    url,
    port,
    dataDir,
    output: () => printed,
    databaseUrl: async () => (await state()).database_url,
    async kill(part) {
      const was = await partOf(part)
      signal(was, "SIGKILL")
      return was
    },
    async ready(after) {
      const began = performance.now()
      if (after)
        while (isRunning(after.was) || sameProcess(await partOf(after.part).catch(() => after.was), after.was))
          await sleep(25)
      const why = await waitReadyz(url, 60_000)
      if (why !== null) throw new Error(`Not ready again after a minute: ${why}`)
      return performance.now() - began
    },
    async killSupervisor() {
      if (mark) signal(mark, "SIGKILL")
      await exited
    },
    async stop() {
      if (mark) await end(mark, "SIGTERM", 75_000)
      const code = await exited
      await clean()
      return code
    },
  }
}

const sameProcess = (a: ProcessMark, b: ProcessMark) => a.pid === b.pid && a.started === b.started
