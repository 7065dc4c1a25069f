/** Entra's own laws of reading, replication, secrets and permissions, each against a fake tenant that holds them. */
import { describe, expect, test } from "vitest"
import type { GuardedFetch } from "../../base/http.ts"
import { secretsOf, writing } from "../contract-subject.ts"
import { newApp, newPassword, replicate } from "../fakes/entra/state.ts"
import { lawTenant, listening, secret } from "./laws.fixture.ts"
import { behind, fetchToken, localFetch } from "./tenant.fixture.ts"

const { tenant, fresh, placed, withoutPermission } = lawTenant()

describe("replication", () => {
  test("what we made a moment ago is waited for, and nothing else", async () => {
    tenant().fake.tenant.modes.replicationReads = 3
    const { made } = await placed()
    expect(made.grant.fields).toEqual({ scopes: ["payments:read"] })
    expect(tenant().waits.length).toBeGreaterThan(0)
    replicate(tenant().fake.tenant)
    tenant().waits.length = 0
    expect(await writing(tenant().open()).find("client", "nobody")).toBeNull()
    expect(tenant().waits).toEqual([])
  })

  test("a client without its service principal shows as disabled, and enabling it makes one", async () => {
    const { client, made, port } = await placed()
    tenant().fake.tenant.principals.delete(tenant().principal(client.key).id)
    expect((await writing(tenant().open()).find("client", client.key))?.fields.enabled).toBe(false)
    const again = await port.update(made.client.remoteId, client, [{ field: "enabled", from: false, to: true }])
    expect(again.fields.enabled).toBe(true)
    expect(tenant().principal(client.key).accountEnabled).toBe(true)
  })
})

describe("reads", () => {
  test("nulls and absences are unknown, never another value", async () => {
    const { audience, client } = await placed()
    tenant().fake.tenant.modes.nulls = true
    const all = await writing(tenant().open()).observe()
    expect(all.length).toBeGreaterThan(1)
    for (const object of all.filter(({ key }) => key === audience.key || key === client.key))
      for (const value of Object.values(object.fields)) expect(value).not.toBeNull()
  })

  test("lists of many pages are read to their end, scans at low priority", async () => {
    const { audience, client, grant } = await placed()
    tenant().fake.tenant.modes.pageMax = 1
    const { fetch, asked } = listening()
    const keys = (await writing(tenant().open(fetch)).observe()).map(({ key }) => key)
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
    await expect(writing(tenant().open(away)).observe()).rejects.toMatchObject({ code: "unknown" })
  })

  test("a refusal to hurry without Retry-After still says when to come back", async () => {
    tenant().fake.tenant.modes.requestsPer10s = 0
    const port = writing(tenant().open())
    const caught = await port.observe().catch((error: unknown) => error)
    expect(caught).toMatchObject({ code: "rate_limited", httpStatus: 429, retryAt: expect.any(Date) })
    tenant().fake.clock.advance(10_000)
  })

  test("objects of another Grantry on the same tenant do not carry our mark", async () => {
    const { client } = await placed()
    const seen = await writing(tenant().open(localFetch, "p2")).find("client", client.key)
    expect(seen).toMatchObject({ marked: false })
  })

  test("Grantry's own application is nobody's client, and is not deleted", async () => {
    const own = tenant().fake.settings.client_id
    const port = writing(tenant().open())
    expect((await port.observe()).map(({ remoteId }) => remoteId)).not.toContain(own)
    await expect(port.remove("client", own, "Grantry")).rejects.toMatchObject({ code: "unsupported" })
  })

  test("a client with certificates only says so by a word that Grantry does not manage", async () => {
    const one = newApp(tenant().fake.tenant, { displayName: "cert-only", keyCredentials: [{ keyId: "k" }] })
    tenant().fake.tenant.apps.set(one.id, { now: one, past: null })
    expect(await writing(tenant().open()).find("client", "cert-only")).toMatchObject({
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
    tenant().fake.tenant.modes.licence = false
    expect(await last()).toBeNull()
  })

  test("secrets that others made are listed and never touched by an issue", async () => {
    const { client, connector } = await placed()
    const theirs = newPassword(tenant().fake.tenant, { displayName: "by hand" })
    tenant().app(client.key).passwordCredentials.push(theirs)
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
    await behind(tenant()).create(client)
    const { appId } = tenant().app(client.key)
    const change = { field: "owner", from: null, to: "me" }
    await expect(writing(tenant().open()).update(appId, client, [change])).rejects.toMatchObject({ code: "forbidden" })
  })

  test.each([
    ["Application.Read.All", "fail"],
    ["AppRoleAssignment.ReadWrite.All", "warn"],
    ["Policy.ReadWrite.ApplicationConfiguration", "warn"],
  ])("the check names %s when it is missing", async (missing, is) => {
    await withoutPermission(missing, async () => {
      const found = (await tenant().open().check()).find(({ name }) => name === "permissions")
      expect(found).toMatchObject({ is })
      expect(found?.why).toContain(missing)
    })
  })

  test("the check says when sign-ins are closed for want of a licence", async () => {
    tenant().fake.tenant.modes.licence = false
    const found = (await tenant().open().check()).find(({ name }) => name === "logs")
    expect(found).toMatchObject({ is: "warn", why: expect.stringContaining("licence") })
  })
})
