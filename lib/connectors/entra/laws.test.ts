/** Entra's own laws, each against a fake tenant that holds them (providers.md section 4). */
import { decodeJwt } from "jose"
import { afterAll, beforeAll, beforeEach, describe, expect, test } from "vitest"
import type { GuardedFetch } from "../../base/http.ts"
import { secretsOf, writing } from "../contract-subject.ts"
import { newApp, newPassword, replicate } from "../fakes/entra/state.ts"
import { grantKey, type Connector, type DesiredObject } from "../port.ts"
import { behind, fetchToken, localFetch, samples, testTenant, type TestTenant } from "./tenant.fixture.ts"

let tenant: TestTenant
let count = 0

beforeAll(async () => {
  tenant = await testTenant()
})
afterAll(async () => {
  await tenant.fake.stop()
})
beforeEach(() => {
  const { modes } = tenant.fake.tenant
  Object.assign(modes, {
    replicationReads: 0,
    nulls: false,
    pageMax: 999,
    secretDelayMs: 0,
    licence: true,
    v1SignIns: false,
    requestsPer10s: null,
    verifiedDomains: [],
  })
  tenant.fake.faults.clear()
  tenant.waits.length = 0
})

const scope = (name: string, description = "") => ({ name, description })

/** Fresh objects in the shape of this provider: an audience, a client, and a grant of `scopes`. */
function fresh(scopes: readonly string[] = ["payments:read"]) {
  const n = ++count
  const audience: DesiredObject = { ...samples.audience, key: `https://api-${n}.example` }
  const client: DesiredObject = { ...samples.client, key: `client-${n}` }
  const grant: DesiredObject = { kind: "grant", key: grantKey(client.key, audience.key), fields: { scopes } }
  const [a = audience, c = client, g = grant] = tenant.open().shape([audience, client, grant]).objects
  return { audience: a, client: c, grant: g }
}

async function placed(scopes?: readonly string[]) {
  const objects = fresh(scopes)
  const connector = tenant.open()
  const port = writing(connector)
  const audience = await port.create(objects.audience, "p:a")
  const client = await port.create(objects.client, "p:c")
  const grant = await port.create(objects.grant, "p:g")
  return { ...objects, connector, port, made: { audience, client, grant } }
}

const withPermissions = async (without: string, run: () => Promise<void>): Promise<void> => {
  const before = tenant.fake.tenant.permissions
  tenant.fake.tenant.permissions = before.filter((name) => name !== without)
  try {
    await run()
  } finally {
    tenant.fake.tenant.permissions = before
  }
}

const secret = (connector: Connector, client: string, marker = "r:1") =>
  secretsOf(connector).issue({ client, value: "x", fingerprint: "fp", marker, expiresAt: null })

/** What was asked of Graph on the way. */
function listening(): {
  fetch: GuardedFetch
  asked: { method: string; path: string; headers: Headers; body: unknown }[]
} {
  const asked: { method: string; path: string; headers: Headers; body: unknown }[] = []
  const fetch: GuardedFetch = async (url, init) => {
    const { pathname, search } = new URL(url)
    const text = typeof init?.body === "string" && init.body.startsWith("{") ? init.body : "null"
    asked.push({
      method: init?.method ?? "GET",
      path: decodeURIComponent(pathname + search),
      headers: new Headers(init?.headers),
      body: JSON.parse(text),
    })
    return await localFetch(url, init)
  }
  return { fetch, asked }
}

