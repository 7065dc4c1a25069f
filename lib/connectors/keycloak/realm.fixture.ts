/** A realm of a test's own on a real server, made by the set-up that people use, and taken away afterwards. */
import { randomBytes } from "node:crypto"
import { guardedFetch } from "../../base/http.ts"
import type { Json } from "../../base/json.ts"
import { basic } from "../../oauth/client-auth.ts"
import { testOpened } from "../memory.fixture.ts"
import { splitGrantKey, type DesiredObject, type ObjectKind } from "../objects.ts"
import type { Connector, TokenRequest } from "../port.ts"
import type { Behind } from "../contract-subject.ts"
import { openKeycloak } from "./keycloak.ts"
import { adminUrl, realmUrl, tokenUrl, type KeycloakSettings } from "./settings.ts"
import { setUpRealm, type SetUp } from "./setup.ts"

/** The server under test, and an administrator of it. */
export interface Server {
  readonly base_url: string
  readonly admin: { readonly client_id: string; readonly client_secret: string }
}

export const testFetch = guardedFetch({ allowHosts: ["127.0.0.1", "localhost"], timeoutMs: 20_000 })

interface Answer {
  readonly status: number
  readonly body: unknown
}

export interface TestRealm {
  readonly settings: KeycloakSettings
  readonly setUp: SetUp
  readonly behind: Behind
  connector(fetch?: typeof testFetch): Connector
  /** One call below `/admin/realms/{realm}` as the server's administrator; statuses from 400 on throw unless `loose`. */
  admin(method: string, path: string, body?: unknown, loose?: boolean): Promise<Answer>
  /** A token request as this client. */
  token(clientId: string, secret: string, parameters: TokenRequest["parameters"]): Promise<Answer>
  introspect(token: string, clientId: string, secret: string): Promise<Answer>
  /** Opens the realm as another client of it, whose service account has exactly these roles of realm-management. */
  as(roles: readonly string[]): Promise<Connector>
  remove(): Promise<void>
}

const parsed = (text: string): unknown => (text === "" ? null : JSON.parse(text))

async function form(
  url: string,
  fields: Record<string, string>,
  client: { id: string; secret: string },
): Promise<Answer> {
  const headers = {
    authorization: basic(client.id, client.secret),
    "content-type": "application/x-www-form-urlencoded",
  }
  const { status, text } = await testFetch(url, {
    method: "POST",
    headers,
    body: new URLSearchParams(fields).toString(),
  })
  return { status, body: parsed(text) }
}

export async function testRealm(server: Server): Promise<TestRealm> {
  const realm = `test-${randomBytes(6).toString("hex")}`
  const { base_url, admin: by } = server
  const setUp = await setUpRealm(testFetch, { base_url, realm, create_realm: true, admin: by })
  const { settings } = setUp

  const adminToken = async (): Promise<string> => {
    const url = tokenUrl({ base_url, realm: "master" })
    const { body } = await form(
      url,
      { grant_type: "client_credentials" },
      { id: by.client_id, secret: by.client_secret },
    )
    return (body as { access_token: string }).access_token
  }
  const admin: TestRealm["admin"] = async (method, path, json, loose = false) => {
    const { status, text } = await testFetch(`${adminUrl(settings)}${path}`, {
      method,
      headers: { authorization: `Bearer ${await adminToken()}`, "content-type": "application/json" },
      ...(json === undefined ? {} : { body: JSON.stringify(json) }),
      maxBytes: 20_000_000,
    })
    if (status >= 400 && !loose) throw new Error(`${method} ${path}: ${status} ${text}`)
    return { status, body: parsed(text) }
  }

  return {
    settings,
    setUp,
    behind: behindOf(admin),
    connector: (fetch = testFetch) =>
      openKeycloak({ providerId: "p1", settings: { ...settings }, fetch, ...testOpened() }),
    admin,
    token: (id, secret, parameters) =>
      form(tokenUrl(settings), { grant_type: "client_credentials", ...parameters }, { id, secret }),
    introspect: (token, id, secret) =>
      form(`${realmUrl(settings)}/protocol/openid-connect/token/introspect`, { token }, { id, secret }),
    async as(roles) {
      const client_id = `weak-${randomBytes(4).toString("hex")}`
      const client_secret = randomBytes(16).toString("hex")
      await admin("POST", "/clients", { clientId: client_id, secret: client_secret, serviceAccountsEnabled: true })
      const idOf = async (name: string) =>
        ((await admin("GET", `/clients?clientId=${name}`)).body as { id: string }[])[0]?.id ?? ""
      const management = await idOf("realm-management")
      const { body: user } = await admin("GET", `/clients/${await idOf(client_id)}/service-account-user`)
      const { body: all } = await admin("GET", `/clients/${management}/roles`)
      const given = (all as { name: string }[]).filter(({ name }) => roles.includes(name))
      if (given.length !== roles.length) throw new Error(`unknown role among ${roles.join(", ")}`)
      await admin("POST", `/users/${(user as { id: string }).id}/role-mappings/clients/${management}`, given)
      const weak = { ...settings, client_id, client_secret }
      return openKeycloak({ providerId: "p2", settings: weak, fetch: testFetch, ...testOpened() })
    },
    async remove() {
      await admin("DELETE", "")
    },
  }
}

