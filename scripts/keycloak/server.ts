import { spawn, spawnSync, type ChildProcess } from "node:child_process"
import { createHash, randomBytes } from "node:crypto"
import { closeSync, openSync } from "node:fs"
import { cp, mkdir, mkdtemp, readFile, rm, writeFile } from "node:fs/promises"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { setTimeout as sleep } from "node:timers/promises"
import { z } from "zod"
import { SetupFailed } from "../setup/failure.ts"
import { freePort } from "../setup/free-port.ts"
import { tail } from "../setup/run.ts"
import { cacheDir, distribution, keycloakVersion } from "./distribution.ts"
import { publish } from "./publish.ts"
import { consoleClient, realmImport, realmName } from "./realm.ts"
import type { Tools } from "./tools.ts"

const access = z.object({
  realm: z.string(),
  client_id: z.string(),
  client_secret: z.string(),
  /** A service account of the realm `master` that may do everything. */
  admin: z.object({ client_id: z.string(), client_secret: z.string() }),
})

/** Where a server is and how to come in. Secrets are made for this machine and guard nothing but it. */
export type Access = z.output<typeof access> & { readonly url: string }
export interface Keycloak extends Access {
  readonly pid: number
  /** The end of the process, however it comes. */
  readonly ended: Promise<void>
  stop(): Promise<void>
}

/** A first start on a busy machine builds the server, which has taken minutes. */
const readyMs = 420_000
const stopMs = 15_000

/**
 * Starts a server of its own on `port` (or a free one) with a copy of the prepared database, so that every start begins
 * with the same realm and several may run at once. The first start of all builds and prepares (40 s on two quiet cores),
 * later ones take 9. Throws SetupFailed.
 */
export async function startKeycloak(tools: Tools, port?: number): Promise<Keycloak> {
  const home = await distribution(tools)
  const prepared = await prepare(home)
  const folder = await mkdtemp(join(tmpdir(), "grantry-keycloak-"))
  try {
    await cp(join(prepared.folder, "h2"), join(folder, "h2"), { recursive: true })
    const running = await launch(home, folder, prepared.access, port ?? (await freePort(8_480, "127.0.0.1")))
    return {
      ...running,
      ended: running.ended.then(() => rm(folder, { recursive: true, force: true })),
    }
  } catch (error) {
    await rm(folder, { recursive: true, force: true })
    throw error
  }
}

interface Prepared {
  readonly folder: string
  readonly access: z.output<typeof access>
}

/** Written last: a database that has it was stopped in peace. */
const accessFile = "access.json"

/** The database after the first start with this realm: imported, administrators made, stopped in peace. */
async function prepare(home: string): Promise<Prepared> {
  const digest = createHash("sha256").update(realmImport()).digest("hex").slice(0, 12)
  const folder = join(cacheDir(), `keycloak-${keycloakVersion}-data-${digest}`)
  const known = await readAccess(folder)
  if (known) return { folder, access: known }
  const draft = `${folder}.${process.pid}`
  const secret = () => randomBytes(24).toString("base64url")
  const made = {
    realm: realmName,
    client_id: consoleClient,
    client_secret: secret(),
    admin: { client_id: "boot", client_secret: secret() },
  }
  await mkdir(join(home, "data/import"), { recursive: true })
  await writeFile(join(home, `data/import/${realmName}-realm.json`), realmImport())
  const running = await launch(home, draft, made, await freePort(8_480, "127.0.0.1"))
  await running.stop()
  await writeFile(join(draft, accessFile), JSON.stringify(made), { mode: 0o600 })
  await publish(draft, folder, accessFile)
  // Another process may have been faster with secrets of its own.
  return { folder, access: (await readAccess(folder)) ?? made }
}

async function readAccess(folder: string): Promise<z.output<typeof access> | null> {
  const text = await readFile(join(folder, accessFile), "utf8").catch(() => null)
  return text === null ? null : access.parse(JSON.parse(text))
}

/** `start-dev` on this database until the realm answers. kc.sh hands SIGTERM on to Java; both stay in our process group and end with it. */
async function launch(home: string, folder: string, entry: z.output<typeof access>, port: number): Promise<Keycloak> {
  await mkdir(folder, { recursive: true })
  const log = join(folder, "server.log")
  const out = openSync(log, "a", 0o600)
  const child = spawn(
    join(home, "bin/kc.sh"),
    [
      "start-dev",
      "--http-host=127.0.0.1",
      `--http-port=${port}`,
      "--import-realm",
      "--features=client-secret-rotation",
      `--db-url=jdbc:h2:file:${join(folder, "h2/keycloakdb")};NON_KEYWORDS=VALUE;DB_CLOSE_ON_EXIT=FALSE`,
    ],
    {
      env: {
        ...process.env,
        CONSOLE_SECRET: entry.client_secret,
        KC_BOOTSTRAP_ADMIN_CLIENT_ID: entry.admin.client_id,
        KC_BOOTSTRAP_ADMIN_CLIENT_SECRET: entry.admin.client_secret,
        JAVA_OPTS_APPEND: process.env["JAVA_OPTS_APPEND"] ?? "-XX:TieredStopAtLevel=1",
      },
      stdio: ["ignore", out, out],
    },
  )
  closeSync(out)
  const ended = new Promise<void>((resolve) => {
    child.on("exit", () => resolve())
    child.on("error", () => resolve())
  })
  const url = `http://127.0.0.1:${port}`
  if (!(await ready(child, `${url}/realms/${entry.realm}`))) {
    await end(child, ended)
    const said = tail(await readFile(log, "utf8").catch(() => ""), 5)
    throw new SetupFailed(`Keycloak did not start: ${said}`)
  }
  return { ...entry, url, pid: child.pid ?? 0, ended, stop: () => end(child, ended) }
}

async function ready(child: ChildProcess, url: string): Promise<boolean> {
  const until = Date.now() + readyMs
  while (Date.now() < until && child.exitCode === null && child.signalCode === null && child.pid !== undefined) {
    const answer = await fetch(url, { signal: AbortSignal.timeout(5_000) }).catch(() => null)
    if (answer?.ok) return true
    await sleep(250)
  }
  return false
}

async function end(child: ChildProcess, ended: Promise<void>): Promise<void> {
  child.kill("SIGTERM")
  const timer = setTimeout(() => {
    // At its first start the script stays in front of Java, which would outlive it.
    spawnSync("pkill", ["-KILL", "-P", String(child.pid)])
    child.kill("SIGKILL")
  }, stopMs)
  await ended
  clearTimeout(timer)
}
