/**
 * A host built on OpenIddict, as a twin in memory: discovery, token endpoint, introspection with its rule of presenters and
 * audiences, encrypted, reference or plain access tokens, and the bundle API of docs/openiddict-bundle.md.
 */
import { createHash, randomBytes } from "node:crypto"
import { CompactEncrypt, generateKeyPair } from "jose"
import { bundleFormat, emptyState, patched, type Application, type Patch, type State } from "../../openiddict/bundle.ts"
import { movableClock, type Clock } from "../base/clock.ts"
import { faultList, type Faults } from "../base/faults.ts"
import { clientOf, jsonOf, startServer, type FakeAnswer, type FakeRequest, type Route } from "../base/server.ts"
import { signingKey } from "../base/signing.ts"

export interface TwinOptions {
  /** Access tokens are encrypted by default; references are opaque and known by introspection alone. */
  readonly tokens?: "encrypted" | "reference" | "plain"
  readonly port?: number
}

export interface OpeniddictTwin {
  readonly url: string
  readonly clock: Clock
  readonly faults: Faults
  /** What the host's own administrator sees and does. */
  state(): State
  administer(change: (before: State) => State): void
  setSecret(clientId: string, secret: string): void
  stop(): Promise<void>
}

export const twinBundleToken = "bundle-token-of-the-twin"
/** An application that may introspect, as the host has made it. */
export const twinIntrospector = { id: "resource_dataEventRecords", secret: "dataEventRecordsSecret" }

const lifeSeconds = 3_600
const hashOf = (secret: string): string => createHash("sha256").update(secret).digest("hex")

interface Issued {
  readonly clientId: string
  readonly audiences: readonly string[]
  readonly scopes: readonly string[]
  readonly issuedAt: number
  readonly expiresAt: number
}

