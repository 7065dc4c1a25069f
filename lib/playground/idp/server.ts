import { createServer, type IncomingMessage, type Server, type ServerResponse } from "node:http"
import type { Provider } from "oidc-provider"
import type { Logger } from "pino"
import type { GuardedFetch } from "../../base/http.ts"
import { minuteMs } from "../../base/time.ts"
import { sweepArtifacts } from "./adapter.ts"
import { adminHandler } from "./admin-http.ts"
import { inFlight } from "./in-flight.ts"
import { ensureKeys } from "./keys.ts"
import { buildProvider } from "./provider.ts"
import type { Settings } from "./settings.ts"
import { startShipping } from "./ship.ts"
import { openStore } from "./store.ts"

export interface IdpOptions {
  readonly settings: Settings
  readonly host: string
  readonly databaseUrl: string
  /** Key-encryption key: seals the signing keys. */
  readonly kek: Buffer
  /** Grantry's API, `{public url}/api/v1`: token events and heartbeats go there. */
  readonly apiUrl: string
  readonly fetch: GuardedFetch
  readonly log: Logger
}

export interface RunningIdp {
  readonly issuer: string
  readonly port: number
  /** Ends new requests, lets running ones finish (at most `graceMs`), then closes the store. Unshipped events stay in the outbox. */
  close(graceMs?: number): Promise<void>
}

const protocolPaths =
  /^\/(token|token\/introspection|token\/revocation|reg|reg\/[^/]+|jwks|\.well-known\/(openid-configuration|oauth-authorization-server))$/

/** Starts the authorization server: schema, keys, HTTP, event shipping. Throws when the port is taken, the schema newer, or the key wrong. */
export async function startIdp(options: IdpOptions): Promise<RunningIdp> {
  const { settings, kek, log } = options
  const { pool, ownRole } = await openStore(options.databaseUrl)
  if (!ownRole) log.info("the database login may not make roles, so the provider works under the login itself")
  await ensureKeys(pool, kek)

  const requests = inFlight()
  const parts = { issuer: settings.issuer, pool, kek, authServer: settings.auth_server, log, requests }
  const current = keptProvider(async () => {
    await ensureKeys(pool, kek)
    return await buildProvider(parts)
  })
  await current.get()

  const admin = adminHandler(
    { pool, kek, issuer: settings.issuer, provider: current.get, changed: current.forget },
    settings.admin_token,
    log,
  )
  const protocol = protocolHandler(settings.issuer, current.get)
  const server = createServer((req, res) => {
    const path = (req.url ?? "/").split("?")[0] ?? "/"
    if (path === "/healthz") return plain(res, 200, { status: "ok" })
    if (path === "/readyz") return void ready(pool, res)
    if (path.startsWith("/admin/")) return void admin(req, res)
    if (protocolPaths.test(path)) return void protocol(req, res, log)
    return plain(res, 404, { error: "not_found" })
  })
  server.requestTimeout = 20_000
  await listen(server, settings.port, options.host)

  const shipping = startShipping({
    pool,
    fetch: options.fetch,
    apiUrl: options.apiUrl,
    sourceId: settings.source_id ?? null,
    token: settings.ingest_token,
    log,
    settledUntil: requests.settledUntil,
  })
  const sweeping = setInterval(() => void sweepArtifacts(pool).catch(() => undefined), minuteMs)
  log.info({ issuer: settings.issuer, port: settings.port }, "local identity provider is ready")
  return {
    issuer: settings.issuer,
    port: settings.port,
    async close(graceMs = 20_000) {
      clearInterval(sweeping)
      await Promise.all([drain(server, graceMs), shipping.stop()])
      await pool.end()
    },
  }
}

/** The library fixes keys and scope names when it is made, so a change makes a new one, on the next request. */
function keptProvider(make: () => Promise<Provider>): { get: () => Promise<Provider>; forget: () => void } {
  let kept: Promise<Provider> | null = null
  return {
    get: () => {
      if (kept) return kept
      const making = make()
      kept = making
      making.catch(() => {
        if (kept === making) kept = null
      })
      return making
    },
    forget: () => {
      kept = null
    },
  }
}

/** Endpoints in answers come from the configured issuer, never from the Host header of the request (T26). */
function protocolHandler(issuer: string, provider: () => Promise<Provider>) {
  const { host, protocol } = new URL(issuer)
  return async (req: IncomingMessage, res: ServerResponse, log: Logger): Promise<void> => {
    for (const name of Object.keys(req.headers)) if (name.startsWith("x-forwarded-")) delete req.headers[name]
    req.headers.host = host
    req.headers["x-forwarded-proto"] = protocol.slice(0, -1)
    try {
      await (await provider()).callback()(req, res)
    } catch (error) {
      log.error({ err: error instanceof Error ? error.message : "unknown" }, "no provider can be made")
      if (!res.headersSent)
        plain(res, 503, {
          error: "temporarily_unavailable",
          error_description: "the store of this server does not answer, try again",
        })
    }
  }
}

async function ready(pool: { query(sql: string): Promise<unknown> }, res: ServerResponse): Promise<void> {
  try {
    await pool.query("select 1")
    plain(res, 200, { status: "ready" })
  } catch {
    plain(res, 503, { status: "not ready", why: "the database does not answer" })
  }
}

function plain(res: ServerResponse, status: number, body: object): void {
  res.writeHead(status, {
    "content-type": "application/json; charset=utf-8",
    "cache-control": "no-store",
    ...(status === 503 ? { "retry-after": "2" } : {}),
  })
  res.end(JSON.stringify(body))
}

const listen = (server: Server, port: number, host: string): Promise<void> =>
  new Promise((resolve, reject) => {
    server.once("error", reject)
    server.listen(port, host, () => {
      server.off("error", reject)
      resolve()
    })
  })

const drain = (server: Server, graceMs: number): Promise<void> =>
  new Promise((resolve) => {
    const kill = setTimeout(() => server.closeAllConnections(), graceMs)
    server.close(() => {
      clearTimeout(kill)
      resolve()
    })
    server.closeIdleConnections()
  })
