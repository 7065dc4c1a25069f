import { randomUUID } from "node:crypto"
import { clientOf, type FakeAnswer, type FakeRequest, type Route } from "../base/server.ts"
import type { SigningKey } from "../base/signing.ts"
import { graphResource } from "./callers.ts"
import { secondsOf } from "./policies.ts"
import { appOf, principalOf, type FakeApp, type FakePassword, type Tenant } from "./state.ts"

export function tokenRoutes(tenant: Tenant, key: SigningKey): readonly Route[] {
  return [
    {
      method: "GET",
      path: "/:tenant/v2.0/.well-known/openid-configuration",
      run: ({ origin, params }) =>
        params.tenant === tenant.id
          ? {
              status: 200,
              json: {
                issuer: `${origin}/${tenant.id}/v2.0`,
                token_endpoint: `${origin}/${tenant.id}/oauth2/v2.0/token`,
                jwks_uri: `${origin}/${tenant.id}/discovery/v2.0/keys`,
                token_endpoint_auth_methods_supported: ["client_secret_post", "private_key_jwt", "client_secret_basic"],
              },
            }
          : aadsts(400, "invalid_tenant", 90002, `Tenant '${params.tenant ?? ""}' not found.`, tenant),
    },
    { method: "GET", path: "/:tenant/discovery/v2.0/keys", run: () => ({ status: 200, json: key.jwks }) },
    { method: "POST", path: "/:tenant/oauth2/v2.0/token", run: (request) => exchange(tenant, key, request) },
  ]
}

function aadsts(status: number, error: string, code: number, message: string, tenant: Tenant): FakeAnswer {
  const [trace, correlation] = [randomUUID(), randomUUID()]
  return {
    status,
    json: {
      error,
      error_description: `AADSTS${code}: ${message} Trace ID: ${trace} Correlation ID: ${correlation}`,
      error_codes: [code],
      timestamp: tenant.clock.now().toISOString(),
      trace_id: trace,
      correlation_id: correlation,
    },
  }
}

/** RFC 6749 section 4.4 in Entra's manner: one resource and `/.default`, all granted roles, refusals with a number. */
async function exchange(tenant: Tenant, key: SigningKey, request: FakeRequest): Promise<FakeAnswer> {
  const form = new URLSearchParams(request.body)
  if (request.params.tenant !== tenant.id) return aadsts(400, "invalid_request", 90002, "Tenant not found.", tenant)
  if (form.get("grant_type") !== "client_credentials")
    return aadsts(400, "unsupported_grant_type", 70003, "The app requested an unsupported grant type.", tenant)
  const given = clientOf(request, form)
  const scope = form.get("scope") ?? ""
  const resource = /^(\S+)\/\.default$/.exec(scope)?.[1]
  if (resource === undefined)
    return aadsts(400, "invalid_scope", 1002012, `The provided value for scope ${scope} is not valid.`, tenant)
  const client = appOf(tenant, given?.id ?? "")
  if (!client || !given)
    return aadsts(400, "unauthorized_client", 700016, "Application was not found in the directory.", tenant)
  const api = resourceOf(tenant, resource)
  const proved = proof(tenant, client, given.secret)
  const log = (code: number) => signIn(tenant, request, { client, api, code, password: proved.password })
  const fail = (status: number, error: string, code: number, message: string): FakeAnswer => {
    log(code)
    return aadsts(status, error, code, message, tenant)
  }
  if (proved.code !== null) return fail(401, "invalid_client", proved.code, "Invalid or expired client secret.")
  const principal = principalOf(tenant, client.appId)
  if (!principal) return fail(400, "unauthorized_client", 700016, "The application has no service principal here.")
  if (!principal.accountEnabled || client.isDisabled === true)
    return fail(400, "unauthorized_client", 7000112, "Application is disabled.")
  if (resource === graphResource) return await forGraph(tenant, key, client)
  const target = api === null ? null : principalOf(tenant, api.appId)
  if (api === null || target === null)
    return fail(400, "invalid_resource", 500011, `The resource principal named ${resource} was not found.`)
  const held = [...tenant.assignments.values()].filter(
    (one) => one.principalId === principal.id && one.resourceId === target.id,
  )
  if (target.appRoleAssignmentRequired && held.length === 0)
    return fail(400, "invalid_grant", 501051, "Application is not assigned to a role for the application.")
  const roles = held.flatMap(({ appRoleId }) => {
    const role = api.appRoles.find(({ id }) => id === appRoleId)
    return role?.isEnabled && role.value !== null ? [role.value] : []
  })
  const [policy] = (tenant.links.get(api.id) ?? []).flatMap((id) => tenant.policies.get(id) ?? [])
  const expires_in = policy ? secondsOf(policy.definition) : 3_600 + Math.floor(Math.random() * 1_800)
  const version2 = api.api.requestedAccessTokenVersion === 2
  const access_token = await sign(tenant, key, expires_in, {
    iss: version2 ? `${request.origin}/${tenant.id}/v2.0` : `https://sts.windows.net/${tenant.id}/`,
    aud: version2 ? api.appId : (api.identifierUris[0] ?? api.appId),
    ver: version2 ? "2.0" : "1.0",
    [version2 ? "azp" : "appid"]: client.appId,
    oid: principal.id,
    sub: principal.id,
    ...(roles.length === 0 ? {} : { roles }),
  })
  log(0)
  return { status: 200, json: { token_type: "Bearer", expires_in, ext_expires_in: expires_in, access_token } }
}

