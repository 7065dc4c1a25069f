/**
 * Starts a real glewlwyd (Debian package `glewlwyd`, tried with 2.7.5), which we did not write, on a database of its own,
 * with its OpenID Connect plugin set up for client credentials and dynamic registration over its own API.
 */
import { spawn } from "node:child_process"
import { generateKeyPairSync } from "node:crypto"
import { existsSync } from "node:fs"
import { mkdtemp, readFile, rm, writeFile } from "node:fs/promises"
import { createServer, type AddressInfo } from "node:net"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { DatabaseSync } from "node:sqlite"
import { setTimeout as sleep } from "node:timers/promises"

const binary = "/usr/bin/glewlwyd"
const firstTables = "/usr/share/dbconfig-common/data/glewlwyd/install/sqlite3"
const modules = "/usr/lib/glewlwyd"
/** As its installation makes it. */
const admin = { username: "admin", password: "password" }

/** Null, or the sentence that says why it cannot run here and what would change that. */
export const glewlwydMissing: string | null =
  existsSync(binary) && existsSync(firstTables)
    ? null
    : "glewlwyd is not installed: apt-get install glewlwyd would run this"

export interface Glewlwyd {
  readonly issuer: string
  stop(): Promise<void>
}

/** `scopes`: words that every registered client may ask for there; its registration has no say in it. */
export async function startGlewlwyd(scopes: readonly string[]): Promise<Glewlwyd> {
  const folder = await mkdtemp(join(tmpdir(), "glewlwyd-"))
  const port = await freePort()
  const origin = `http://127.0.0.1:${port}`
  const database = new DatabaseSync(join(folder, "glewlwyd.db"))
  database.exec(await readFile(firstTables, "utf8"))
  database.close()
  const config = join(folder, "glewlwyd.conf")
  await writeFile(config, configuration(folder, port, origin))
  const child = spawn(binary, [`--config-file=${config}`], { stdio: "ignore" })
  const ended = new Promise<void>((resolve) => child.once("exit", () => resolve()))
  const stop = async () => {
    child.kill("SIGTERM")
    await Promise.race([ended, sleep(3_000).then(() => child.kill("SIGKILL"))])
    await rm(folder, { recursive: true, force: true })
  }
  try {
    const cookie = await signIn(origin)
    for (const name of scopes)
      await post(origin, cookie, "/api/scope/", { name, display_name: name, password_required: false, scheme: {} })
    await post(origin, cookie, "/api/mod/plugin", oidcPlugin(`${origin}/api/oidc`, scopes))
  } catch (error) {
    await stop()
    throw error
  }
  return { issuer: `${origin}/api/oidc`, stop }
}

const configuration = (folder: string, port: number, origin: string): string =>
  [
    `port=${port}`,
    `bind_address="127.0.0.1"`,
    `external_url="${origin}"`,
    `login_url="login.html"`,
    `api_prefix="api"`,
    `cookie_secure=0`,
    `log_mode="file"`,
    `log_level="WARNING"`,
    `log_file="${join(folder, "glewlwyd.log")}"`,
    `session_key="GLEWLWYD_SESSION"`,
    `admin_scope="g_admin"`,
    `profile_scope="g_profile"`,
    `user_module_path="${modules}/user"`,
    `client_module_path="${modules}/client"`,
    `user_auth_scheme_module_path="${modules}/scheme"`,
    `plugin_module_path="${modules}/plugin"`,
    `hash_algorithm="SHA512"`,
    `database = { type = "sqlite3"`,
    `  path = "${join(folder, "glewlwyd.db")}" };`,
    `static_files_mime_types = ( { extension = ".html"`,
    `  mime_type = "text/html" } )`,
    "",
  ].join("\n")

function oidcPlugin(iss: string, scopes: readonly string[]): object {
  const { publicKey, privateKey } = generateKeyPairSync("rsa", { modulusLength: 2048 })
  return {
    module: "oidc",
    name: "oidc",
    display_name: "oidc",
    parameters: {
      iss,
      "jwt-type": "rsa",
      "jwt-key-size": "256",
      key: privateKey.export({ type: "pkcs8", format: "pem" }),
      cert: publicKey.export({ type: "spki", format: "pem" }),
      "access-token-duration": 300,
      "refresh-token-duration": 1_209_600,
      "code-duration": 600,
      "refresh-token-rolling": true,
      "allow-non-oidc": true,
      "auth-type-client-enabled": true,
      "auth-type-code-enabled": false,
      "auth-type-token-enabled": false,
      "auth-type-implicit-enabled": false,
      "auth-type-password-enabled": false,
      "auth-type-refresh-enabled": false,
      "auth-type-none-enabled": false,
      "auth-type-device-enabled": false,
      "introspection-revocation-allowed": true,
      "introspection-revocation-allow-target-client": true,
      "register-client-allowed": true,
      "register-client-auth-scope": [],
      "register-client-credentials-scope": scopes,
      "register-client-management-allowed": true,
      "client-jwks-parameter": "jwks",
      "client-jwks_uri-parameter": "jwks_uri",
      "jwks-show": true,
      "jwks-x5c": [],
      "subject-type": "public",
    },
  }
}

async function signIn(origin: string): Promise<string> {
  for (let tries = 0; ; tries++) {
    try {
      const answer = await post(origin, "", "/api/auth/", admin)
      return (answer.headers.get("set-cookie") ?? "").split(";")[0] ?? ""
    } catch (error) {
      if (tries >= 60) throw error
      await sleep(250)
    }
  }
}

async function post(origin: string, cookie: string, path: string, body: object): Promise<Response> {
  const answer = await fetch(`${origin}${path}`, {
    method: "POST",
    headers: { "content-type": "application/json", cookie },
    body: JSON.stringify(body),
  })
  if (!answer.ok) throw new Error(`glewlwyd answers ${answer.status} to POST ${path}: ${await answer.text()}`)
  return answer
}

async function freePort(): Promise<number> {
  const server = createServer()
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve))
  const { port } = server.address() as AddressInfo
  await new Promise((resolve) => server.close(resolve))
  return port
}
