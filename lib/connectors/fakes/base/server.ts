/** The plain HTTP part of every fake: routes with `:names`, JSON answers, faults, and a port of its own. */
import { createServer, type IncomingHttpHeaders, type IncomingMessage, type ServerResponse } from "node:http"
import type { AddressInfo } from "node:net"
import type { Faults } from "./faults.ts"

export interface FakeRequest {
  readonly method: string
  /** Without the query, as it was sent. */
  readonly path: string
  readonly query: URLSearchParams
  readonly headers: IncomingHttpHeaders
  /** As it came; empty where there was none. */
  readonly body: string
  /** The `:names` of the route, percent-decoded. */
  readonly params: Readonly<Record<string, string>>
  /** The address by which we were called, `http://127.0.0.1:4711`. */
  readonly origin: string
}

export interface FakeAnswer {
  readonly status: number
  readonly headers?: Readonly<Record<string, string>>
  /** Sent as JSON. */
  readonly json?: unknown
  /** Sent as it is. */
  readonly text?: string
}

export interface Route {
  readonly method: string
  /** `/api/v2/clients/:id`; one name is one segment, so an encoded slash stays inside it. */
  readonly path: string
  readonly run: (request: FakeRequest) => FakeAnswer | Promise<FakeAnswer>
}

export interface RunningServer {
  readonly url: string
  stop(): Promise<void>
}

export interface ServerOptions {
  readonly routes: readonly Route[]
  readonly faults: Faults
  /** What an address without a route answers. */
  readonly missing: (request: FakeRequest) => FakeAnswer
  /** Before each route: an answer here is final (rate limits, credentials). */
  readonly before?: (request: FakeRequest) => FakeAnswer | null
  /** Headers of every answer, as they are after the route ran. */
  readonly trailer?: (request: FakeRequest) => Readonly<Record<string, string>>
  /** 0, the default, takes a free one. */
  readonly port?: number
}

const bodyMax = 4_000_000

export async function startServer(options: ServerOptions): Promise<RunningServer> {
  const server = createServer((incoming, outgoing) => {
    answer(incoming, outgoing, options).catch((error: unknown) => {
      if (!outgoing.headersSent) outgoing.writeHead(500, { "content-type": "text/plain" })
      outgoing.end(error instanceof Error ? (error.stack ?? error.message) : String(error))
    })
  })
  await new Promise<void>((resolve) => server.listen(options.port ?? 0, "127.0.0.1", resolve))
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    async stop() {
      server.closeAllConnections()
      await new Promise<void>((resolve) => server.close(() => resolve()))
    },
  }
}

async function answer(incoming: IncomingMessage, outgoing: ServerResponse, options: ServerOptions): Promise<void> {
  const request = await read(incoming)
  const fault = options.faults.take(request)
  if (fault === "silent") return
  const found = routeOf(options.routes, request)
  const told = fault !== null && fault !== "lost" ? fault : (options.before?.(request) ?? (await run(found, request)))
  if (fault === "lost") {
    outgoing.destroy()
    return
  }
  send(outgoing, told, options.trailer?.(request) ?? {})

  async function run(match: Match | null, asked: FakeRequest): Promise<FakeAnswer> {
    return match === null ? options.missing(asked) : await match.route.run({ ...asked, params: match.params })
  }
}

async function read(incoming: IncomingMessage): Promise<FakeRequest> {
  const chunks: Buffer[] = []
  let size = 0
  for await (const chunk of incoming) {
    const bytes = chunk as Buffer
    size += bytes.length
    if (size > bodyMax) break
    chunks.push(bytes)
  }
  const origin = `http://${incoming.headers.host ?? "127.0.0.1"}`
  const url = incoming.url ?? "/"
  const at = url.indexOf("?")
  return {
    method: incoming.method ?? "GET",
    path: at < 0 ? url : url.slice(0, at),
    query: new URLSearchParams(at < 0 ? "" : url.slice(at + 1)),
    headers: incoming.headers,
    body: Buffer.concat(chunks).toString("utf8"),
    params: {},
    origin,
  }
}

interface Match {
  readonly route: Route
  readonly params: Readonly<Record<string, string>>
}

function routeOf(routes: readonly Route[], { method, path }: FakeRequest): Match | null {
  for (const route of routes) {
    if (route.method !== method) continue
    const params = paramsOf(route.path, path)
    if (params) return { route, params }
  }
  return null
}

function paramsOf(pattern: string, path: string): Record<string, string> | null {
  const wanted = pattern.split("/")
  const given = path.split("/")
  if (wanted.length !== given.length) return null
  const params: Record<string, string> = {}
  for (const [i, segment] of wanted.entries()) {
    const value = given[i] ?? ""
    if (segment.startsWith(":")) {
      if (value === "") return null
      params[segment.slice(1)] = decoded(value)
    } else if (segment !== value) return null
  }
  return params
}

function decoded(text: string): string {
  try {
    return decodeURIComponent(text)
  } catch {
    return text
  }
}

function send(
  outgoing: ServerResponse,
  { status, headers = {}, json, text }: FakeAnswer,
  more: Record<string, string>,
) {
  const body = json === undefined ? (text ?? "") : JSON.stringify(json)
  outgoing.writeHead(status, {
    ...(json === undefined ? {} : { "content-type": "application/json; charset=utf-8" }),
    ...more,
    ...headers,
  })
  outgoing.end(body)
}

/** The JSON body; undefined when it is none. */
export function jsonOf(request: FakeRequest): unknown {
  try {
    return JSON.parse(request.body)
  } catch {
    return undefined
  }
}

/** Client credentials of a token request: HTTP Basic (parts form-decoded, RFC 6749 section 2.3.1) or in the form. */
export function clientOf(
  request: FakeRequest,
  form: URLSearchParams,
): { id: string; secret: string; basic: boolean } | null {
  const header = request.headers.authorization
  if (header?.startsWith("Basic ")) {
    const [id = "", secret = ""] = Buffer.from(header.slice(6), "base64").toString("utf8").split(":")
    const plain = (part: string) => decoded(part.replaceAll("+", " "))
    return { id: plain(id), secret: plain(secret), basic: true }
  }
  const id = form.get("client_id")
  const secret = form.get("client_secret")
  return id === null || secret === null ? null : { id, secret, basic: false }
}