describe("audiences", () => {
  test("an identifier without a verified domain is held below the tenant's id, under our key all the same", async () => {
    const { audience } = fresh()
    const port = writing(tenant.open())
    await port.create(audience, "p:1")
    const [uri = ""] = tenant.app(audience.key).identifierUris
    expect(uri).toMatch(new RegExp(`^api://${tenant.fake.tenant.id}/api-\\d+\\.example-[0-9a-f]{8}$`))
    expect(await port.find("audience", audience.key)).toMatchObject({ key: audience.key, fields: audience.fields })
    const request = await tenant.open().tokenRequest(audience.key, [])
    expect(request.parameters).toEqual({ scope: `${uri}/.default` })
  })

  test("an identifier below a verified domain is taken as it is", async () => {
    tenant.fake.tenant.modes.verifiedDomains = ["example"]
    const { audience } = fresh()
    await writing(tenant.open()).create(audience, "p:1")
    expect(tenant.app(audience.key).identifierUris).toEqual([audience.key])
  })

  test("it demands assignment and version 2 tokens, and losing either is drift that can be written back", async () => {
    const { audience, port, made } = await placed()
    const settings = async () => (await port.find("audience", audience.key))?.fields.settings_as_made
    expect(tenant.app(audience.key).api).toEqual({ requestedAccessTokenVersion: 2 })
    expect(tenant.principal(audience.key).appRoleAssignmentRequired).toBe(true)
    tenant.app(audience.key).api.requestedAccessTokenVersion = 1
    expect(await settings()).toBe(false)
    await port.update(made.audience.remoteId, audience, [{ field: "settings_as_made", from: false, to: true }])
    expect(await settings()).toBe(true)
    tenant.principal(audience.key).appRoleAssignmentRequired = false
    expect(await settings()).toBe(false)
  })

  test("a scope is disabled before it goes or changes; users' roles and kept ids stay", async () => {
    const { audience, made } = await placed()
    const app = tenant.app(audience.key)
    const users = {
      id: crypto.randomUUID(),
      value: "reader",
      displayName: "Reader",
      description: "People",
      isEnabled: true,
      allowedMemberTypes: ["User"],
    }
    app.appRoles.push(users)
    const before = app.appRoles.map(({ id, value }) => ({ id, value }))
    const { fetch, asked } = listening()
    const next = [scope("payments:read", "New words"), scope("payments:refund")]
    const answer = await writing(tenant.open(fetch)).update(
      made.audience.remoteId,
      { ...audience, fields: { ...audience.fields, scopes: next } },
      [{ field: "scopes", from: null, to: next }],
    )
    expect(answer.fields.scopes).toEqual(next)
    const writes = asked.filter(({ method, body }) => method === "PATCH" && JSON.stringify(body).includes("appRoles"))
    expect(writes).toHaveLength(2)
    const now = tenant.app(audience.key).appRoles
    expect(now.find(({ value }) => value === "reader")).toEqual(users)
    expect(now.find(({ value }) => value === "payments:read")?.id).toBe(
      before.find(({ value }) => value === "payments:read")?.id,
    )
    expect(now.some(({ value }) => value === "payments:write")).toBe(false)
  })

  test("without the permission for policies the life is left to Microsoft and unknown, never drift", async () => {
    await withPermissions("Policy.ReadWrite.ApplicationConfiguration", async () => {
      const { audience } = fresh()
      const port = writing(tenant.open())
      const made = await port.create(audience, "p:1")
      expect(made.unknown).toEqual(["token_ttl_seconds"])
      expect(await port.find("audience", audience.key)).toEqual(made)
      const change = { field: "token_ttl_seconds", from: null, to: 1_200 }
      await expect(port.update(made.remoteId, audience, [change])).rejects.toMatchObject({ code: "forbidden" })
    })
  })

  test("tokens live as long as the policy says, and a policy of somebody else is replaced, never changed", async () => {
    const { audience, client, made, port, connector } = await placed()
    const theirs = { id: crypto.randomUUID(), displayName: "company", isOrganizationDefault: false }
    const definition = ['{"TokenLifetimePolicy":{"Version":1,"AccessTokenLifetime":"8:00:00"}}']
    tenant.fake.tenant.policies.set(theirs.id, { ...theirs, definition })
    tenant.fake.tenant.links.set(tenant.app(audience.key).id, [theirs.id])
    expect((await port.find("audience", audience.key))?.fields.token_ttl_seconds).toBe(28_800)
    await port.update(made.audience.remoteId, audience, [{ field: "token_ttl_seconds", from: 28_800, to: 1_200 }])
    expect(tenant.fake.tenant.policies.get(theirs.id)?.definition).toEqual(definition)
    const { value = "" } = await secret(connector, client.key)
    const token = await fetchToken(made.client.remoteId, value, await connector.tokenRequest(audience.key, []))
    expect(token.expires_in).toBe(1_200)
  })

  test("deleting one takes its policy along; made again within 30 days, the deleted one is named", async () => {
    const { audience, port, made } = await placed()
    await port.remove("audience", made.audience.remoteId, audience.key)
    const policies = [...tenant.fake.tenant.policies.values()].map(({ displayName }) => displayName)
    expect(policies).not.toContain(`grantry ${made.audience.remoteId}`)
    await expect(port.create(audience, "p:2")).rejects.toMatchObject({
      code: "conflict",
      message: expect.stringContaining(made.audience.remoteId),
    })
  })
})

