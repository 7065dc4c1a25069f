import { readFile, readdir, readlink, rm } from "node:fs/promises"
import { join } from "node:path"
import { setTimeout as sleep } from "node:timers/promises"
import { SetupFailed } from "./failure.ts"
import { end, markOf, type ProcessMark } from "./process.ts"

/** postmaster.pid: line 1 process, line 4 port, line 7 key and id of the shared memory (PostgreSQL 18, src/include/utils/pidfile.h). */
async function pidFile(cluster: string): Promise<{ pid: number; port: number; memory: string | null } | null> {
  const lines = (await readFile(join(cluster, "postmaster.pid"), "utf8").catch(() => "")).split("\n")
  const pid = Number(lines[0])
  return pid ? { pid, port: Number(lines[3]), memory: lines[6]?.trim().split(/\s+/)[1] ?? null } : null
}

/** The postmaster that serves this cluster now, or null. */
export async function runningPostmaster(cluster: string): Promise<{ mark: ProcessMark; port: number } | null> {
  const noted = await pidFile(cluster)
  const mark = noted ? markOf(noted.pid) : null
  return noted && mark && (await worksIn(mark.pid, cluster)) ? { mark, port: noted.port } : null
}

/**
 * Every process of a cluster has it as its working directory. Where that may not be seen (root without the right to trace,
 * as in most containers) the command line tells the postmaster. Without /proc the pid file is believed.
 */
async function worksIn(pid: number, cluster: string): Promise<boolean> {
  if (process.platform !== "linux") return true
  const folder = await readlink(`/proc/${pid}/cwd`).catch(() => null)
  if (folder !== null) return folder === cluster
  return (await readFile(`/proc/${pid}/cmdline`, "utf8").catch(() => "")).split("\0").includes(cluster)
}

/**
 * Clears what a killed postmaster left: children that hold the shared memory, and a pid file whose number may by now
 * belong to a stranger (or to a zombie), for which Postgres would refuse to start. Only call it when none runs.
 */
export async function clearLeftovers(cluster: string): Promise<void> {
  if (process.platform !== "linux") return
  const noted = await pidFile(cluster)
  if (!noted) return
  for (const entry of await readdir("/proc")) {
    const mark = /^\d+$/.test(entry) && (await isBackend(entry, cluster)) ? markOf(Number(entry)) : null
    if (mark) await end(mark, "SIGKILL", 5_000)
  }
  await memoryReleased(noted.memory)
  await rm(join(cluster, "postmaster.pid"), { force: true })
}

async function isBackend(pid: string, cluster: string): Promise<boolean> {
  const name = await readFile(`/proc/${pid}/comm`, "utf8").catch(() => "")
  return name.startsWith("postgres") && (await worksIn(Number(pid), cluster))
}

/** sysvipc(7): /proc/sysvipc/shm has the id as column 2 and the number of attached processes as column 7. */
async function memoryReleased(id: string | null): Promise<void> {
  for (const until = Date.now() + 30_000; id !== null; await sleep(50)) {
    const rows = (await readFile("/proc/sysvipc/shm", "utf8").catch(() => ""))
      .split("\n")
      .map((row) => row.trim().split(/\s+/))
    const row = rows.find((columns) => columns[1] === id)
    if (!row || row[6] === "0") return
    if (Date.now() > until)
      throw new SetupFailed(
        "Parts of a killed Postgres still run and hold its memory. Stop the processes named postgres of this cluster, then start again.",
      )
  }
}
