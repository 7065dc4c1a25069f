/** Starts a local IdP inside a test process, on a free port, over a database of its own. */
import { randomBytes } from "node:crypto"
import { createServer, type AddressInfo } from "node:net"
import { pino } from "pino"
import { guardedFetch, type GuardedFetch } from "../../base/http.ts"
import { startIdp, type RunningIdp } from "./server.ts"
import { settingsSchema, type Settings } from "./settings.ts"

export interface TestIdp {
  readonly idp: RunningIdp
  readonly settings: Settings
  readonly fetch: GuardedFetch
  /** The admin API; answers the parsed body and the status. */
  admin(
    method: string,
    path: string,
    body?: unknown,
    headers?: Record<string, string>,
  ): Promise<{ status: number; body: Record<string, unknown> }>
  /** The token endpoint with a form; `basic` is `client:secret`. */
  form(
    path: string,
    form: Record<string, string>,
    basic?: string,
  ): Promise<{ status: number; body: Record<string, unknown>; headers: Headers }>
}

export const freePort = async (): Promise<number> => {
  const server = createServer()
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve))
  const { port } = server.address() as AddressInfo
  await new Promise((resolve) => server.close(resolve))
  return port
}

export async function testSettings(): Promise<Settings> {
  const port = await freePort()
  return settingsSchema.parse({
    port,
    issuer: `http://127.0.0.1:${port}`,
    admin_token: `idp_${randomBytes(32).toString("base64url")}`,
    ingest_token: `gty_${randomBytes(32).toString("base64url")}`,
  })
}

export async function startTestIdp(
  databaseUrl: string,
  apiUrl = "http://127.0.0.1:9/api/v1",
  kek = randomBytes(32),
): Promise<TestIdp> {
  const settings = await testSettings()
  const fetch = guardedFetch({ allowHosts: ["127.0.0.1"], timeoutMs: 5_000 })
  const idp = await startIdp({
    settings,
    host: "127.0.0.1",
    databaseUrl,
    kek,
    apiUrl,
    fetch,
    log: pino({ level: "silent" }),
  })
  return { idp, settings, fetch, ...clientsOf(settings, fetch) }
}

/** The two ways in, for an IdP in this process or in another. */
export function clientsOf(settings: Settings, fetch: GuardedFetch): Pick<TestIdp, "admin" | "form"> {
  return {
    async admin(method, path, body, headers = {}) {
      const answer = await fetch(`${settings.issuer}/admin${path}`, {
        method,
        headers: {
          authorization: `Bearer ${settings.admin_token}`,
          ...(body === undefined ? {} : { "content-type": "application/json" }),
          ...headers,
        },
        ...(body === undefined ? {} : { body: JSON.stringify(body) }),
      })
      return { status: answer.status, body: answer.text === "" ? {} : JSON.parse(answer.text) }
    },
    async form(path, form, basic) {
      const answer = await fetch(`${settings.issuer}${path}`, {
        method: "POST",
        headers: {
          "content-type": "application/x-www-form-urlencoded",
          ...(basic === undefined ? {} : { authorization: `Basic ${Buffer.from(basic).toString("base64")}` }),
        },
        body: new URLSearchParams(form).toString(),
      })
      return { status: answer.status, headers: answer.headers, body: answer.text === "" ? {} : JSON.parse(answer.text) }
    },
  }
}
