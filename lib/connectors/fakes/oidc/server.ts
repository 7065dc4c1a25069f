/**
 * A server with dynamic registration (RFC 7591, 7592) whose manners are switches: everything that the two leave to the
 * server, some server does. In memory; it signs real tokens.
 */
import { randomBytes } from "node:crypto"
import { faultList, type Faults } from "../base/faults.ts"
import { clientOf, jsonOf, startServer, type FakeAnswer, type FakeRequest, type Route } from "../base/server.ts"
import { signingKey } from "../base/signing.ts"

export interface FakeManners {
  /** A new registration access token with every answer, the old one dead at once. */
  rotatesToken?: boolean
  /** A new secret with every update. */
  newSecretOnPut?: boolean
  /** Verbs at the registration's own address that answer 405. */
  missing?: readonly ("GET" | "PUT" | "DELETE")[]
  /** Members that are taken without a word and never shown. */
  drops?: readonly string[]
  /** An update leaves what it does not name. */
  merges?: boolean
  /** Members that an update never takes away, not even by an empty value. */
  keeps?: readonly string[]
  needsRedirectUri?: boolean
  hidesSecret?: boolean
  /** Authentication methods whose clients get no secret. */
  secretless?: readonly string[]
}

interface Registered {
  readonly clientId: string
  secret: string
  token: string
  metadata: Record<string, unknown>
}

export interface FakeOidc {
  readonly url: string
  readonly faults: Faults
  readonly manners: FakeManners
  readonly clients: ReadonlyMap<string, Registered>
  /** Every request that reached the registration endpoints, `PUT /reg/c1`. */
  readonly calls: readonly string[]
  stop(): Promise<void>
}

export const fakeInitialToken = "initial-token-of-the-fake"
const random = () => randomBytes(24).toString("base64url")

export async function startFakeOidc(manners: FakeManners = {}, port = 0): Promise<FakeOidc> {
  const clients = new Map<string, Registered>()
  const calls: string[] = []
  const faults = faultList()
  const key = await signingKey("fake-oidc-1")
  const refused = (status: number, error: string): FakeAnswer => ({ status, json: { error } })

  const secretless = ({ metadata }: Registered): boolean =>
    manners.secretless?.includes(String(metadata.token_endpoint_auth_method)) === true

  const show = (client: Registered, origin: string): Record<string, unknown> => ({
    ...Object.fromEntries(Object.entries(client.metadata).filter(([name]) => !manners.drops?.includes(name))),
    client_id: client.clientId,
    ...(manners.hidesSecret || secretless(client) ? {} : { client_secret: client.secret }),
    client_secret_expires_at: 0,
    registration_access_token: client.token,
    registration_client_uri: `${origin}/reg/${client.clientId}`,
  })

  const managed = (
    method: "GET" | "PUT" | "DELETE",
    run: (client: Registered, request: FakeRequest) => FakeAnswer,
  ): Route => ({
    method,
    path: "/reg/:id",
    run(request) {
      calls.push(`${method} ${request.path}`)
      if (manners.missing?.includes(method)) return refused(405, "method_not_allowed")
      const client = clients.get(request.params.id ?? "")
      if (!client || request.headers.authorization !== `Bearer ${client.token}`) return refused(401, "invalid_token")
      if (manners.rotatesToken) client.token = random()
      return run(client, request)
    },
  })

  const routes: Route[] = [
    {
      method: "GET",
      path: "/.well-known/openid-configuration",
      run: ({ origin }) => ({
        status: 200,
        json: {
          issuer: origin,
          token_endpoint: `${origin}/token`,
          jwks_uri: `${origin}/jwks`,
          registration_endpoint: `${origin}/reg`,
          introspection_endpoint: null,
        },
      }),
    },
    { method: "GET", path: "/jwks", run: () => ({ status: 200, json: key.jwks }) },
    {
      method: "POST",
      path: "/reg",
      run(request) {
        calls.push("POST /reg")
        if (request.headers.authorization !== `Bearer ${fakeInitialToken}`) return refused(401, "invalid_token")
        const metadata = metadataOf(request)
        if (metadata === null) return refused(400, "invalid_client_metadata")
        if (manners.needsRedirectUri && [metadata.redirect_uris].flat().length === 0)
          return refused(400, "invalid_redirect_uri")
        const client = { clientId: `c${clients.size + 1}`, secret: random(), token: random(), metadata }
        clients.set(client.clientId, client)
        // The first answer shows the secret, whatever is shown later.
        const shown = show(client, request.origin)
        return { status: 201, json: secretless(client) ? shown : { ...shown, client_secret: client.secret } }
      },
    },
    managed("GET", (client, { origin }) => ({ status: 200, json: show(client, origin) })),
    managed("PUT", (client, request) => {
      const metadata = metadataOf(request)
      if (metadata === null || metadata.client_id !== client.clientId) return refused(400, "invalid_client_metadata")
      for (const member of ["registration_access_token", "registration_client_uri", "client_secret_expires_at"])
        if (member in metadata) return refused(400, "invalid_request")
      const kept = Object.entries(client.metadata).filter(([name]) => manners.keeps?.includes(name))
      client.metadata = { ...(manners.merges ? client.metadata : {}), ...metadata, ...Object.fromEntries(kept) }
      if (manners.newSecretOnPut) client.secret = random()
      const told = show(client, request.origin)
      return {
        status: 200,
        json: manners.newSecretOnPut && !secretless(client) ? { ...told, client_secret: client.secret } : told,
      }
    }),
    managed("DELETE", (client) => {
      clients.delete(client.clientId)
      return { status: 204 }
    }),
    {
      method: "POST",
      path: "/token",
      async run(request) {
        const form = new URLSearchParams(request.body)
        const given = clientOf(request, form)
        const client = given && clients.get(given.id)
        if (!client || client.secret !== given.secret) return refused(401, "invalid_client")
        const allowed = new Set(String(client.metadata.scope ?? "").split(" "))
        const asked = (form.get("scope") ?? "").split(" ").filter(Boolean)
        if (asked.some((scope) => !allowed.has(scope))) return refused(400, "invalid_scope")
        const access_token = await key.sign({ iss: request.origin, sub: client.clientId, scope: asked.join(" ") })
        return { status: 200, json: { access_token, token_type: "Bearer", expires_in: 300 } }
      },
    },
  ]
  const server = await startServer({ routes, faults, missing: () => refused(404, "not_found"), port })
  return { ...server, faults, manners, clients, calls }
}

function metadataOf(request: FakeRequest): Record<string, unknown> | null {
  const body = jsonOf(request)
  return typeof body === "object" && body !== null ? { ...body } : null
}
