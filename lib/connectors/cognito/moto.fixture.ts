/**
 * moto (PyPI, `moto[server]`), an imitation of AWS that none of us wrote, and the API model that comes with it. `.ci/run`
 * brings both to `.cache/moto` where Python is; nothing is fetched from here.
 */
import { spawn } from "node:child_process"
import { existsSync, globSync, readFileSync } from "node:fs"
import { createServer, type AddressInfo } from "node:net"
import { join } from "node:path"
import { setTimeout as sleep } from "node:timers/promises"
import { gunzipSync } from "node:zlib"

const folder = join(import.meta.dirname, "../../../.cache/moto")
const binary = join(folder, "bin/moto_server")

/** Null, or the sentence that says why it cannot run here and what would change that. */
export const motoMissing: string | null = existsSync(binary)
  ? null
  : "moto is not here (.cache/moto): .ci/run brings it where Python 3 with venv and pip is"

/** The vendor's public model of the API, as JSON text. Null: not here. */
export function apiModel(service: string): string | null {
  const [path] = globSync(`lib/python*/site-packages/botocore/data/${service}/*/service-2.json.gz`, { cwd: folder })
  return path === undefined ? null : gunzipSync(readFileSync(join(folder, path))).toString("utf8")
}

export interface Moto {
  readonly url: string
  stop(): Promise<void>
}

const startMs = 60_000

export async function startMoto(): Promise<Moto> {
  const port = await freePort()
  const child = spawn(join(folder, "bin/python"), [binary, "-H", "127.0.0.1", "-p", String(port)], { stdio: "ignore" })
  const ended = new Promise<void>((resolve) => child.once("exit", () => resolve()))
  const url = `http://127.0.0.1:${port}`
  const until = Date.now() + startMs
  for (;;) {
    const up = await fetch(`${url}/moto-api/`).then(
      () => true,
      () => false,
    )
    if (up) break
    if (Date.now() > until || child.exitCode !== null) {
      child.kill("SIGKILL")
      throw new Error("moto did not start")
    }
    await sleep(100)
  }
  return {
    url,
    async stop() {
      child.kill("SIGTERM")
      await Promise.race([ended, sleep(3_000).then(() => child.kill("SIGKILL"))])
    },
  }
}

async function freePort(): Promise<number> {
  const server = createServer()
  await new Promise<void>((done) => server.listen(0, "127.0.0.1", done))
  const { port } = server.address() as AddressInfo
  await new Promise((done) => server.close(done))
  return port
}