function resourceOf(tenant: Tenant, resource: string): FakeApp | null {
  const apps = [...tenant.apps.values()].map(({ now }) => now)
  return apps.find(({ identifierUris, appId }) => identifierUris.includes(resource) || appId === resource) ?? null
}

/** Each secret counts between its own dates, and once it is known everywhere. */
function proof(
  tenant: Tenant,
  { passwordCredentials }: FakeApp,
  value: string,
): { code: number | null; password: FakePassword | null } {
  const now = tenant.clock.now().getTime()
  const password = passwordCredentials.find((one) => one.value === value) ?? null
  if (!password || now < password.knownAt || now < Date.parse(password.startDateTime))
    return { code: 7000215, password: null }
  return { code: now >= Date.parse(password.endDateTime) ? 7000222 : null, password }
}

async function forGraph(tenant: Tenant, key: SigningKey, client: FakeApp): Promise<FakeAnswer> {
  const access_token = await sign(tenant, key, 3_599, {
    iss: `https://sts.windows.net/${tenant.id}/`,
    aud: graphResource,
    appid: client.appId,
    idtyp: "app",
    roles: client.notes === "own" ? [...tenant.permissions] : [],
  })
  return { status: 200, json: { token_type: "Bearer", expires_in: 3_599, access_token } }
}

function sign(tenant: Tenant, key: SigningKey, seconds: number, claims: Record<string, unknown>): Promise<string> {
  const iat = Math.floor(tenant.clock.now().getTime() / 1_000)
  return key.sign({ tid: tenant.id, iat, nbf: iat, exp: iat + seconds, uti: randomUUID(), ...claims })
}

interface Attempt {
  readonly client: FakeApp
  readonly api: FakeApp | null
  readonly code: number
  readonly password: FakePassword | null
}

function signIn(tenant: Tenant, request: FakeRequest, { client, api, code, password }: Attempt): void {
  const principal = principalOf(tenant, client.appId)
  const keyId = password?.keyId ?? null
  tenant.signIns.push({
    id: randomUUID(),
    createdDateTime: tenant.clock.now().toISOString(),
    appId: client.appId,
    appDisplayName: client.displayName,
    clientCredentialType: "clientSecret",
    correlationId: randomUUID(),
    ipAddress: "203.0.113.12",
    isInteractive: false,
    processingTimeInMilliseconds: 41,
    resourceDisplayName: api?.displayName ?? null,
    resourceId: api?.appId ?? null,
    resourceServicePrincipalId: api === null ? null : (principalOf(tenant, api.appId)?.id ?? null),
    servicePrincipalId: principal?.id ?? null,
    servicePrincipalName: client.displayName,
    servicePrincipalCredentialKeyId: tenant.modes.keyIdOnSignIns ? keyId : null,
    signInEventTypes: ["servicePrincipal"],
    status: { errorCode: code, failureReason: code === 0 ? null : `AADSTS${code}` },
    uniqueTokenIdentifier: randomUUID(),
    userAgent: request.headers["user-agent"] ?? "",
    usedKeyId: keyId,
  })
}
