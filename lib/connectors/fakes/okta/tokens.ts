import { clientOf, type FakeAnswer, type FakeRequest, type Route } from "../base/server.ts"
import type { SigningKey } from "../base/signing.ts"
import { methodOf, usesSecrets } from "./apps.ts"
import { assertedBy } from "./callers.ts"
import { listOf, partOf, textOf } from "./law.ts"
import { newId, writeLog, type FakeApp, type FakeRule, type FakeServer, type Org } from "./state.ts"

const refused = (status: number, error: string, error_description: string): FakeAnswer => ({
  status,
  json: { error, error_description },
})

/** From which repeated wrong secret on the System Log tells of it; one alone leaves no event. */
const wrongSecretsTold = 3

/** The org's own authorization server, for the Management API, and the custom ones with their documents. */
export function tokenRoutes(org: Org, orgKey: SigningKey): readonly Route[] {
  const documents = (path: string, issuerOf: (request: FakeRequest) => string, at: string): Route[] =>
    ["openid-configuration", "oauth-authorization-server"].map((name) => ({
      method: "GET",
      path: `${path}/.well-known/${name}`,
      run: (request) => {
        const issuer = issuerOf(request)
        return {
          status: 200,
          json: {
            issuer,
            token_endpoint: `${issuer}${at}/v1/token`,
            jwks_uri: `${issuer}${at}/v1/keys`,
            introspection_endpoint: `${issuer}${at}/v1/introspect`,
            scopes_supported: ["openid", "offline_access"],
          },
        }
      },
    }))
  const custom = ({ params, origin }: FakeRequest) => `${origin}/oauth2/${params.server ?? ""}`
  const serverAt = ({ params }: FakeRequest) => org.servers.get(params.server ?? "")
  const missing = refused(404, "not_found", "The authorization server is not there.")

  return [
    ...documents("", ({ origin }) => origin, "/oauth2"),
    ...documents("/oauth2/:server", custom, ""),
    { method: "GET", path: "/oauth2/v1/keys", run: () => ({ status: 200, json: orgKey.jwks }) },
    { method: "POST", path: "/oauth2/v1/token", run: (request) => orgToken(org, orgKey, request) },
    {
      method: "GET",
      path: "/oauth2/:server/v1/keys",
      async run(request) {
        const server = serverAt(request)
        return server ? { status: 200, json: (await server.key()).jwks } : missing
      },
    },
    {
      method: "POST",
      path: "/oauth2/:server/v1/token",
      async run(request) {
        const server = serverAt(request)
        return server?.status === "ACTIVE" ? await customToken(org, server, request) : missing
      },
    },
  ]
}

/** private_key_jwt alone. One scope that was not granted refuses them all. */
async function orgToken(org: Org, key: SigningKey, request: FakeRequest): Promise<FakeAnswer> {
  const form = new URLSearchParams(request.body)
  const app = [...org.apps.values()].find(({ clientId }) => clientId === form.get("client_id"))
  const url = `${request.origin}/oauth2/v1/token`
  const proved = app && (await assertedBy(org, app, form.get("client_assertion") ?? "", [url, request.origin]))
  if (!app || !proved || app.status !== "ACTIVE")
    return refused(401, "invalid_client", "The client authentication failed.")
  const scopes = (form.get("scope") ?? "").split(" ").filter((name) => name !== "")
  if (scopes.length === 0 || scopes.some((name) => !app.grants.has(name)))
    return refused(400, "invalid_scope", "One or more scopes are not granted to this client.")
  const iat = Math.floor(org.clock.now().getTime() / 1_000)
  const access_token = await key.sign({
    iss: request.origin,
    aud: request.origin,
    sub: app.clientId,
    cid: app.clientId,
    scp: scopes,
    iat,
    exp: iat + 3_600,
  })
  return { status: 200, json: { token_type: "Bearer", expires_in: 3_600, access_token, scope: scopes.join(" ") } }
}