describe("tokens", () => {
  test("carry every granted scope whatever is asked for, the API's id as audience, and nothing else", async () => {
    const { audience, client, made, connector } = await placed(["payments:read", "payments:write"])
    const { value = "" } = await secret(connector, client.key)
    const request = await connector.tokenRequest(audience.key, ["payments:read"])
    const { access_token } = await fetchToken(made.client.remoteId, value, request)
    expect(decodeJwt(String(access_token))).toMatchObject({
      iss: request.issuer,
      aud: made.audience.remoteId,
      azp: made.client.remoteId,
      roles: ["payments:read", "payments:write"],
    })
    expect(decodeJwt(String(access_token))).not.toHaveProperty("scp")
  })

  test("only .default is taken; another scope is invalid_scope", async () => {
    const { client, audience, made, connector } = await placed()
    const { value = "" } = await secret(connector, client.key)
    const request = await connector.tokenRequest(audience.key, [])
    const wrong = { ...request, parameters: { scope: "payments:read" } }
    expect(await fetchToken(made.client.remoteId, value, wrong)).toMatchObject({ error: "invalid_scope" })
  })

  test("no grant, no token, as long as assignment is required; without that, a token without roles", async () => {
    const { audience, client, made, port, connector } = await placed()
    const { value = "" } = await secret(connector, client.key)
    const request = await connector.tokenRequest(audience.key, [])
    await port.remove("grant", made.grant.remoteId, made.grant.key)
    expect(await fetchToken(made.client.remoteId, value, request)).toMatchObject({ error_codes: [501_051] })
    tenant.principal(audience.key).appRoleAssignmentRequired = false
    const { access_token } = await fetchToken(made.client.remoteId, value, request)
    expect(decodeJwt(String(access_token)).roles).toBeUndefined()
  })

  test("a disabled client gets none", async () => {
    const { audience, client, made, port, connector } = await placed()
    const { value = "" } = await secret(connector, client.key)
    await port.update(made.client.remoteId, client, [{ field: "enabled", from: true, to: false }])
    const request = await connector.tokenRequest(audience.key, [])
    expect(await fetchToken(made.client.remoteId, value, request)).toMatchObject({ error_codes: [7_000_112] })
  })
})

describe("replication", () => {
  test("what we made a moment ago is waited for, and nothing else", async () => {
    tenant.fake.tenant.modes.replicationReads = 3
    const { made } = await placed()
    expect(made.grant.fields).toEqual({ scopes: ["payments:read"] })
    expect(tenant.waits.length).toBeGreaterThan(0)
    replicate(tenant.fake.tenant)
    tenant.waits.length = 0
    expect(await writing(tenant.open()).find("client", "nobody")).toBeNull()
    expect(tenant.waits).toEqual([])
  })

  test("a client without its service principal shows as disabled, and enabling it makes one", async () => {
    const { client, made, port } = await placed()
    tenant.fake.tenant.principals.delete(tenant.principal(client.key).id)
    expect((await writing(tenant.open()).find("client", client.key))?.fields.enabled).toBe(false)
    const again = await port.update(made.client.remoteId, client, [{ field: "enabled", from: false, to: true }])
    expect(again.fields.enabled).toBe(true)
    expect(tenant.principal(client.key).accountEnabled).toBe(true)
  })
})

describe("reads", () => {
  test("nulls and absences are unknown, never another value", async () => {
    const { audience, client } = await placed()
    tenant.fake.tenant.modes.nulls = true
    const all = await writing(tenant.open()).observe()
    expect(all.length).toBeGreaterThan(1)
    for (const object of all.filter(({ key }) => key === audience.key || key === client.key))
      for (const value of Object.values(object.fields)) expect(value).not.toBeNull()
  })

  test("lists of many pages are read to their end, scans at low priority", async () => {
    const { audience, client, grant } = await placed()
    tenant.fake.tenant.modes.pageMax = 1
    const { fetch, asked } = listening()
    const keys = (await writing(tenant.open(fetch)).observe()).map(({ key }) => key)
    for (const key of [audience.key, client.key, grant.key]) expect(keys).toContain(key)
    const lists = asked.filter(({ path }) => path.startsWith("/v1.0/applications?"))
    expect(lists.length).toBeGreaterThan(2)
    for (const { headers } of lists) expect(headers.get("x-ms-throttle-priority")).toBe("low")
  })

  test("a link that leads away from Graph is not followed, so our token stays here", async () => {
    const away: GuardedFetch = async (url, init) => {
      if (!url.includes("/applications?")) return await localFetch(url, init)
      const text = JSON.stringify({ value: [], "@odata.nextLink": "https://elsewhere.example/v1.0/applications" })
      return { status: 200, headers: new Headers(), text }
    }
    await expect(writing(tenant.open(away)).observe()).rejects.toMatchObject({ code: "unknown" })
  })

  test("a refusal to hurry without Retry-After still says when to come back", async () => {
    tenant.fake.tenant.modes.requestsPer10s = 0
    const port = writing(tenant.open())
    const caught = await port.observe().catch((error: unknown) => error)
    expect(caught).toMatchObject({ code: "rate_limited", httpStatus: 429, retryAt: expect.any(Date) })
    tenant.fake.clock.advance(10_000)
  })

  test("objects of another Grantry on the same tenant do not carry our mark", async () => {
    const { client } = await placed()
    const seen = await writing(tenant.open(localFetch, "p2")).find("client", client.key)
    expect(seen).toMatchObject({ marked: false })
  })

  test("Grantry's own application is nobody's client, and is not deleted", async () => {
    const own = tenant.fake.settings.client_id
    const port = writing(tenant.open())
    expect((await port.observe()).map(({ remoteId }) => remoteId)).not.toContain(own)
    await expect(port.remove("client", own, "Grantry")).rejects.toMatchObject({ code: "unsupported" })
  })

  test("a client with certificates only says so by a word that Grantry does not manage", async () => {
    const one = newApp(tenant.fake.tenant, { displayName: "cert-only", keyCredentials: [{ keyId: "k" }] })
    tenant.fake.tenant.apps.set(one.id, { now: one, past: null })
    expect(await writing(tenant.open()).find("client", "cert-only")).toMatchObject({
      marked: false,
      fields: { auth_method: "certificate" },
    })
  })
})

