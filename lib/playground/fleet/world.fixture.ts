import { createServer, type IncomingMessage, type Server } from "node:http"
import type { AddressInfo } from "node:net"
import { gunzipSync } from "node:zlib"
import { CompactSign, exportJWK, generateKeyPair } from "jose"
import { demoClients, demoGrants, audienceOf, type DemoClient } from "../demo/layout.ts"

/** The other side of the fleet for tests: an authorization server that knows the demo's grants, and an ingestion. */
export interface World {
  readonly options: {
    readonly issuer: string
    readonly tokenUrl: string
    readonly jwksUri: string
    readonly clients: Record<DemoClient, { clientId: string; clientSecret: string }>
    readonly ingest: { url: string; token: string }
  }
  /** Event lines that arrived, in order. */
  readonly lines: Record<string, unknown>[]
  readonly sign: (client: string, audience: string, scope: string, over?: object) => Promise<string>
  readonly close: () => void
}

export async function makeWorld(clock: () => number = Date.now): Promise<World> {
  const pair = await generateKeyPair("ES256", { extractable: true })
  const jwk = { ...(await exportJWK(pair.publicKey)), kid: "k", alg: "ES256", use: "sig" }
  const lines: Record<string, unknown>[] = []
  const references = new Map<string, object>()
  const claimsOf = (client: string, audience: string, scope: string) => {
    const now = Math.floor(clock() / 1000)
    const own = { iss: origin(server), aud: audience, sub: client, client_id: client, scope }
    return { ...own, jti: crypto.randomUUID(), iat: now, exp: now + 300 }
  }
  const sign: World["sign"] = (client, audience, scope, over = {}) =>
    new CompactSign(new TextEncoder().encode(JSON.stringify({ ...claimsOf(client, audience, scope), ...over })))
      .setProtectedHeader({ alg: "ES256", kid: "k", typ: "at+jwt" })
      .sign(pair.privateKey)
  /** A token that says nothing by itself. */
  const refer = (client: string, audience: string, scope: string): string => {
    const token = crypto.randomUUID()
    references.set(token, claimsOf(client, audience, scope))
    return token
  }
  const server = createServer((req, res) => {
    const answer = (status: number, body: unknown) =>
      res.writeHead(status, { "content-type": "application/json" }).end(JSON.stringify(body))
    void (async () => {
      const body = await read(req)
      if (req.url === "/jwks") return answer(200, { keys: [jwk] })
      if (req.url?.includes("well-known"))
        return answer(200, {
          issuer: origin(server),
          jwks_uri: `${origin(server)}/jwks`,
          introspection_endpoint: `${origin(server)}/introspect`,
        })
      if (req.url?.endsWith("/events")) {
        const sent = gunzipSync(body).toString().trim().split("\n")
        lines.push(...sent.map((line) => JSON.parse(line) as Record<string, unknown>))
        return answer(200, { received: sent.length, stored: sent.length, duplicates: 0, rejected: [] })
      }
      const form = new URLSearchParams(body.toString())
      const [client = ""] = Buffer.from(req.headers.authorization?.replace("Basic ", "") ?? "", "base64")
        .toString()
        .split(":")
      if (req.url === "/introspect") {
        const claims = references.get(form.get("token") ?? "")
        return answer(200, claims === undefined ? { active: false } : { active: true, ...claims })
      }
      const audience = form.get("resource") ?? ""
      const scope = form.get("scope") ?? ""
      const may = demoGrants.some(
        (grant) =>
          demoClients[grant.client].name === client &&
          audienceOf(grant.audience) === audience &&
          grant.scopes.includes(scope),
      )
      if (!may) return answer(400, { error: "invalid_scope" })
      const access_token =
        audience === audienceOf("records") ? refer(client, audience, scope) : await sign(client, audience, scope)
      return answer(200, { access_token, token_type: "Bearer", expires_in: 300 })
    })()
  })
  await new Promise<void>((listening) => server.listen(0, "127.0.0.1", listening))
  const issuer = origin(server)
  const clients = Object.fromEntries(
    Object.entries(demoClients).map(([key, { name }]) => [key, { clientId: name, clientSecret: "s" }]),
  )
  return {
    options: {
      issuer,
      tokenUrl: `${issuer}/token`,
      jwksUri: `${issuer}/jwks`,
      clients: clients as World["options"]["clients"],
      ingest: { url: `${issuer}/events`, token: "gty_test" },
    },
    lines,
    sign,
    close() {
      server.close()
      server.closeAllConnections()
    },
  }
}

const origin = (server: Server): string => `http://127.0.0.1:${(server.address() as AddressInfo).port}`

async function read(req: IncomingMessage): Promise<Buffer> {
  const parts: Buffer[] = []
  for await (const part of req as AsyncIterable<Buffer>) parts.push(part)
  return Buffer.concat(parts)
}
