/** A tenant of Auth0 in memory, with the laws of providers.md section 2. */
import { movableClock, type Clock } from "../base/clock.ts"
import { faultList, type Faults } from "../base/faults.ts"
import { startServer, type FakeAnswer, type FakeRequest, type Route } from "../base/server.ts"
import { signingKey } from "../base/signing.ts"
import { privileges } from "../../auth0/privileges.ts"
import { apiRoutes, grantRoutes } from "./apis.ts"
import { clientRoutes } from "./clients.ts"
import { refuse, Refused } from "./law.ts"
import { logRoutes } from "./logs.ts"
import { newId, newSecret, newTenant, writeLog, type FakeClient, type Tenant } from "./state.ts"
import { callers, tokenRoutes } from "./token.ts"

export interface FakeAuth0 {
  readonly url: string
  readonly tenant: Tenant
  readonly clock: Clock
  readonly faults: Faults
  /** Settings of a provider of kind `auth0` that is this tenant. */
  readonly settings: { readonly base_url: string; readonly client_id: string; readonly client_secret: string }
  /** Replaces the scopes of Grantry's own application at the Management API. */
  allow(scopes: readonly string[]): void
  stop(): Promise<void>
}

export async function startFakeAuth0({ port = 0 }: { readonly port?: number } = {}): Promise<FakeAuth0> {
  const clock = movableClock()
  const faults = faultList()
  const tenant = newTenant(clock)
  const key = await signingKey("fake-auth0-1")
  const who = callers(tenant, key)
  const management = [
    ...clientRoutes(tenant, who),
    ...apiRoutes(tenant, who),
    ...grantRoutes(tenant, who),
    ...logRoutes(tenant, who),
  ]
  const { url, stop } = await startServer({
    routes: [...management.map((route) => logged(tenant, route)), ...tokenRoutes(tenant, key)],
    faults,
    port,
    missing: () => refuse(tenant, 404, "Not Found"),
    before: (request) => limited(tenant, request),
    trailer: (request) => limitHeaders(tenant, request),
  })
  const own = ownApplication()
  tenant.clients.set(own.client_id, own)
  const identifier = `${url}/api/v2/`
  const api = newId("", 24)
  tenant.apis.set(api, {
    id: api,
    identifier,
    name: "Auth0 Management API",
    is_system: true,
    scopes: [...privileges.map(({ name }) => name), "read:client_keys"].map((value) => ({ value })),
    signing_alg: "RS256",
    token_lifetime: 86_400,
    token_dialect: "access_token",
    subject_type_authorization: {},
  })
  const allow = (scope: readonly string[]): void => {
    const id = "cgr_ownManagementGrant"
    tenant.grants.set(id, {
      id,
      client_id: own.client_id,
      audience: identifier,
      scope: [...scope],
      subject_type: "client",
      allow_all_scopes: false,
      is_system: false,
    })
  }
  allow(privileges.map(({ name }) => name))
  return {
    url,
    tenant,
    clock,
    faults,
    settings: { base_url: url, client_id: own.client_id, client_secret: own.client_secret },
    allow,
    stop,
  }
}

const ownApplication = (): FakeClient => ({
  client_id: newId(),
  name: "Grantry",
  description: "",
  app_type: "non_interactive",
  is_first_party: true,
  oidc_conformant: true,
  grant_types: ["client_credentials"],
  token_endpoint_auth_method: "client_secret_post",
  client_authentication_methods: null,
  client_metadata: {},
  jwt_configuration: { alg: "RS256", lifetime_in_seconds: 36_000 },
  global: false,
  client_secret: newSecret(),
  previous: null,
})

/** Refusals become answers; a write leaves `sapi` or `fapi` in the tenant's log. */
function logged(tenant: Tenant, route: Route): Route {
  return {
    ...route,
    async run(request) {
      const answer = await settled(route, request)
      if (route.method !== "GET") logWrite(tenant, request, answer)
      return answer
    },
  }
}

async function settled(route: Route, request: FakeRequest): Promise<FakeAnswer> {
  try {
    return await route.run(request)
  } catch (error) {
    if (error instanceof Refused) return error.answer
    throw error
  }
}

function logWrite(tenant: Tenant, request: FakeRequest, answer: FakeAnswer): void {
  const token = request.headers.authorization?.split(".")[1] ?? ""
  const claims: unknown = token === "" ? {} : JSON.parse(Buffer.from(token, "base64url").toString("utf8"))
  const clientId = typeof claims === "object" && claims !== null && "azp" in claims ? String(claims.azp) : ""
  const body = answer.json
  writeLog(tenant, answer.status < 300 ? "sapi" : "fapi", {
    description: `${request.method} ${request.path}`,
    client_id: clientId,
    client_name: tenant.clients.get(clientId)?.name ?? "",
    ip: "203.0.113.9",
    user_agent: "Other 0.0.0 / Other 0.0.0",
    user_id: "",
    details: {
      request: {
        method: request.method.toLowerCase(),
        path: request.path,
        query: {},
        channel: "api",
        auth: { strategy: "jwt" },
      },
      response: { statusCode: answer.status, ...(body === undefined ? {} : { body: withoutSecret(body) }) },
    },
  })
}

const withoutSecret = (body: unknown): unknown =>
  JSON.parse(JSON.stringify(body, (key: string, value: unknown) => (key === "client_secret" ? "***" : value)))

const isManagement = ({ path }: FakeRequest): boolean => path.startsWith("/api/v2/")

/** One token bucket for the Management API. */
function limited(tenant: Tenant, request: FakeRequest): FakeAnswer | null {
  const { bucket: law } = tenant.modes
  if (law === null || !isManagement(request)) return null
  const now = tenant.clock.now().getTime()
  const { bucket } = tenant
  const flown = bucket.at === 0 ? law.burst : ((now - bucket.at) / 1_000) * law.perSecond
  bucket.left = Math.min(law.burst, bucket.left + flown)
  bucket.at = now
  if (bucket.left < 1) return refuse(tenant, 429, "Global limit has been reached", "too_many_requests")
  bucket.left -= 1
  return null
}

function limitHeaders(tenant: Tenant, request: FakeRequest): Record<string, string> {
  const { bucket: law } = tenant.modes
  if (law === null || !isManagement(request)) return {}
  const left = Math.max(0, Math.floor(tenant.bucket.left))
  const waitMs = left > 0 ? 0 : ((1 - tenant.bucket.left) / law.perSecond) * 1_000
  return {
    "x-ratelimit-limit": String(law.burst),
    "x-ratelimit-remaining": String(left),
    "x-ratelimit-reset": String(Math.ceil((tenant.clock.now().getTime() + waitMs) / 1_000)),
  }
}
