/** A fake tenant as the contract suite and the tests of Entra's own laws take it. */
import { isObject, type Json } from "../../base/json.ts"
import { guardedFetch, type GuardedFetch } from "../../base/http.ts"
import type { Behind, ContractProvider, ContractSamples } from "../contract-subject.ts"
import { startFakeEntra, type FakeEntra } from "../fakes/entra/fake.ts"
import {
  newApp,
  newPrincipal,
  put,
  replicate,
  type FakeApp,
  type FakePrincipal,
  type FakeRole,
} from "../fakes/entra/state.ts"
import { scopesIn } from "../fields.ts"
import { testOpened } from "../memory.fixture.ts"
import { splitGrantKey } from "../objects.ts"
import type { Connector, Memory, TokenRequest } from "../port.ts"
import { objects, other, scope, withFields } from "../samples.fixture.ts"
import { openEntra } from "./entra.ts"
import { definitionOf } from "./lifetime.ts"
import { roleIdOf } from "./roles.ts"

export const localFetch: GuardedFetch = guardedFetch({ allowHosts: ["127.0.0.1"] })

export interface TestTenant {
  readonly fake: FakeEntra
  readonly memory: Memory
  /** How long the connector waited for replication, in ms; it never waits for real. */
  readonly waits: number[]
  open(fetch?: GuardedFetch, providerId?: string): Connector
  /** The application that stands under this key of ours. */
  app(key: string): FakeApp
  principal(key: string): FakePrincipal
}

export async function testTenant(): Promise<TestTenant> {
  const fake = await startFakeEntra()
  const opened = testOpened()
  const waits: number[] = []
  const app = (key: string): FakeApp => {
    const found = [...fake.tenant.apps.values()].find(({ now }) => now.tags.some((tag) => tag.endsWith(`=${key}`)))
    if (!found) throw new Error(`no application ${key} in the fake`)
    return found.now
  }
  return {
    fake,
    memory: opened.memory,
    waits,
    open: (fetch = localFetch, providerId = "p1") =>
      openEntra({ providerId, settings: { ...fake.settings }, fetch, ...opened }, async (ms) => {
        waits.push(ms)
      }),
    app,
    principal(key) {
      const found = [...fake.tenant.principals.values()].find(({ now }) => now.appId === app(key).appId)
      if (!found) throw new Error(`no service principal ${key} in the fake`)
      return found.now
    },
  }
}

export const samples: ContractSamples = {
  ...objects,
  client: withFields(objects.client, { auth_method: "client_secret_post" }),
  other: {
    ...other,
    audience: {
      name: other.audience.name,
      scopes: [scope("payments:read", "Looks"), scope("payments:refund"), scope("payments:write", "Charges")],
      token_ttl_seconds: 1_800,
      settings_as_made: false,
    },
    client: { ...other.client, auth_method: "client_secret_basic" },
  },
  secretValue: () => "never sent: Microsoft chooses",
  ports: { write: true, secrets: "overlap", behind: true },
  believed:
    "Graph replicates: a read right after a write may show the state before it, so its 204 is taken at its word.",
}

const rolesFor = (audience: string, value: Json | undefined): FakeRole[] =>
  scopesIn(value).map(({ name, description }) => ({
    id: roleIdOf(audience, name),
    value: name,
    displayName: name,
    description: description || name,
    isEnabled: true,
    allowedMemberTypes: ["Application"],
  }))

