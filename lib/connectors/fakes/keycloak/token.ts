/** Tokens of a realm: real RS256 JWTs, refused as Keycloak refuses, with an event for each. */
import { randomUUID } from "node:crypto"
import { createLocalJWKSet, decodeJwt, jwtVerify, type JSONWebKeySet, type JWTPayload } from "jose"
import { isObject } from "../../../base/json.ts"
import { clientOf, type FakeAnswer, type FakeRequest, type Route } from "../base/server.ts"
import type { SigningKey } from "../base/signing.ts"
import type { AdminServer } from "./access.ts"
import { note } from "./logs.ts"
import { accepts } from "./rotation.ts"
import {
  clientNamed,
  refusal,
  serviceAccount,
  unknownError,
  type FakeClient,
  type FakeRealm,
  type FakeScope,
} from "./state.ts"

const assertionType = "urn:ietf:params:oauth:client-assertion-type:jwt-bearer"

export function tokenRoutes(server: AdminServer, key: SigningKey): readonly Route[] {
  const within =
    (run: (request: FakeRequest, realm: FakeRealm) => FakeAnswer | Promise<FakeAnswer>) => (request: FakeRequest) => {
      const realm = server.realms.get(request.params.realm ?? "")
      return realm ? run(request, realm) : refusal(404, "Realm does not exist")
    }
  const oidc = "/realms/:realm/protocol/openid-connect"
  const discovery = within(({ origin }, realm) => {
    const issuer = issuerOf(origin, realm)
    const below = `${issuer}/protocol/openid-connect`
    return {
      status: 200,
      json: {
        issuer,
        token_endpoint: `${below}/token`,
        jwks_uri: `${below}/certs`,
        introspection_endpoint: `${below}/token/introspect`,
        grant_types_supported: ["client_credentials"],
      },
    }
  })
  return [
    {
      method: "GET",
      path: "/realms/:realm",
      run: within((_request, { name }) => ({ status: 200, json: { realm: name } })),
    },
    { method: "GET", path: "/realms/:realm/.well-known/openid-configuration", run: discovery },
    { method: "GET", path: `${oidc}/certs`, run: within(() => ({ status: 200, json: key.jwks })) },
    { method: "POST", path: `${oidc}/token`, run: within((request, realm) => issue(server, key, request, realm)) },
    {
      method: "POST",
      path: `${oidc}/token/introspect`,
      run: within((request, realm) => introspect(server, key, request, realm)),
    },
  ]
}

const issuerOf = (origin: string, { name }: FakeRealm): string => `${origin}/realms/${encodeURIComponent(name)}`

type Proof =
  | { readonly client: FakeClient; readonly details: Record<string, string> }
  | { readonly refused: FakeAnswer; readonly clientId: string; readonly error: string }

/** Who asks: by secret or by signed assertion. */
async function prove(
  server: AdminServer,
  request: FakeRequest,
  realm: FakeRealm,
  form: URLSearchParams,
): Promise<Proof> {
  const assertion = form.get("client_assertion_type") === assertionType ? form.get("client_assertion") : null
  const given = clientOf(request, form)
  const clientId = assertion === null ? (given?.id ?? "") : String(decodeJwt(assertion).sub)
  const client = clientNamed(realm, clientId)
  const no = (status: number, error: string, event: string): Proof => ({
    refused: refusal(status, error),
    clientId,
    error: event,
  })
  if (!client) return no(401, "invalid_client", "client_not_found")
  if (!client.enabled) return no(401, "invalid_client", "client_disabled")
  if (assertion !== null) {
    const claims = await verified(server, realm, client, assertion, issuerOf(request.origin, realm))
    return claims
      ? { client, details: { client_auth_method: "client-jwt", client_jwt_kid: String(claims.kid) } }
      : no(400, "invalid_client", "invalid_client_credentials")
  }
  const now = Math.floor(server.clock.now().getTime() / 1_000)
  const wanted = client.attributes["client.secret.authentication.allowed.method"]
  const method = given?.basic ? "client_secret_basic" : "client_secret_post"
  const fits = client.clientAuthenticatorType === "client-secret" && (wanted === undefined || wanted === method)
  if (!fits || !given || !accepts(client, given.secret, now))
    return no(401, "unauthorized_client", "invalid_client_credentials")
  return { client, details: { client_auth_method: "client-secret" } }
}

async function verified(
  server: AdminServer,
  realm: FakeRealm,
  client: FakeClient,
  assertion: string,
  audience: string,
) {
  if (client.clientAuthenticatorType !== "client-jwt" || client.attributes["use.jwks.string"] !== "true") return null
  try {
    const keys = createLocalJWKSet(JSON.parse(client.attributes["jwks.string"] ?? "") as JSONWebKeySet)
    const { payload, protectedHeader } = await jwtVerify(assertion, keys, { audience, currentDate: server.clock.now() })
    if (typeof payload.jti !== "string" || realm.usedAssertions.has(payload.jti) || Array.isArray(payload.aud))
      return null
    realm.usedAssertions.add(payload.jti)
    return { ...payload, kid: protectedHeader.kid }
  } catch {
    return null
  }
}

