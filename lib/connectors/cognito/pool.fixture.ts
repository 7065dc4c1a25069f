/** A fake user pool as the contract suite and the tests of Cognito's own laws take it. */
import { randomBytes } from "node:crypto"
import { isObject, type Json } from "../../base/json.ts"
import { guardedFetch, type GuardedFetch } from "../../base/http.ts"
import type { Behind, ContractProvider, ContractSamples } from "../contract-subject.ts"
import { startFakeCognito, type FakeCognito } from "../fakes/cognito/fake.ts"
import { addSecretTo, newId, newSecretValue, seconds, type FakeClient } from "../fakes/cognito/state.ts"
import { testOpened } from "../memory.fixture.ts"
import { splitGrantKey } from "../objects.ts"
import type { Connector, Memory } from "../port.ts"
import { objects, other, scope } from "../samples.fixture.ts"
import { openCognito } from "./cognito.ts"
import { ourName } from "./names.ts"

export const localFetch: GuardedFetch = guardedFetch({ allowHosts: ["127.0.0.1"] })

export interface TestPool {
  readonly fake: FakeCognito
  readonly memory: Memory
  open(fetch?: GuardedFetch): Connector
  /** The client of this name, ours or somebody's. */
  client(key: string): FakeClient
}

export async function testPool(): Promise<TestPool> {
  const fake = await startFakeCognito()
  const opened = testOpened()
  return {
    fake,
    memory: opened.memory,
    open: (fetch = localFetch) => openCognito({ providerId: "p1", settings: { ...fake.settings }, fetch, ...opened }),
    client(key) {
      const named = ({ settings: { ClientName: name } }: FakeClient) => (ourName(name)?.key ?? name) === key
      const found = [...fake.pool.clients.values()].find(named)
      if (!found) throw new Error(`no client ${key} in the fake`)
      return found
    },
  }
}

/** The service and operation that the request asks for. Null: it is none of the API. */
export const targetOf = (init: Parameters<GuardedFetch>[1]): string | null => init?.headers?.["x-amz-target"] ?? null
/** `DescribeUserPool`. */
export const operationOf = (init: Parameters<GuardedFetch>[1]): string | null =>
  targetOf(init)?.split(".").at(-1) ?? null

export const samples: ContractSamples = {
  ...objects,
  other: {
    audience: {
      ...other.audience,
      scopes: [scope("payments:read"), scope("payments:refund"), scope("payments:write")],
    },
    client: { enabled: false, token_ttl_seconds: 600 },
    grant: other.grant,
  },
  fixed: ["auth_method"],
  secretValue: () => randomBytes(32).toString("hex"),
  ports: { write: true, secrets: "overlap", behind: true },
}

/** A resource server of the administrator's own: a client that works has a scope of something. */
const elsewhere = { identifier: "https://elsewhere.example", scope: "seen" }

/** What an administrator of the pool does, with Cognito's own words. */
export function behind(pool: TestPool): Behind {
  const { pool: held } = pool.fake
  const theirs = (): string => {
    const { identifier, scope: ScopeName } = elsewhere
    held.servers.set(identifier, { identifier, name: "Elsewhere", scopes: [{ ScopeName, ScopeDescription: "seen" }] })
    return `${identifier}/${ScopeName}`
  }
  return {
    async create({ kind, key, fields }) {
      if (kind === "audience")
        held.servers.set(key, { identifier: key, name: String(fields.name), scopes: scopesOf(fields.scopes) })
      else if (kind === "client") foreignClient(held, key, fields, [theirs()])
      else {
        const { client, audience } = splitGrantKey(key)
        const { settings } = pool.client(client)
        settings.AllowedOAuthScopes = [
          ...(settings.AllowedOAuthScopes ?? []),
          ...namesOf(fields.scopes).map((name) => `${audience}/${name}`),
        ]
      }
    },
    async change(kind, key, field, value) {
      if (kind === "audience") {
        const server = held.servers.get(key)
        if (!server) throw new Error(`no resource server ${key} in the fake`)
        if (field === "name") server.name = `${String(value)} @grantry`
        if (field === "scopes") server.scopes = scopesOf(value)
      } else if (kind === "grant") {
        const { client, audience } = splitGrantKey(key)
        const { settings } = pool.client(client)
        const others = (settings.AllowedOAuthScopes ?? []).filter((wire) => !wire.startsWith(`${audience}/`))
        settings.AllowedOAuthScopes = [...others, ...namesOf(value).map((name) => `${audience}/${name}`)]
      } else {
        const { settings } = pool.client(key)
        if (field === "token_ttl_seconds") {
          settings.AccessTokenValidity = Number(value) / 60
          settings.TokenValidityUnits = { ...settings.TokenValidityUnits, AccessToken: "minutes" }
        }
        if (field === "enabled") {
          if ((settings.AllowedOAuthScopes ?? []).length === 0) settings.AllowedOAuthScopes = [theirs()]
          settings.AllowedOAuthFlowsUserPoolClient = value === true
        }
      }
    },
  }
}

/** A service client that somebody made in the console. */
export function foreignClient(
  held: FakeCognito["pool"],
  name: string,
  fields: { readonly enabled?: Json; readonly token_ttl_seconds?: Json },
  scopes: readonly string[],
): FakeClient {
  const client: FakeClient = {
    id: newId(),
    settings: {
      ClientName: name,
      AllowedOAuthFlows: ["client_credentials"],
      AllowedOAuthScopes: [...scopes],
      AllowedOAuthFlowsUserPoolClient: fields.enabled !== false,
      AccessTokenValidity: Number(fields.token_ttl_seconds ?? 3_600) / 60,
      TokenValidityUnits: { AccessToken: "minutes" },
    },
    createdAt: seconds(held),
    modifiedAt: seconds(held),
    type: "REGULAR",
    secrets: [],
  }
  addSecretTo(held, client, newSecretValue())
  held.clients.set(client.id, client)
  return client
}

const namesOf = (value: Json | undefined): readonly string[] => (Array.isArray(value) ? value.map(String) : [])
const scopesOf = (value: Json | undefined) =>
  (Array.isArray(value) ? value.filter(isObject) : []).map(({ name, description }) => ({
    ScopeName: String(name),
    ScopeDescription: String(description) || String(name),
  }))

export function contractPool(pool: TestPool): ContractProvider {
  return {
    connector: (fetch) => pool.open(fetch),
    fetch: localFetch,
    reads: (_url, init) => /^(Describe|List|Lookup)/.test(operationOf(init) ?? "Describe"),
    behind: behind(pool),
    async tokenError(client_id, client_secret, request) {
      const fields = { grant_type: "client_credentials", client_id, client_secret, ...request.parameters }
      const answer = await localFetch(request.tokenEndpoint, {
        method: "POST",
        headers: { "content-type": "application/x-www-form-urlencoded" },
        body: new URLSearchParams(fields).toString(),
      })
      const body: unknown = JSON.parse(answer.text)
      return isObject(body) && typeof body.error === "string" ? body.error : null
    },
    stop: () => pool.fake.stop(),
  }
}
