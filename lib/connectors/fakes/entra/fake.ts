/** A tenant of Microsoft Entra ID in memory, with the laws of providers.md section 4: its token endpoint and its Graph. */
import { randomUUID } from "node:crypto"
import { isObject } from "../../../base/json.ts"
import { movableClock, type Clock } from "../base/clock.ts"
import { faultList, type Faults } from "../base/faults.ts"
import { startServer, type FakeAnswer, type FakeRequest, type Route } from "../base/server.ts"
import { signingKey } from "../base/signing.ts"
import { privileges } from "../../entra/privileges.ts"
import { applicationRoutes } from "./applications.ts"
import { callers } from "./callers.ts"
import { keyedRoute } from "./keyed.ts"
import { refuse, Refused } from "./law.ts"
import { logRoutes } from "./logs.ts"
import { policyRoutes } from "./policies.ts"
import { principalRoutes } from "./principals.ts"
import { newApp, newPassword, newPrincipal, newTenant, type Tenant } from "./state.ts"
import { tokenRoutes } from "./token.ts"

export interface FakeEntra {
  readonly url: string
  readonly tenant: Tenant
  readonly clock: Clock
  readonly faults: Faults
  /** Settings of a provider of kind `entra` that is this tenant. */
  readonly settings: {
    readonly tenant_id: string
    readonly client_id: string
    readonly client_secret: string
    readonly login_base_url: string
    readonly graph_base_url: string
  }
  stop(): Promise<void>
}

export async function startFakeEntra({ port = 0 }: { readonly port?: number } = {}): Promise<FakeEntra> {
  const clock = movableClock()
  const faults = faultList()
  const tenant = newTenant(clock)
  tenant.permissions = privileges.map(({ name }) => name)
  const key = await signingKey("fake-entra-1")
  const who = callers(tenant, key)
  const graph = [
    ...applicationRoutes(tenant, who),
    ...principalRoutes(tenant, who),
    ...policyRoutes(tenant, who),
    ...logRoutes(tenant, who),
    keyedRoute(tenant, who),
  ]
  const { url, stop } = await startServer({
    routes: [...graph.map((route) => logged(tenant, route)), ...tokenRoutes(tenant, key)],
    faults,
    port,
    missing: () => refuse(404, "BadRequest", "Resource not found for the segment."),
    before: (request) => limited(tenant, request),
  })
  const password = newPassword(tenant)
  const own = newApp(tenant, { displayName: "Grantry", notes: "own", passwordCredentials: [password] })
  tenant.apps.set(own.id, { now: own, past: null })
  const principal = newPrincipal(own.appId)
  tenant.principals.set(principal.id, { now: principal, past: null })
  return {
    url,
    tenant,
    clock,
    faults,
    settings: {
      tenant_id: tenant.id,
      client_id: own.appId,
      client_secret: password.value,
      login_base_url: url,
      graph_base_url: url,
    },
    stop,
  }
}

/** Refusals become answers; a write that was done stands in the audit log. */
function logged(tenant: Tenant, route: Route): Route {
  return {
    ...route,
    async run(request) {
      const answer = await settled(route, request)
      if (route.method !== "GET" && answer.status < 300) audit(tenant, request, answer)
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

function audit(tenant: Tenant, request: FakeRequest, { json }: FakeAnswer): void {
  const claims: unknown = JSON.parse(
    Buffer.from(request.headers.authorization?.split(".")[1] ?? "", "base64url").toString("utf8"),
  )
  const appId = isObject(claims) ? String(claims.appid) : ""
  const made = isObject(json) && typeof json.id === "string" ? json.id : null
  const grant = request.path.includes("/appRoleAssignedTo")
  const body: unknown = request.body === "" ? {} : JSON.parse(request.body)
  const ends = isObject(body) && typeof body.principalId === "string" ? body.principalId : null
  tenant.audits.push({
    id: randomUUID(),
    activityDateTime: tenant.clock.now().toISOString(),
    category: "ApplicationManagement",
    activityDisplayName: grant
      ? `${request.method === "DELETE" ? "Remove" : "Add"} app role assignment to service principal`
      : `${request.method} ${request.path}`,
    result: "success",
    initiatedBy: { user: null, app: { appId, displayName: "Grantry", servicePrincipalId: null } },
    targetResources: [
      {
        id: (grant ? null : made) ?? request.params.id ?? null,
        type: request.path.includes("/servicePrincipals") ? "ServicePrincipal" : "Application",
        modifiedProperties:
          ends === null
            ? []
            : [{ displayName: "ServicePrincipal.ObjectID", oldValue: null, newValue: JSON.stringify(ends) }],
      },
    ],
  })
}

const windowMs = 10_000

/** So many requests in ten seconds; beyond that 429, as the directory answers: without Retry-After. */
function limited(tenant: Tenant, { path }: FakeRequest): FakeAnswer | null {
  const { requestsPer10s } = tenant.modes
  if (requestsPer10s === null || !(path.startsWith("/v1.0/") || path.startsWith("/beta/"))) return null
  const now = tenant.clock.now().getTime()
  const { window } = tenant
  if (now - window.start >= windowMs) Object.assign(window, { start: now, used: 0 })
  window.used += 1
  if (window.used <= requestsPer10s) return null
  return {
    ...refuse(429, "TooManyRequests", "Too many requests."),
    headers: { "x-ms-throttle-limit-percentage": "1.2", "x-ms-throttle-scope": "Tenant_Application/ReadWrite" },
  }
}