/** What an administrator of the tenant does, in the portal's words. */
export function behind({ fake, app, principal }: TestTenant): Behind {
  const { tenant } = fake
  const set = (one: FakeApp, change: Partial<FakeApp>) => put(tenant, tenant.apps, { ...one, ...change })
  const assign = (key: string, scopes: Json | undefined): void => {
    const { client, audience } = splitGrantKey(key)
    const [from, to] = [principal(client), principal(audience)]
    for (const one of [...tenant.assignments.values()])
      if (one.principalId === from.id && one.resourceId === to.id) tenant.assignments.delete(one.id)
    for (const name of Array.isArray(scopes) ? scopes : []) {
      const role = app(audience).appRoles.find(({ value }) => value === name)
      const id = crypto.randomUUID()
      tenant.assignments.set(id, {
        id,
        appRoleId: role?.id ?? "",
        principalId: from.id,
        principalType: "ServicePrincipal",
        resourceId: to.id,
        createdDateTime: tenant.clock.now().toISOString(),
      })
    }
  }
  const lifetime = (one: FakeApp, seconds: number): void => {
    const id = crypto.randomUUID()
    const definition = [...definitionOf(seconds)]
    tenant.policies.set(id, { id, displayName: "by hand", definition, isOrganizationDefault: false })
    tenant.links.set(one.id, [id])
  }
  return {
    async create({ kind, key, fields }) {
      if (kind === "grant") return assign(key, fields.scopes)
      const one =
        kind === "audience"
          ? newApp(tenant, {
              displayName: String(fields.name),
              identifierUris: [`api://${tenant.id}/${key}`],
              appRoles: rolesFor(key, fields.scopes),
              tags: [`grantry:audience=${key}`],
            })
          : newApp(tenant, {
              displayName: String(fields.display_name),
              tags: [
                `grantry:client=${key}`,
                `grantry:owner=${String(fields.owner)}`,
                `grantry:auth=${String(fields.auth_method)}`,
              ],
            })
      tenant.apps.set(one.id, { now: one, past: null })
      const made = newPrincipal(one.appId, { accountEnabled: fields.enabled !== false })
      tenant.principals.set(made.id, { now: made, past: null })
      if (kind === "audience") lifetime(one, Number(fields.token_ttl_seconds))
    },
    async change(kind, key, field, value) {
      if (kind === "grant") return assign(key, value)
      const one = app(key)
      const tags = (name: string) => [
        ...one.tags.filter((tag) => !tag.startsWith(`grantry:${name}=`)),
        `grantry:${name}=${String(value)}`,
      ]
      if (field === "name" || field === "display_name") set(one, { displayName: String(value) })
      if (field === "owner") set(one, { tags: tags("owner") })
      if (field === "auth_method") set(one, { tags: tags("auth") })
      if (field === "scopes") set(one, { appRoles: rolesFor(key, value) })
      if (field === "token_ttl_seconds") lifetime(one, Number(value))
      if (field === "enabled") put(tenant, tenant.principals, { ...principal(key), accountEnabled: value === true })
      if (field === "settings_as_made")
        put(tenant, tenant.principals, { ...principal(key), appRoleAssignmentRequired: value === true })
    },
  }
}

/** A real token asked for as a client, or the body of the refusal. */
export async function fetchToken(
  client_id: string,
  client_secret: string,
  request: TokenRequest,
): Promise<Record<string, unknown>> {
  const fields = { grant_type: "client_credentials", client_id, client_secret, ...request.parameters }
  const answer = await localFetch(request.tokenEndpoint, {
    method: "POST",
    headers: { "content-type": "application/x-www-form-urlencoded" },
    body: new URLSearchParams(fields).toString(),
  })
  const body: unknown = JSON.parse(answer.text)
  return isObject(body) ? body : {}
}

export function contractTenant(tenant: TestTenant): ContractProvider {
  const { fake } = tenant
  fake.tenant.modes.replicationReads = 2
  fake.tenant.modes.secretDelayMs = 20_000
  fake.tenant.modes.verifiedDomains = ["payment-service.internal"]
  return {
    connector: (fetch) => tenant.open(fetch),
    fetch: localFetch,
    ourToken: (url) => url.endsWith("/oauth2/v2.0/token"),
    async settle() {
      replicate(fake.tenant)
      fake.clock.advance(21_000)
    },
    behind: behind(tenant),
    async tokenError(id, secret, request) {
      const { error } = await fetchToken(id, secret, request)
      return typeof error === "string" ? error : null
    },
    stop: () => fake.stop(),
  }
}