export async function startOpeniddictTwin({
  tokens = "encrypted",
  port = 0,
}: TwinOptions = {}): Promise<OpeniddictTwin> {
  const clock = movableClock()
  const faults = faultList()
  const signing = await signingKey("openiddict-signing-1")
  const encryption = await generateKeyPair("RSA-OAEP")
  const secrets = new Map([[twinIntrospector.id, hashOf(twinIntrospector.secret)]])
  const issued = new Map<string, Issued>()
  let revision = 1
  let held: State = { ...emptyState, server: { version: "6.0", ...modeOf(tokens) }, applications: [introspector()] }
  const administer = (change: (before: State) => State) => {
    revision += 1
    held = { ...change(held), revision: String(revision) }
  }

  const authenticated = (request: FakeRequest, form: URLSearchParams): Application | null => {
    const given = clientOf(request, form)
    if (!given || secrets.get(given.id) !== hashOf(given.secret)) return null
    return held.applications.find(({ clientId }) => clientId === given.id) ?? null
  }

  async function issue(request: FakeRequest): Promise<FakeAnswer> {
    const form = new URLSearchParams(request.body)
    const app = authenticated(request, form)
    if (!app) return refused(401, "invalid_client", "ID2055")
    if (!app.permissions.includes("ept:token")) return refused(400, "unauthorized_client", "ID2063")
    if (!app.permissions.includes("gt:client_credentials")) return refused(400, "unauthorized_client", "ID2064")
    const scopes = (form.get("scope") ?? "").split(" ").filter(Boolean)
    if (scopes.some((name) => !held.scopes.some((one) => one.name === name)))
      return refused(400, "invalid_scope", "ID2052")
    if (scopes.some((name) => !app.permissions.includes(`scp:${name}`)))
      return refused(400, "invalid_request", "ID2051")
    // The host's own code: principal.SetResources(await scopeManager.ListResourcesAsync(scopes)).
    const audiences = [
      ...new Set(held.scopes.filter(({ name }) => scopes.includes(name)).flatMap((one) => one.resources)),
    ]
    const life = secondsOf(app.settings["tkn_lft:act"]) ?? lifeSeconds
    const now = Math.floor(clock.now().getTime() / 1_000)
    const token = { clientId: app.clientId, audiences, scopes, issuedAt: now, expiresAt: now + life }
    const access_token = await written(token, request.origin)
    issued.set(access_token, token)
    return { status: 200, json: { access_token, token_type: "Bearer", expires_in: life } }
  }

  async function written(token: Issued, iss: string): Promise<string> {
    if (tokens === "reference") return randomBytes(32).toString("base64url")
    const jws = await signing.sign(
      {
        iss,
        sub: token.clientId,
        client_id: token.clientId,
        oi_prst: token.clientId,
        aud: [...token.audiences],
        scope: token.scopes.join(" "),
        iat: token.issuedAt,
        exp: token.expiresAt,
        jti: randomBytes(16).toString("hex"),
      },
      { typ: "at+jwt" },
    )
    if (tokens === "plain") return jws
    return await new CompactEncrypt(new TextEncoder().encode(jws))
      .setProtectedHeader({
        alg: "RSA-OAEP",
        enc: "A256CBC-HS512",
        kid: "openiddict-encryption-1",
        typ: "at+jwt",
        cty: "JWT",
      })
      .encrypt(encryption.publicKey)
  }

  /** OpenIddictServerHandlers.Introspection: audiences or presenters name the caller; only an audience sees scopes. */
  function introspect(request: FakeRequest): FakeAnswer {
    const form = new URLSearchParams(request.body)
    const caller = authenticated(request, form)
    if (!caller) return refused(401, "invalid_client", "ID2055")
    if (!caller.permissions.includes("ept:introspection")) return refused(400, "unauthorized_client", "ID2075")
    const token = issued.get(form.get("token") ?? "")
    const inAudience = token?.audiences.includes(caller.clientId) ?? false
    const live = token !== undefined && token.expiresAt * 1_000 > clock.now().getTime()
    if (!live || !(inAudience || token.clientId === caller.clientId)) return { status: 200, json: { active: false } }
    const { clientId, audiences, scopes, issuedAt: iat, expiresAt: exp } = token
    const base = { active: true, iss: request.origin, sub: clientId, client_id: clientId, aud: audiences, iat, exp }
    return {
      status: 200,
      json: {
        ...base,
        token_type: "Bearer",
        token_usage: "access_token",
        ...(inAudience ? { scope: scopes.join(" ") } : {}),
      },
    }
  }

  const bundle = (run: (request: FakeRequest) => FakeAnswer) => (request: FakeRequest) =>
    request.headers.authorization === `Bearer ${twinBundleToken}` ? run(request) : refused(401, "invalid_token", "")

  function putBundle(request: FakeRequest): FakeAnswer {
    const body = jsonOf(request) as (Patch & { format?: string; instance?: string; revision?: string }) | undefined
    if (body?.format !== bundleFormat) return refused(422, "invalid_bundle", "format")
    if (body.revision !== held.revision) return refused(412, "stale", `revision is ${held.revision}`)
    for (const { clientId, clientSecret } of body.applications ?? [])
      if (clientSecret !== undefined) secrets.set(clientId, hashOf(clientSecret))
    for (const name of body.remove?.applications ?? []) secrets.delete(name)
    administer((before) => patched(before, body, ""))
    return { status: 200, json: { format: bundleFormat, revision: held.revision } }
  }

  const routes: Route[] = [
    {
      method: "GET",
      path: "/.well-known/openid-configuration",
      run: ({ origin }) => ({
        status: 200,
        json: {
          issuer: origin,
          token_endpoint: `${origin}/connect/token`,
          introspection_endpoint: `${origin}/connect/introspect`,
          jwks_uri: `${origin}/.well-known/jwks`,
          grant_types_supported: ["client_credentials"],
        },
      }),
    },
    { method: "GET", path: "/.well-known/jwks", run: () => ({ status: 200, json: signing.jwks }) },
    { method: "POST", path: "/connect/token", run: issue },
    { method: "POST", path: "/connect/introspect", run: introspect },
    { method: "GET", path: "/grantry/state", run: bundle(() => ({ status: 200, json: held })) },
    { method: "PUT", path: "/grantry/bundle", run: bundle(putBundle) },
  ]
  administer((before) => before)
  const server = await startServer({ routes, faults, missing: () => ({ status: 404 }), port })
  return {
    ...server,
    clock,
    faults,
    state: () => held,
    administer,
    setSecret: (clientId, secret) => void secrets.set(clientId, hashOf(secret)),
  }
}

const modeOf = (tokens: string) => ({
  referenceTokens: tokens === "reference",
  encryptedTokens: tokens === "encrypted",
})

const introspector = (): Application => ({
  clientId: twinIntrospector.id,
  clientType: "confidential",
  displayName: "Data event records API",
  displayNames: { de: "API der Datenereignisse", fr: "API des événements" },
  jsonWebKeySet: null,
  permissions: ["ept:introspection"],
  resources: [],
  settings: {},
  properties: {},
})

const refused = (status: number, error: string, error_description: string): FakeAnswer => ({
  status,
  json: { error, error_description },
})

function secondsOf(span: string | undefined): number | null {
  const match = /^(?:(\d+)\.)?(\d+):(\d+):(\d+)$/.exec(span ?? "")
  if (!match) return null
  const [d = 0, h = 0, m = 0, s = 0] = match.slice(1).map((part) => Number(part ?? 0))
  return d * 86_400 + h * 3_600 + m * 60 + s
}