async function issue(
  server: AdminServer,
  key: SigningKey,
  request: FakeRequest,
  realm: FakeRealm,
): Promise<FakeAnswer> {
  const form = new URLSearchParams(request.body)
  if (form.get("grant_type") !== "client_credentials") return refusal(400, "unsupported_grant_type")
  if ([...new Set(form.keys())].some((name) => form.getAll(name).length > 1))
    return refusal(400, "invalid_request", "duplicated parameter")
  const time = server.clock.now().getTime()
  const proof = await prove(server, request, realm, form)
  const fail = (clientId: string, error: string, answer: FakeAnswer, reason?: string): FakeAnswer => {
    const details = { grant_type: "client_credentials", ...(reason === undefined ? {} : { reason }) }
    note(realm, time, "CLIENT_LOGIN_ERROR", { clientId, error, details })
    return answer
  }
  if ("refused" in proof) return fail(proof.clientId, proof.error, proof.refused)
  const { client } = proof
  const user = serviceAccount(realm, client)
  if (!client.serviceAccountsEnabled || !user)
    return fail(
      client.clientId,
      "invalid_client",
      refusal(401, "unauthorized_client"),
      "Client not enabled to retrieve service account",
    )
  const asked = form.get("scope")
  const words = asked?.split(" ") ?? []
  const optional = [...client.optionalScopes].flatMap((id) => realm.scopes.get(id) ?? [])
  if (words.some((word) => !optional.some(({ name }) => name === word))) {
    const why = `Invalid scopes: ${asked ?? ""}`
    return fail(client.clientId, "invalid_request", refusal(400, "invalid_scope", why), why)
  }
  const seconds = lifetime(client)
  if (seconds === null) return unknownError
  const granted = [
    ...[...client.defaultScopes].flatMap((id) => realm.scopes.get(id) ?? []),
    ...optional.filter(({ name }) => words.includes(name)),
  ]
  const scope = granted
    .filter((one) => one.attributes["include.in.token.scope"] !== "false")
    .map(({ name }) => name)
    .join(" ")
  const audiences = [...new Set(granted.flatMap(audiencesOf))]
  const [first, ...more] = audiences
  const iat = Math.floor(time / 1_000)
  const jti = `trrtcc:${randomUUID()}`
  const claims: JWTPayload = {
    iss: issuerOf(request.origin, realm),
    sub: user.id,
    azp: client.clientId,
    client_id: client.clientId,
    typ: "Bearer",
    iat,
    exp: iat + seconds,
    jti,
    scope,
    ...(first === undefined ? {} : { aud: more.length === 0 ? first : audiences }),
  }
  const typ = client.attributes["access.token.header.type.rfc9068"] === "true" ? "at+jwt" : "JWT"
  note(realm, time, "CLIENT_LOGIN", {
    clientId: client.clientId,
    userId: user.id,
    details: {
      token_id: jti,
      grant_type: "client_credentials",
      username: user.username,
      ...(scope === "" ? {} : { scope }),
      ...proof.details,
    },
  })
  const access_token = await key.sign(claims, { typ })
  return {
    status: 200,
    json: { access_token, expires_in: seconds, refresh_expires_in: 0, token_type: "Bearer", scope },
  }
}

/** What a scope's mappers put into `aud`, literally: a client's id before a text of one's own, and nothing that is switched off. */
const audiencesOf = ({ protocolMappers }: FakeScope): readonly string[] =>
  protocolMappers
    .filter((one) => one.protocolMapper === "oidc-audience-mapper" && one.config["access.token.claim"] !== "false")
    .map(({ config }) => config["included.client.audience"] || config["included.custom.audience"] || "")
    .filter((audience) => audience !== "")

/** Null: a value that breaks every token request. */
function lifetime({ attributes }: FakeClient): number | null {
  const told = attributes["access.token.lifespan"]
  const alg = attributes["access.token.signed.response.alg"] ?? "RS256"
  if (!/^(RS|PS|ES|HS)(256|384|512)$|^EdDSA$/.test(alg)) return null
  if (told === undefined) return 300
  return /^\d+$/.test(told) ? Number(told) : null
}

async function introspect(
  server: AdminServer,
  key: SigningKey,
  request: FakeRequest,
  realm: FakeRealm,
): Promise<FakeAnswer> {
  const form = new URLSearchParams(request.body)
  const time = server.clock.now().getTime()
  const proof = await prove(server, request, realm, form)
  if ("refused" in proof) return refusal(401, "invalid_client")
  const { client } = proof
  const keys = createLocalJWKSet(key.jwks as JSONWebKeySet)
  const claims = await jwtVerify(form.get("token") ?? "", keys, { currentDate: server.clock.now() }).then(
    ({ payload }) => payload,
    () => null,
  )
  const facts = { clientId: client.clientId, ...(claims ? { userId: claims.sub } : {}) }
  const inactive = (error: string, reason: string): FakeAnswer => {
    note(realm, time, "INTROSPECT_TOKEN_ERROR", { ...facts, error, details: { reason } })
    return { status: 200, json: { active: false } }
  }
  if (!claims) return inactive("invalid_token", "Access token JWT check failed")
  const issuedFor = clientNamed(realm, String(claims.azp))
  if (!issuedFor?.enabled) return inactive("client_disabled", "Client disabled")
  if (![claims.aud].flat().includes(client.clientId))
    return inactive("invalid_token", `Client '${client.clientId}' is not in the token audience`)
  note(realm, time, "INTROSPECT_TOKEN", {
    ...facts,
    details: { token_issued_for: issuedFor.clientId, token_id: claims.jti, token_type: "Bearer", ...proof.details },
  })
  return {
    status: 200,
    json: { ...(isObject(claims) ? claims : {}), active: true, client_id: issuedFor.clientId, token_type: "Bearer" },
  }
}