/** What an administrator does by hand, in Keycloak's own words and without our marks. */
function behindOf(admin: TestRealm["admin"]): Behind {
  const idOf = async (clientId: string): Promise<string> => {
    const { body } = await admin("GET", `/clients?clientId=${encodeURIComponent(clientId)}`)
    return (body as { id: string }[])[0]?.id ?? "nobody"
  }
  const scopes = async (): Promise<{ id: string; name: string }[]> =>
    (await admin("GET", "/client-scopes")).body as { id: string; name: string }[]
  const scopeNamed = async (audience: string, word: string): Promise<string> => {
    const all = await scopes()
    const found = all.find(({ name }) => name === `${audience}/${word}`) ?? all.find(({ name }) => name === word)
    return found?.id ?? "none"
  }
  const makeScope = (audience: string, { name, description }: { name: string; description: string }) =>
    admin("POST", "/client-scopes", {
      name: `${audience}/${name}`,
      description,
      protocol: "openid-connect",
      protocolMappers: [
        {
          name: "aud",
          protocol: "openid-connect",
          protocolMapper: "oidc-audience-mapper",
          config: { "included.custom.audience": audience, "access.token.claim": "true" },
        },
      ],
    })
  const assign = async (key: string, words: readonly string[]) => {
    const { client, audience } = splitGrantKey(key)
    const id = await idOf(client)
    for (const word of words)
      await admin("PUT", `/clients/${id}/optional-client-scopes/${await scopeNamed(audience, word)}`)
  }
  const list = (value: Json | undefined) => (Array.isArray(value) ? value : []) as never[]
  return {
    async create({ kind, key, fields }: DesiredObject) {
      if (kind === "grant") return await assign(key, list(fields.scopes))
      if (kind === "client") {
        const top = {
          clientId: key,
          serviceAccountsEnabled: true,
          standardFlowEnabled: false,
          optionalClientScopes: [],
        }
        await admin("POST", "/clients", { ...top, name: fields.display_name })
        for (const [field, value] of Object.entries(fields)) await this.change(kind, key, field, value, "")
        return
      }
      const top = { clientId: key, publicClient: false, standardFlowEnabled: false }
      await admin("POST", "/clients", { ...top, name: fields.name })
      for (const scope of list(fields.scopes)) await makeScope(key, scope)
    },
    async change(kind: ObjectKind, key: string, field: string, value: Json) {
      if (kind === "client") return void (await admin("PUT", `/clients/${await idOf(key)}`, inTheirWords(field, value)))
      if (kind === "audience" && field === "name")
        return void (await admin("PUT", `/clients/${await idOf(key)}`, { name: value, attributes: {} }))
      const { audience, client } = kind === "grant" ? splitGrantKey(key) : { audience: key, client: "" }
      if (kind === "grant") {
        const id = await idOf(client)
        for (const { id: scope } of await scopes())
          await admin("DELETE", `/clients/${id}/optional-client-scopes/${scope}`)
        return await assign(key, list(value))
      }
      const wanted = list(value) as { name: string; description: string }[]
      const there = (await scopes()) as {
        id: string
        name: string
        attributes?: Record<string, string>
        protocolMappers?: { config?: Record<string, string> }[]
      }[]
      const mine = there.filter((one) =>
        one.protocolMappers?.some(({ config }) => config?.["included.custom.audience"] === audience),
      )
      const wordOf = (one: (typeof mine)[number]) =>
        one.attributes?.["grantry.scope"] ?? one.name.replace(`${audience}/`, "")
      for (const one of mine)
        if (!wanted.some(({ name }) => name === wordOf(one))) await admin("DELETE", `/client-scopes/${one.id}`)
      for (const { name, description } of wanted) {
        const found = mine.find((one) => wordOf(one) === name)
        if (found === undefined) await makeScope(audience, { name, description })
        else await admin("PUT", `/client-scopes/${found.id}`, { name: found.name, description })
      }
    },
  }
}

function inTheirWords(field: string, value: Json): Record<string, unknown> {
  const attributes = (told: Record<string, unknown>) => ({ attributes: told })
  switch (field) {
    case "display_name":
      return { name: value, attributes: {} }
    case "enabled":
      return { enabled: value, attributes: {} }
    case "owner":
      return attributes({ "grantry.owner": value })
    case "auth_method":
      return value === "private_key_jwt"
        ? { clientAuthenticatorType: "client-jwt", attributes: {} }
        : {
            clientAuthenticatorType: "client-secret",
            ...attributes({ "client.secret.authentication.allowed.method": value }),
          }
    case "jwks":
      return attributes(value === null ? {} : { "use.jwks.string": "true", "jwks.string": JSON.stringify(value) })
    case "token_ttl_seconds":
      return attributes({ "access.token.lifespan": value === null ? null : String(value) })
    case "signing_alg":
      return attributes({ "access.token.signed.response.alg": value })
    default:
      throw new Error(`Keycloak has no word for ${field}`)
  }
}