test("a client made again within 30 days of its end meets the deleted one, by its unique name", async () => {
  const { client, port, made } = await placed()
  await port.remove("client", made.client.remoteId, client.key)
  await expect(port.create(client, "p:2")).rejects.toMatchObject({
    code: "conflict",
    message: expect.stringContaining(made.client.remoteId),
  })
})

describe("secrets", () => {
  test("the value is Microsoft's, told once; an end is always named, two years at most here", async () => {
    const { client, connector } = await placed()
    const issued = await secret(connector, client.key)
    expect(issued.value).toHaveLength(40)
    const [listed] = await secretsOf(connector).listSecrets(client.key)
    expect(listed).toMatchObject({ remoteId: issued.remoteId, marker: "r:1" })
    expect(listed).not.toHaveProperty("value")
    const days = (Date.parse(issued.expiresAt ?? "") - Date.now()) / 86_400_000
    expect(Math.round(days)).toBe(730)
  })

  test("the last use of a secret is told where the tenant reports it, and missing where it does not", async () => {
    const { audience, client, made, connector } = await placed()
    const { value = "" } = await secret(connector, client.key)
    await fetchToken(made.client.remoteId, value, await connector.tokenRequest(audience.key, []))
    const last = async () => (await secretsOf(connector).listSecrets(client.key))[0]?.lastUsedAt
    expect(await last()).toMatch(/^2\d{3}-/)
    tenant.fake.tenant.modes.licence = false
    expect(await last()).toBeNull()
  })

  test("secrets that others made are listed and never touched by an issue", async () => {
    const { client, connector } = await placed()
    const theirs = newPassword(tenant.fake.tenant, { displayName: "by hand" })
    tenant.app(client.key).passwordCredentials.push(theirs)
    await secret(connector, client.key)
    await secret(connector, client.key, "r:2")
    const listed = await secretsOf(connector).listSecrets(client.key)
    expect(listed.find(({ remoteId }) => remoteId === theirs.keyId)).toMatchObject({ marker: null })
    expect(listed).toHaveLength(3)
  })
})

describe("permissions", () => {
  test("OwnedBy alone cannot change what somebody else made, and says so as a refusal", async () => {
    const { client } = fresh()
    await behind(tenant).create(client)
    const { appId } = tenant.app(client.key)
    const change = { field: "owner", from: null, to: "me" }
    await expect(writing(tenant.open()).update(appId, client, [change])).rejects.toMatchObject({ code: "forbidden" })
  })

  test.each([
    ["Application.Read.All", "fail"],
    ["AppRoleAssignment.ReadWrite.All", "warn"],
    ["Policy.ReadWrite.ApplicationConfiguration", "warn"],
  ])("the check names %s when it is missing", async (missing, is) => {
    await withPermissions(missing, async () => {
      const found = (await tenant.open().check()).find(({ name }) => name === "permissions")
      expect(found).toMatchObject({ is })
      expect(found?.why).toContain(missing)
    })
  })

  test("the check says when sign-ins are closed for want of a licence", async () => {
    tenant.fake.tenant.modes.licence = false
    const found = (await tenant.open().check()).find(({ name }) => name === "logs")
    expect(found).toMatchObject({ is: "warn", why: expect.stringContaining("licence") })
  })
})
