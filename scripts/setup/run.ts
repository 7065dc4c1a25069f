import { spawn } from "node:child_process"

export interface Ran {
  readonly code: number
  /** Standard output and error together, as they came. */
  readonly text: string
  readonly stdout: string
}

export interface RunOptions {
  readonly cwd?: string
  readonly env?: NodeJS.ProcessEnv
  readonly signal?: AbortSignal
  readonly timeoutMs?: number
}

/** Every program that `run` started and that still runs; they lead sessions of their own. */
const groups = new Set<number>()

/** Ends, with all that they started, the programs that still run. */
export function endAll(name: NodeJS.Signals = "SIGKILL"): void {
  for (const group of groups) signalGroup(group, name)
}

function signalGroup(group: number, name: NodeJS.Signals): void {
  try {
    process.kill(-group, name)
  } catch {
    // it is gone already
  }
}

/** Runs a program to its end, in a session of its own, and keeps what it prints. Never rejects: a program that cannot start has code 127. */
export function run(command: string, args: readonly string[], options: RunOptions = {}): Promise<Ran> {
  return new Promise((resolve) => {
    const child = spawn(command, args, {
      cwd: options.cwd,
      env: options.env ?? process.env,
      detached: true,
      stdio: ["ignore", "pipe", "pipe"],
    })
    const group = child.pid
    if (group !== undefined) groups.add(group)
    const stop = () => {
      if (group !== undefined) signalGroup(group, "SIGKILL")
    }
    const timer = options.timeoutMs === undefined ? null : setTimeout(stop, options.timeoutMs)
    options.signal?.addEventListener("abort", stop, { once: true })
    if (options.signal?.aborted) stop()
    let text = ""
    let stdout = ""
    child.stdout.on("data", (chunk: Buffer) => {
      text += chunk.toString()
      stdout += chunk.toString()
    })
    child.stderr.on("data", (chunk: Buffer) => (text += chunk.toString()))
    const done = (code: number) => {
      if (timer) clearTimeout(timer)
      options.signal?.removeEventListener("abort", stop)
      if (group !== undefined) {
        signalGroup(group, "SIGKILL") // what it may have left running
        groups.delete(group)
      }
      resolve({ code, text, stdout })
    }
    child.on("error", (error) => {
      text += error.message
      done(127)
    })
    child.on("close", (code) => done(code ?? 1))
  })
}

/** The last lines of a program's output that say something. */
export const tail = (text: string, lines: number): string => text.trim().split("\n").slice(-lines).join("\n")
