/** A fake org as the contract suite and the tests of Okta's own laws take it. */
import { exportJWK, generateKeyPair } from "jose"
import { guardedFetch, type GuardedFetch } from "../../base/http.ts"
import { isObject, type Json } from "../../base/json.ts"
import { basic } from "../../oauth/client-auth.ts"
import type { Behind, ContractProvider, ContractSamples } from "../contract-subject.ts"
import { startFakeOkta, type FakeOkta } from "../fakes/okta/fake.ts"
import type { Body, FakeApp, FakePolicy, FakeServer } from "../fakes/okta/state.ts"
import { testOpened } from "../memory.fixture.ts"
import { splitGrantKey } from "../objects.ts"
import type { Connector, TokenRequest, Memory } from "../port.ts"
import { objects, other, secretValue } from "../samples.fixture.ts"
import { openOkta } from "./okta.ts"

export const localFetch: GuardedFetch = guardedFetch({ allowHosts: ["127.0.0.1"] })

export interface TestOrg {
  readonly fake: FakeOkta
  /** What every opening of this org remembers. */
  readonly memory: Memory
  open(fetch?: GuardedFetch, settings?: Readonly<Record<string, unknown>>): Connector
  /** A call of an administrator's, through the laws. Answers the parsed body; throws at a refusal. */
  admin(method: string, path: string, json?: unknown): Promise<Record<string, unknown>>
  app(key: string): FakeApp
  server(audience: string): FakeServer
  policy(key: string): FakePolicy
}

export async function testOrg(): Promise<TestOrg> {
  const fake = await startFakeOkta()
  const opened = testOpened()
  const { org } = fake
  const there = <T>(found: T | undefined, what: string): T => {
    if (found === undefined) throw new Error(`no ${what} in the fake`)
    return found
  }
  const server = (audience: string): FakeServer =>
    there(
      [...org.servers.values()].find(({ body }) => Array.isArray(body.audiences) && body.audiences[0] === audience),
      audience,
    )
  return {
    fake,
    memory: opened.memory,
    open: (fetch = localFetch, settings = fake.settings) =>
      openOkta({ providerId: "p1", settings: { ...settings }, fetch, ...opened }, () => fake.clock.now()),
    async admin(method, path, json) {
      const { status, text } = await localFetch(`${fake.url}${path}`, {
        method,
        headers: { authorization: `SSWS ${fake.apiToken}`, "content-type": "application/json" },
        ...(json === undefined ? {} : { body: JSON.stringify(json) }),
      })
      if (status > 299) throw new Error(`${method} ${path}: ${status} ${text}`)
      const body: unknown = text === "" ? {} : JSON.parse(text)
      return isObject(body) ? body : {}
    },
    app: (key) =>
      there(
        [...org.apps.values()].find(({ clientId }) => clientId === key),
        key,
      ),
    server,
    policy(key) {
      const { client, audience } = splitGrantKey(key)
      const named = ({ body }: FakePolicy) => JSON.stringify(body.conditions).includes(`"${client}"`)
      return there(server(audience).policies.find(named), key)
    },
  }
}

/** A fresh public EC key, as a service would publish it. */
export async function publicKey(kid: string): Promise<{ readonly [member: string]: Json }> {
  const { publicKey: key } = await generateKeyPair("ES256", { extractable: true })
  const { kty = "", crv = "", x = "", y = "" } = await exportJWK(key)
  return { kty, crv, x, y, kid, use: "sig" }
}

export const samples = (key: Json): ContractSamples => ({
  ...objects,
  other: {
    ...other,
    client: { ...other.client, jwks: { keys: [key] }, auth_method: "private_key_jwt" },
    grant: { ...other.grant, token_ttl_seconds: 600 },
  },
  secretValue,
  // An audience is several calls here: what is left of a lost one is in the tests of Okta's laws.
  oneCall: "client",
  ports: { write: true, secrets: "overlap", behind: true },
})

export const newApp = (key: string, fields: Readonly<Record<string, Json>>) => ({
  name: "oidc_client",
  label: fields.display_name,
  signOnMode: "OPENID_CONNECT",
  profile: { grantry: { owner: fields.owner }, theirs: "kept" },
  credentials: { oauthClient: { client_id: key, token_endpoint_auth_method: fields.auth_method } },
  settings: {
    oauthClient: { application_type: "service", grant_types: ["client_credentials"], response_types: ["token"] },
  },
})

export const newPolicy = (name: string, include: readonly string[], priority?: number) => ({
  type: "OAUTH_AUTHORIZATION_POLICY",
  status: "ACTIVE",
  name,
  ...(priority === undefined ? {} : { priority }),
  conditions: { clients: { include } },
})