async function customToken(org: Org, server: FakeServer, request: FakeRequest): Promise<FakeAnswer> {
  const form = new URLSearchParams(request.body)
  const given = clientOf(request, form)
  const app = [...org.apps.values()].find(({ clientId }) => clientId === (given?.id ?? form.get("client_id")))
  if (!app || app.status !== "ACTIVE" || !(await proves(org, app, given, form, request)))
    return refused(401, "invalid_client", "The client secret supplied for a confidential client is invalid.")
  const scopes = (form.get("scope") ?? "").split(" ").filter((name) => name !== "")
  const told = (eventType: string, reason: string | null, granted: readonly string[]) =>
    writeLog(org, eventType, {
      actor: { id: app.clientId, type: "PublicClientApp", displayName: textOf(app.body, "label") },
      outcome: reason === null ? { result: "SUCCESS" } : { result: "FAILURE", reason },
      target: [{ type: "access_token", detailEntry: {} }],
      debugContext: {
        debugData: {
          authorizationServer: server.id,
          authorizationServerName: textOf(server.body, "name"),
          grantType: form.get("grant_type") ?? "",
          requestedScopes: scopes.join(" "),
          ...(reason === null ? { grantedScopes: granted.join(" ") } : {}),
        },
      },
    })
  const no = (error: string, reason: string): FakeAnswer => {
    told("app.oauth2.as.token.grant", reason, [])
    return refused(400, error, `The request was refused: ${reason}.`)
  }
  if (form.get("grant_type") !== "client_credentials") return no("unsupported_grant_type", "unsupported_grant_type")
  if (scopes.length === 0) return no("invalid_scope", "no_scopes_requested")
  if (scopes.some((name) => !server.scopes.some((one) => one.body.name === name)))
    return no("invalid_scope", "no_matching_scope")
  const rule = firstMatch(server, app, scopes)
  if (!rule) return no("access_denied", "no_matching_policy")
  const minutes = Number(partOf(partOf(rule.body, "actions"), "token").accessTokenLifetimeMinutes)
  const iat = Math.floor(org.clock.now().getTime() / 1_000)
  const access_token = await (
    await server.key()
  ).sign({
    ver: 1,
    jti: newId("AT."),
    iss: `${request.origin}/oauth2/${server.id}`,
    aud: listOf(server.body, "audiences")[0] ?? "",
    sub: app.clientId,
    cid: app.clientId,
    scp: [...scopes],
    iat,
    exp: iat + minutes * 60,
  })
  told("app.oauth2.as.token.grant.access_token", null, scopes)
  return {
    status: 200,
    json: { token_type: "Bearer", expires_in: minutes * 60, access_token, scope: scopes.join(" ") },
  }
}

/** By policy, then by rule: the first that matches is applied, and nothing after it is looked at. */
function firstMatch(server: FakeServer, app: FakeApp, scopes: readonly string[]): FakeRule | null {
  for (const policy of server.policies) {
    const clients = listOf(partOf(partOf(policy.body, "conditions"), "clients"), "include")
    if (policy.status !== "ACTIVE" || !(clients.includes(app.clientId) || clients.includes("ALL_CLIENTS"))) continue
    for (const rule of policy.rules) {
      const conditions = partOf(rule.body, "conditions")
      const allowed = listOf(partOf(conditions, "scopes"), "include")
      const grants = listOf(partOf(conditions, "grantTypes"), "include")
      const fits = allowed.includes("*") || scopes.every((name) => allowed.includes(name))
      if (rule.status === "ACTIVE" && grants.includes("client_credentials") && fits) return rule
    }
  }
  return null
}

async function proves(
  org: Org,
  app: FakeApp,
  given: { secret: string; basic: boolean } | null,
  form: URLSearchParams,
  request: FakeRequest,
) {
  if (!usesSecrets(app))
    return await assertedBy(org, app, form.get("client_assertion") ?? "", [`${request.origin}${request.path}`])
  const rightPlace = given !== null && given.basic === (methodOf(app) === "client_secret_basic")
  const right = rightPlace && app.secrets.some(({ status, value }) => status === "ACTIVE" && value === given.secret)
  app.wrong = right ? 0 : app.wrong + 1
  if (app.wrong === wrongSecretsTold)
    writeLog(org, "app.oauth2.invalid_client_credentials", {
      actor: { id: app.clientId, type: "PublicClientApp", displayName: textOf(app.body, "label") },
      outcome: { result: "FAILURE", reason: "Multiple requests with invalid client credentials" },
    })
  return right
}
