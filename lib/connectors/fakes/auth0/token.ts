import { importJWK, importSPKI, jwtVerify } from "jose"
import { clientOf, jsonOf, type FakeAnswer, type FakeRequest, type Route } from "../base/server.ts"
import type { SigningKey } from "../base/signing.ts"
import { isObject } from "../../../base/json.ts"
import { refuse, Refused } from "./law.ts"
import { acceptsSecret, newId, writeLog, type FakeApi, type FakeClient, type Tenant } from "./state.ts"

/** Who calls the Management API, and with which of its scopes. */
export interface Caller {
  readonly clientId: string
  readonly scopes: ReadonlySet<string>
}

/** Checks a Management API token and that it has one of these scopes. Throws Refused 401 or 403. */
export function callers(tenant: Tenant, key: SigningKey) {
  const keys = Promise.all(key.jwks.keys.map((jwk) => importJWK(jwk, "RS256")))
  return async (request: FakeRequest, ...anyOf: readonly string[]): Promise<Caller> => {
    const token = /^Bearer (.+)$/.exec(request.headers.authorization ?? "")?.[1]
    if (token === undefined) throw new Refused(refuse(tenant, 401, "Missing authentication", "missing_token"))
    const [verifying] = await keys
    const claims = await jwtVerify(token, verifying ?? new Uint8Array(), {
      currentDate: tenant.clock.now(),
      algorithms: ["RS256"],
    }).then(
      ({ payload }) => payload,
      () => null,
    )
    if (!claims || !String(claims.aud).endsWith("/api/v2/"))
      throw new Refused(refuse(tenant, 401, "Invalid token", "invalid_token"))
    const scopes = new Set(String(claims.scope ?? "").split(" "))
    if (!anyOf.some((scope) => scopes.has(scope)))
      throw new Refused(
        refuse(tenant, 403, `Insufficient scope, expected any of: ${anyOf.join(",")}`, "insufficient_scope"),
      )
    return { clientId: String(claims.azp), scopes }
  }
}

export function tokenRoutes(tenant: Tenant, key: SigningKey): readonly Route[] {
  return [
    {
      method: "GET",
      path: "/.well-known/openid-configuration",
      run: ({ origin }) => ({
        status: 200,
        json: {
          issuer: `${origin}/`,
          token_endpoint: `${origin}/oauth/token`,
          jwks_uri: `${origin}/.well-known/jwks.json`,
          token_endpoint_auth_methods_supported: ["client_secret_basic", "client_secret_post", "private_key_jwt"],
        },
      }),
    },
    { method: "GET", path: "/.well-known/jwks.json", run: () => ({ status: 200, json: key.jwks }) },
    { method: "POST", path: "/oauth/token", run: (request) => exchange(tenant, key, request) },
  ]
}

const oauth = (status: number, error: string, error_description: string): FakeAnswer => ({
  status,
  json: { error, error_description },
})

