/** Grantry's API on a real port: every route file behind an HTTP server, on a database of its own, and one OpenIddict host. */
import { createServer, type IncomingMessage, type ServerResponse } from "node:http"
import type { AddressInfo } from "node:net"
import { buffer } from "node:stream/consumers"
import { NextRequest } from "next/server"
import { vi } from "vitest"
import { rootToken, startEdge } from "../app/api/edge.fixture.ts"
import { manifest } from "../app/api/v1/openapi.json/manifest.ts"
import { startOpeniddictTwin, twinBundleToken, twinIntrospector } from "../lib/connectors/fakes/openiddict/server.ts"
import { createProvider } from "../lib/providers/commands.ts"
import { probeProvider } from "../lib/providers/probe.ts"
import { closeBoss } from "../lib/queue/boss.ts"
import { person } from "../lib/registry/registry.fixture.ts"
import { runApplies } from "../lib/sync/apply.ts"
import { grantry } from "./grantry.ts"
import type { World } from "./world.ts"

type Handler = (request: NextRequest, context: { params: Promise<Record<string, string>> }) => Promise<Response>

const routes = manifest.map(([folder, module]) => ({
  address: new RegExp(`^/api/v1/${folder.replaceAll(/\[(\w+)\]/g, "(?<$1>[^/]+)")}$`),
  module,
}))

async function answer(request: IncomingMessage, response: ServerResponse, base: string): Promise<void> {
  const url = new URL(request.url ?? "/", base)
  const route = routes.find(({ address }) => address.test(url.pathname))
  const handler: unknown = route && Reflect.get(route.module, request.method ?? "GET")
  if (!route || typeof handler !== "function") return void response.writeHead(404).end()
  const body = await buffer(request)
  const answered = await (handler as Handler)(
    new NextRequest(url, {
      method: request.method ?? "GET",
      headers: Object.fromEntries(Object.entries(request.headers).map(([name, value]) => [name, String(value)])),
      ...(body.length === 0 ? {} : { body }),
    }),
    { params: Promise.resolve({ ...route.address.exec(url.pathname)?.groups }) },
  )
  response
    .writeHead(answered.status, Object.fromEntries(answered.headers))
    .end(Buffer.from(await answered.arrayBuffer()))
}

/** What one command line said and how it ended. */
export interface Said {
  readonly code: number
  readonly out: string
  readonly err: string
}

export async function startConsole() {
  vi.stubEnv("GRANTRY_ALLOW_HOSTS", "127.0.0.1")
  const edge = await startEdge()
  const server = createServer((request, response) => {
    answer(request, response, base).catch((error: unknown) =>
      response.destroy(error instanceof Error ? error : undefined),
    )
  })
  await new Promise<void>((done) => server.listen(0, "127.0.0.1", done))
  const base = `http://127.0.0.1:${(server.address() as AddressInfo).port}`
  const twin = await startOpeniddictTwin()
  const { id } = await createProvider(person("admin"), {
    kind: "openiddict",
    name: "host",
    environment: "test",
    settings: {
      issuer: twin.url,
      client_id: twinIntrospector.id,
      client_secret: twinIntrospector.secret,
      bundle_url: `${twin.url}/grantry`,
      bundle_token: twinBundleToken,
    },
  })
  await probeProvider(id)

  /** Runs `grantry ...args` with `file` as registry.yaml. Whenever it waits, the worker's job runs. */
  async function run(args: string, file = "", more: Partial<World> = {}): Promise<Said> {
    let [out, err] = ["", ""]
    const code = await grantry(args.match(/"[^"]*"|\S+/g)?.map((word) => word.replaceAll('"', "")) ?? [], {
      env: { GRANTRY_URL: base, GRANTRY_TOKEN: rootToken },
      fetch,
      readFile: async (path) => (path === "registry.yaml" ? file : Promise.reject(new Error("there is no such file"))),
      writeFile: () => Promise.reject(new Error("nothing is written here")),
      out: (text) => void (out += text),
      err: (text) => void (err += text),
      ask: null,
      sleep: () => runApplies(),
      now: Date.now,
      ...more,
    })
    return { code, out, err }
  }
  return {
    base,
    twin,
    run,
    /** The API itself, with the token of every permission. */
    api: (path: string, init: RequestInit = {}) =>
      fetch(`${base}/api/v1${path}`, {
        ...init,
        headers: { authorization: `Bearer ${rootToken}`, ...(init.headers as Record<string, string> | undefined) },
      }),
    async stop() {
      server.closeAllConnections()
      server.close()
      await twin.stop()
      await closeBoss()
      await edge.stop()
    },
  }
}

/** Answers in place of the API where `stand` says so. */
export const through =
  (stand: (path: string, method: string, real: () => Promise<Response>) => Promise<Response> | null): typeof fetch =>
  (input, init) =>
    stand(new URL(String(input)).pathname.replace("/api/v1", ""), init?.method ?? "GET", () => fetch(input, init)) ??
    fetch(input, init)
