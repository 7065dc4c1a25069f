import { spawn, type ChildProcess } from "node:child_process"
import { closeSync, copyFileSync, openSync, statSync, truncateSync } from "node:fs"
import { setTimeout as sleep } from "node:timers/promises"
import { pinned, root } from "./root.ts"
import { markOf, type ProcessMark } from "./process.ts"

export interface ChildSpec {
  readonly name: string
  /** Arguments of Node, from the checkout. */
  readonly args: readonly string[]
  readonly env: NodeJS.ProcessEnv
  /** Standard output and error are appended here. */
  readonly log: string
}

export interface Child {
  readonly name: string
  mark(): ProcessMark | null
  /** SIGTERM, then SIGKILL after the grace. It does not come back. */
  stop(graceMs: number): Promise<void>
}

export interface ChildEvents {
  /** A process was started, the first time or again. */
  started(name: string): void
  /** It ended without being asked to; it is started again after the delay. */
  crashed(name: string, how: string, againInMs: number, inARow: number): void
}

/** Pauses before the next start; a child that ran for half a minute begins anew. */
const backOffMs = [100, 500, 1_000, 2_000, 4_000, 8_000, 15_000]
const steadyMs = 30_000

/**
 * Keeps one Node process running, in a session of its own (a signal to the terminal's group does not reach it) and with a
 * channel whose end tells it that its supervisor died (scripts/child.mjs).
 */
export function keepRunning(spec: ChildSpec, events: ChildEvents): Child {
  let child: ChildProcess | null = null
  let stopping = false
  let inARow = 0
  const pause = new AbortController()

  const loop = async (): Promise<void> => {
    while (!stopping) {
      const began = Date.now()
      const how = await once()
      if (stopping) return
      inARow = Date.now() - began > steadyMs ? 1 : inARow + 1
      const delay = backOffMs[Math.min(inARow, backOffMs.length) - 1] ?? 0
      events.crashed(spec.name, how, delay, inARow)
      await sleep(delay, undefined, { signal: pause.signal }).catch(() => {})
    }
  }

  const once = (): Promise<string> =>
    new Promise((resolve) => {
      const out = openLog(spec.log)
      child = spawn(
        pinned,
        ["--import", "./scripts/child.mjs", "--disable-warning=ExperimentalWarning", ...spec.args],
        {
          cwd: root,
          env: spec.env,
          detached: true,
          stdio: ["ignore", out, out, "ipc"],
        },
      )
      closeSync(out)
      child.on("error", (error) => resolve(error.message))
      child.on("exit", (code, signal) => resolve(signal ?? `exit code ${code}`))
      events.started(spec.name)
    })

  const ended = loop()
  return {
    name: spec.name,
    mark: () =>
      child?.pid !== undefined && child.exitCode === null && child.signalCode === null ? markOf(child.pid) : null,
    async stop(graceMs) {
      stopping = true
      pause.abort()
      child?.kill("SIGTERM")
      const timer = setTimeout(() => child?.kill("SIGKILL"), graceMs)
      await ended
      clearTimeout(timer)
    },
  }
}

const logLimitBytes = 20 * 1024 * 1024

function openLog(path: string): number {
  trimLog(path)
  return openSync(path, "a", 0o600)
}

/** Keeps one older part beside a log that grew too long. Writers append, so they go on at the new end. */
export function trimLog(path: string): void {
  if ((statSync(path, { throwIfNoEntry: false })?.size ?? 0) < logLimitBytes) return
  copyFileSync(path, `${path}.1`)
  truncateSync(path)
}
