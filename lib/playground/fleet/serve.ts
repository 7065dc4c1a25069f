import { createServer, type IncomingMessage, type Server } from "node:http"
import type { AddressInfo } from "node:net"
import { requireScope, type RequireScopeOptions } from "../../oauth/require-scope.ts"
import type { Verified } from "../../oauth/verifier.ts"

export interface Reply {
  readonly status: number
  readonly body: unknown
}

export interface Call {
  readonly access: Verified
  readonly params: Readonly<Record<string, string>>
  /** The JSON body; undefined when there is none or it is none. */
  readonly body: unknown
  readonly headers: IncomingMessage["headers"]
}

export interface Route {
  readonly method: "GET" | "POST"
  /** `/api/orders/:id`; also what the events call the endpoint, so ids never multiply the resources. */
  readonly path: string
  readonly scope: string
  readonly run: (call: Call) => Reply | Promise<Reply>
}

export interface RunningService {
  readonly url: string
  /** Ends new connections and waits for the running requests. */
  readonly close: () => Promise<void>
}

const bodyBytesMax = 65_536

/** Serves routes on a free port of `host`, each behind its scope. An unknown path is 404 before any token is looked at. */
export async function serve(
  host: string,
  routes: readonly Route[],
  guard: RequireScopeOptions,
): Promise<RunningService> {
  const guarded = routes.map((route) => {
    const scope = requireScope(route.scope, { ...guard, resource: `${route.method} ${route.path}` })
    return { route, pattern: patternOf(route.path), guard: scope }
  })
  const server = createServer((req, res) => {
    const reply = ({ status, body }: Reply) => {
      res.statusCode = status
      res.setHeader("content-type", "application/json")
      res.end(JSON.stringify(body))
    }
    const path = (req.url ?? "/").split("?")[0] ?? "/"
    const hit = guarded.find(({ route, pattern }) => route.method === req.method && pattern.test(path))
    if (hit === undefined) return reply({ status: 404, body: { error: "Not found" } })
    const answer = hit.guard.node(async (_req, _res, access) => {
      const params = hit.pattern.exec(path)?.groups ?? {}
      reply(await hit.route.run({ access, params, body: await readJson(req), headers: req.headers }))
    })
    answer(req, res)
  })
  server.requestTimeout = 10_000
  await new Promise<void>((listening, failed) => server.once("error", failed).listen(0, host, listening))
  return { url: `http://${host}:${(server.address() as AddressInfo).port}`, close: () => close(server) }
}

/** `:id` becomes one path segment of safe characters, so that it can be put into another path as it is. */
const patternOf = (path: string): RegExp => new RegExp(`^${path.replace(/:(\w+)/g, "(?<$1>[A-Za-z0-9_-]{1,64})")}$`)

async function readJson(req: IncomingMessage): Promise<unknown> {
  const parts: Buffer[] = []
  let bytes = 0
  for await (const part of req as AsyncIterable<Buffer>) {
    bytes += part.length
    if (bytes > bodyBytesMax) return undefined
    parts.push(part)
  }
  try {
    return JSON.parse(Buffer.concat(parts).toString("utf8")) as unknown
  } catch {
    return undefined
  }
}

const close = (server: Server): Promise<void> =>
  new Promise((closed) => {
    server.close(() => closed())
    server.closeIdleConnections()
  })
