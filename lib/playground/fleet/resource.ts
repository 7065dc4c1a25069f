/**
 * The resource service of document 3, with its texts: `GET /` greets whoever brings a valid token, `GET /admin` needs the
 * role `admin` in `my_service`. It introspects every token, since a token may carry less than its user may do.
 */
import { createServer } from "node:http"
import type { AddressInfo } from "node:net"
import { createIntrospector } from "../../oauth/introspection.ts"
import { requireScope, type Decision, type RequireScopeOptions } from "../../oauth/require-scope.ts"
import { serviceLog, type ServiceLogLine } from "./resource-log.ts"
import type { RunningService } from "./serve.ts"

export interface ResourceOptions {
  readonly host: string
  /** Discovers the introspection endpoint where none is set. */
  readonly issuer: string
  /** Beats the discovered one; it may even be another server's, which knows the tokens of this issuer. */
  readonly introspectionEndpoint?: string
  /** What the service proves itself with to the endpoint. */
  readonly introspectionToken: string
  readonly onEvent: NonNullable<RequireScopeOptions["onEvent"]>
  readonly authServer: string
  /** Its log, a line at a time. */
  readonly onLog?: (line: ServiceLogLine) => void
}

const domain = "MyService"
const errors = {
  bearerTokenMissing: "Authorization bearer token is missing.",
  authenticationFailed: "Authentication is failed.",
  authorizationFailed: "Authorization is failed.",
  serviceUnavailable: "Service temporarily unavailable.",
} as const
type ErrorCode = keyof typeof errors

/** `{rn: "my_service", role: "admin"}`, as `scopesOf` renders it. */
export const adminRole = "my_service:admin"

export async function startResourceService(options: ResourceOptions): Promise<RunningService> {
  const { introspectionEndpoint: endpoint, issuer } = options
  const verifier = createIntrospector({
    ...(endpoint === undefined ? { discoverFrom: issuer } : { endpoint }),
    auth: { method: "bearer", token: () => options.introspectionToken },
  })
  const guard = { verifier, onEvent: options.onEvent, authServer: options.authServer }
  const pages = new Map([
    ["/", { guard: requireScope([], guard), greeting: "Hello" }],
    ["/admin", { guard: requireScope(adminRole, guard), greeting: "Hi" }],
  ])
  const server = createServer((req, res) => {
    const log = serviceLog(req, res, options.onLog)
    const send = (status: number, type: string, body: string) => {
      res.writeHead(status, { "content-type": `${type}; charset=utf-8`, "content-length": Buffer.byteLength(body) })
      res.end(body)
      log.completed(status, Buffer.byteLength(body))
    }
    const fail = (status: number, code: ErrorCode) => {
      const message = errors[code]
      log.failed(code, message)
      send(status, "application/json", JSON.stringify({ error: { domain, code, message } }))
    }
    const path = (req.url ?? "/").split("?")[0] ?? "/"
    const page = req.method === "GET" ? pages.get(path) : undefined
    if (page === undefined) return send(404, "text/plain", "404 page not found\n")
    const { authorization, traceparent, "user-agent": userAgent } = req.headers
    page.guard
      .check({
        authorization,
        resource: `GET ${path}`,
        traceparent: typeof traceparent === "string" ? traceparent : undefined,
        ip: req.socket.remoteAddress,
        userAgent,
      })
      .then(
        (decision) =>
          decision.granted
            ? send(200, "text/plain", `${page.greeting}, ${decision.access.subject ?? ""}`)
            : fail(decision.answer.status, codeOf(decision.answer)),
        () => fail(503, "serviceUnavailable"),
      )
  })
  server.requestTimeout = 10_000
  await new Promise<void>((listening, failed) => server.once("error", failed).listen(0, options.host, listening))
  return {
    url: `http://${options.host}:${(server.address() as AddressInfo).port}`,
    close: () =>
      new Promise((closed) => {
        server.close(() => closed())
        server.closeIdleConnections()
      }),
  }
}

function codeOf({ status, body }: Extract<Decision, { granted: false }>["answer"]): ErrorCode {
  if (status === 403) return "authorizationFailed"
  if (status === 503) return "serviceUnavailable"
  return body.error === "Missing Bearer token" ? "bearerTokenMissing" : "authenticationFailed"
}