/** RFC 6749 section 4.4, in Auth0's manner: the API is named by `audience`, refusals are `access_denied`. */
async function exchange(tenant: Tenant, key: SigningKey, request: FakeRequest): Promise<FakeAnswer> {
  const json = jsonOf(request)
  const form = isObject(json)
    ? new URLSearchParams(Object.entries(json).map(([name, value]) => [name, String(value)]))
    : new URLSearchParams(request.body)
  const audience = form.get("audience") ?? form.get("resource")
  const given = clientOf(request, form)
  const clientId = given?.id ?? form.get("client_id") ?? ""
  const client = tenant.clients.get(clientId)
  const envelope = {
    description: "",
    connection_id: "",
    client_id: clientId,
    client_name: client?.name ?? "",
    ip: "203.0.113.72",
    user_agent: "Other 0.0.0 / Other 0.0.0",
    hostname: new URL(request.origin).hostname,
    user_id: "",
    user_name: "",
    audience: audience ?? "",
    scope: "",
    $event_schema: { version: "1.0.0" },
  }
  const failed = (answer: FakeAnswer, description: string, details: Record<string, unknown> = {}): FakeAnswer => {
    writeLog(tenant, "feccft", { ...envelope, description, details })
    return answer
  }

  if (form.get("grant_type") !== "client_credentials")
    return oauth(403, "unsupported_grant_type", "Unsupported grant type")
  if (!client || !(await proved(tenant, client, given?.secret ?? null, form, request.origin)))
    return failed(oauth(401, "access_denied", "Unauthorized"), "Unauthorized", {
      client_authentoication_error: "invalid credentials",
    })
  if (!client.grant_types.includes("client_credentials")) {
    const why = "Grant type 'client_credentials' not allowed for the client."
    return failed(oauth(403, "unauthorized_client", why), why)
  }
  const api = [...tenant.apis.values()].find(({ identifier }) => identifier === audience)
  if (audience === null || !api) {
    const why = `Service not found: ${audience ?? ""}`
    return failed(oauth(403, "access_denied", why), why)
  }
  const grant = [...tenant.grants.values()].find(
    (one) => one.client_id === clientId && one.audience === audience && one.subject_type === "client",
  )
  if (!grant) {
    const why = `Client is not authorized to access "${audience}". You need to create a "client-grant" associated to this API.`
    return failed(oauth(403, "access_denied", why), why)
  }
  const scope = (grant.allow_all_scopes ? api.scopes.map(({ value }) => value) : grant.scope).join(" ")
  const jti = newId("", 22)
  const access_token = await accessToken(tenant, key, { client, api, scope, jti, issuer: `${request.origin}/` })
  writeLog(tenant, "seccft", {
    ...envelope,
    description: "Client Credentials for Access Token",
    scope,
    details: { access_token_jti: jti, actions: { executions: [] } },
  })
  return {
    status: 200,
    headers: { "cache-control": "no-store" },
    json: { access_token, token_type: "Bearer", expires_in: api.token_lifetime, ...(scope === "" ? {} : { scope }) },
  }
}

async function proved(
  tenant: Tenant,
  client: FakeClient,
  secret: string | null,
  form: URLSearchParams,
  origin: string,
): Promise<boolean> {
  const now = tenant.clock.now()
  const methods = client.client_authentication_methods
  if (methods === null) return secret !== null && acceptsSecret(tenant, client, secret)
  const ids = new Set(methods.private_key_jwt.credentials.map(({ id }) => id))
  for (const { id, pem, alg, expires_at } of tenant.credentials.get(client.client_id) ?? []) {
    if (!ids.has(id) || (expires_at !== null && Date.parse(expires_at) <= now.getTime())) continue
    const good = await jwtVerify(form.get("client_assertion") ?? "", await importSPKI(pem, alg), {
      currentDate: now,
      algorithms: [alg],
      audience: [`${origin}/`, `${origin}/oauth/token`],
      issuer: client.client_id,
      subject: client.client_id,
    }).then(
      () => true,
      () => false,
    )
    if (good) return true
  }
  return false
}

function accessToken(
  tenant: Tenant,
  key: SigningKey,
  token: { client: FakeClient; api: FakeApi; scope: string; jti: string; issuer: string },
): Promise<string> {
  const { client, api, scope, jti, issuer } = token
  const iat = Math.floor(tenant.clock.now().getTime() / 1_000)
  const rfc9068 = api.token_dialect.startsWith("rfc9068_profile")
  return key.sign(
    {
      iss: issuer,
      sub: `${client.client_id}@clients`,
      aud: api.identifier,
      iat,
      exp: iat + api.token_lifetime,
      ...(scope === "" ? {} : { scope }),
      gty: "client-credentials",
      jti,
      ...(rfc9068 ? { client_id: client.client_id } : { azp: client.client_id }),
    },
    { typ: rfc9068 ? "at+jwt" : "JWT" },
  )
}