export const newRule = (scopes: Json, minutes: number) => ({
  type: "RESOURCE_ACCESS",
  name: "by hand",
  conditions: {
    people: { groups: { include: ["EVERYONE"] } },
    grantTypes: { include: ["client_credentials"] },
    scopes: { include: scopes },
  },
  actions: { token: { accessTokenLifetimeMinutes: minutes } },
})

/** What an administrator does in Okta's console, through the same laws. */
export function behind({ admin, app, server, policy }: TestOrg): Behind {
  const servers = "/api/v1/authorizationServers"
  return {
    async create({ kind, key, fields }) {
      if (kind === "client") {
        const made = await admin("POST", "/api/v1/apps", newApp(key, fields))
        if (fields.enabled === false) await admin("POST", `/api/v1/apps/${String(made.id)}/lifecycle/deactivate`)
        return
      }
      if (kind === "audience") {
        const { id } = await admin("POST", servers, { name: fields.name, description: "by hand", audiences: [key] })
        for (const one of scopesIn(fields.scopes)) await admin("POST", `${servers}/${String(id)}/scopes`, one)
        return
      }
      const { client, audience } = splitGrantKey(key)
      const at = `${servers}/${server(audience).id}/policies`
      const { id } = await admin("POST", at, newPolicy(`by hand for ${client}`, [client]))
      await admin(
        "POST",
        `${at}/${String(id)}/rules`,
        newRule(fields.scopes ?? [], Number(fields.token_ttl_seconds) / 60),
      )
    },
    async change(kind, key, field, value) {
      if (kind === "audience") {
        const { id, body, scopes } = server(key)
        if (field === "name") await admin("PUT", `${servers}/${id}`, { ...body, name: value })
        else {
          for (const one of scopes.filter(({ system }) => !system))
            await admin("DELETE", `${servers}/${id}/scopes/${one.id}`)
          for (const one of scopesIn(value)) await admin("POST", `${servers}/${id}/scopes`, one)
        }
      } else if (kind === "grant") {
        const at = `${servers}/${server(splitGrantKey(key).audience).id}/policies/${policy(key).id}/rules`
        const [rule] = policy(key).rules
        const conditions = rule?.body.conditions as Body
        const next =
          field === "scopes"
            ? { ...rule?.body, conditions: { ...conditions, scopes: { include: value } } }
            : { ...rule?.body, actions: { token: { accessTokenLifetimeMinutes: Number(value) / 60 } } }
        await admin("PUT", `${at}/${rule?.id ?? ""}`, next)
      } else {
        const { id, body } = app(key)
        const oauth = (body.credentials as Body).oauthClient as Body
        const settings = (body.settings as Body).oauthClient as Body
        const grantry = ((body.profile ?? {}) as Body).grantry as Body
        if (field === "enabled")
          return void (await admin(
            "POST",
            `/api/v1/apps/${id}/lifecycle/${value === true ? "activate" : "deactivate"}`,
          ))
        await admin("PUT", `/api/v1/apps/${id}`, {
          ...body,
          ...(field === "display_name" ? { label: value } : {}),
          ...(field === "owner"
            ? { profile: { ...(body.profile as Body), grantry: { ...grantry, owner: value } } }
            : {}),
          ...(field === "auth_method"
            ? { credentials: { oauthClient: { ...oauth, token_endpoint_auth_method: value } } }
            : {}),
          ...(field === "jwks" ? { settings: { oauthClient: { ...settings, jwks: value } } } : {}),
        })
      }
    },
  }
}

const scopesIn = (value: Json | undefined) =>
  (Array.isArray(value) ? value.filter(isObject) : []).map(({ name, description }) => ({
    name,
    ...(description === "" ? {} : { description }),
  }))

/** A token by HTTP Basic; the OAuth error, or the claims of what was given. */
export async function fetchToken(clientId: string, secret: string, request: TokenRequest) {
  const { text } = await localFetch(request.tokenEndpoint, {
    method: "POST",
    headers: { authorization: basic(clientId, secret), "content-type": "application/x-www-form-urlencoded" },
    body: new URLSearchParams({ grant_type: "client_credentials", ...request.parameters }).toString(),
  })
  const body: unknown = JSON.parse(text)
  if (!isObject(body) || typeof body.access_token !== "string")
    return { error: isObject(body) ? String(body.error) : "none", claims: null }
  const claims: unknown = JSON.parse(Buffer.from(body.access_token.split(".")[1] ?? "", "base64url").toString())
  return { error: null, claims: isObject(claims) ? claims : {} }
}

export const contractOrg = (test: TestOrg): ContractProvider => ({
  connector: (fetch) => test.open(fetch),
  fetch: localFetch,
  ourToken: (url) => url.endsWith("/oauth2/v1/token"),
  behind: behind(test),
  tokenError: async (id, secret, request) => (await fetchToken(id, secret, request)).error,
  stop: () => test.fake.stop(),
})
