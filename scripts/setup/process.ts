import { execFileSync } from "node:child_process"
import { readFileSync } from "node:fs"
import { setTimeout as sleep } from "node:timers/promises"
import { codeOf } from "./failure.ts"

/** A process by its number and the moment it started, so that a number used again is not mistaken for it. */
export interface ProcessMark {
  readonly pid: number
  readonly started: string
}

/** The mark of a running process; null when there is none (a zombie counts as none). */
export function markOf(pid: number): ProcessMark | null {
  try {
    process.kill(pid, 0)
  } catch (error) {
    if (codeOf(error) !== "EPERM") return null
  }
  const started = startOf(pid)
  return started === null ? null : { pid, started }
}

/** True while exactly this process runs. */
export const isRunning = (mark: ProcessMark): boolean => markOf(mark.pid)?.started === mark.started

/** proc(5): after the name in brackets come the state (field 3) and, as field 22, the start time in clock ticks since boot. */
function startOf(pid: number): string | null {
  try {
    if (process.platform !== "linux") {
      return (
        execFileSync("ps", ["-o", "lstart=", "-p", String(pid)], {
          encoding: "utf8",
          stdio: ["ignore", "pipe", "ignore"],
        }).trim() || null
      )
    }
    const stat = readFileSync(`/proc/${pid}/stat`, "utf8")
    const fields = stat.slice(stat.lastIndexOf(")") + 2).split(" ")
    return fields[0] === "Z" ? null : (fields[19] ?? null)
  } catch {
    return null
  }
}

/** Waits until the process is gone. False when it still runs after the time. */
export async function gone(mark: ProcessMark, timeoutMs: number): Promise<boolean> {
  const end = Date.now() + timeoutMs
  while (isRunning(mark)) {
    if (Date.now() > end) return false
    await sleep(50)
  }
  return true
}

/** A signal to this very process; nothing when it is gone already. */
export function signal(mark: ProcessMark, name: NodeJS.Signals): void {
  if (!isRunning(mark)) return
  try {
    process.kill(mark.pid, name)
  } catch (error) {
    if (codeOf(error) !== "ESRCH") throw error
  }
}

/** Asks with `first`, then kills after the grace. */
export async function end(mark: ProcessMark, first: NodeJS.Signals, graceMs: number): Promise<void> {
  signal(mark, first)
  if (await gone(mark, graceMs)) return
  signal(mark, "SIGKILL")
  await gone(mark, 5_000)
}
