import { readdirSync, readFileSync } from "node:fs"
import { eventPool } from "../lib/db/ingest.ts"

/** Linux counts processor time in ticks of this length (`getconf CLK_TCK` is 100 everywhere that we know of). */
const tickMs = 10

/** Fields of /proc/PID/stat after the name (proc(5)): parent, own user and system time, that of ended children. Null where there is no /proc. */
function stat(pid: number): { parent: number; ownMs: number; endedMs: number } | null {
  try {
    const text = readFileSync(`/proc/${pid}/stat`, "latin1")
    const fields = text
      .slice(text.lastIndexOf(")") + 2)
      .split(" ")
      .map(Number)
    const at = (i: number) => fields[i] ?? 0
    return { parent: at(1), ownMs: (at(11) + at(12)) * tickMs, endedMs: (at(13) + at(14)) * tickMs }
  } catch {
    return null
  }
}

/** Processor time that the database server has used so far: all of its processes, ended ones included. Milliseconds; null where it cannot be told. */
export async function postgresCpu(): Promise<() => number | null> {
  const { rows } = await eventPool().query<{ pid: number; local: boolean }>(
    "select pg_backend_pid() as pid, inet_server_addr() = '127.0.0.1' as local",
  )
  const postmaster = rows[0]?.local ? stat(rows[0].pid)?.parent : undefined
  if (postmaster === undefined) return () => null
  return () => {
    let sum = stat(postmaster)?.endedMs ?? 0
    for (const entry of readdirSync("/proc")) {
      const seen = /^\d+$/.test(entry) ? stat(Number(entry)) : null
      if (seen?.parent === postmaster) sum += seen.ownMs
    }
    return sum
  }
}
