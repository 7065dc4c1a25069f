/** Entra's own laws of audiences and tokens, each against a fake tenant that holds them (providers.md section 4). */
import { decodeJwt } from "jose"
import { describe, expect, test } from "vitest"
import { writing } from "../contract-subject.ts"
import { lawTenant, listening, secret } from "./laws.fixture.ts"
import { fetchToken } from "./tenant.fixture.ts"

const { tenant, fresh, placed, withoutPermission } = lawTenant()
const scope = (name: string, description = "") => ({ name, description })

describe("audiences", () => {
  test("an identifier without a verified domain is held below the tenant's id, under our key all the same", async () => {
    const { audience } = fresh()
    const port = writing(tenant().open())
    await port.create(audience, "p:1")
    const [uri = ""] = tenant().app(audience.key).identifierUris
    expect(uri).toMatch(new RegExp(`^api://${tenant().fake.tenant.id}/api-\\d+\\.example-[0-9a-f]{8}$`))
    expect(await port.find("audience", audience.key)).toMatchObject({ key: audience.key, fields: audience.fields })
    const request = await tenant().open().tokenRequest(audience.key, [])
    expect(request.parameters).toEqual({ scope: `${uri}/.default` })
  })

  test("an identifier below a verified domain is taken as it is", async () => {
    tenant().fake.tenant.modes.verifiedDomains = ["example"]
    const { audience } = fresh()
    await writing(tenant().open()).create(audience, "p:1")
    expect(tenant().app(audience.key).identifierUris).toEqual([audience.key])
  })

  test("it demands assignment and version 2 tokens, and losing either is drift that can be written back", async () => {
    const { audience, port, made } = await placed()
    const settings = async () => (await port.find("audience", audience.key))?.fields.settings_as_made
    expect(tenant().app(audience.key).api).toEqual({ requestedAccessTokenVersion: 2 })
    expect(tenant().principal(audience.key).appRoleAssignmentRequired).toBe(true)
    tenant().app(audience.key).api.requestedAccessTokenVersion = 1
    expect(await settings()).toBe(false)
    await port.update(made.audience.remoteId, audience, [{ field: "settings_as_made", from: false, to: true }])
    expect(await settings()).toBe(true)
    tenant().principal(audience.key).appRoleAssignmentRequired = false
    expect(await settings()).toBe(false)
  })

  test("a scope is disabled before it goes or changes; users' roles and kept ids stay", async () => {
    const { audience, made } = await placed()
    const app = tenant().app(audience.key)
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
    const answer = await writing(tenant().open(fetch)).update(
      made.audience.remoteId,
      { ...audience, fields: { ...audience.fields, scopes: next } },
      [{ field: "scopes", from: null, to: next }],
    )
    expect(answer.fields.scopes).toEqual(next)
    const writes = asked.filter(({ method, body }) => method === "PATCH" && JSON.stringify(body).includes("appRoles"))
    expect(writes).toHaveLength(2)
    const now = tenant().app(audience.key).appRoles
    expect(now.find(({ value }) => value === "reader")).toEqual(users)
    expect(now.find(({ value }) => value === "payments:read")?.id).toBe(
      before.find(({ value }) => value === "payments:read")?.id,
    )
    expect(now.some(({ value }) => value === "payments:write")).toBe(false)
  })

  test("without the permission for policies the life is left to Microsoft and unknown, never drift", async () => {
    await withoutPermission("Policy.ReadWrite.ApplicationConfiguration", async () => {
      const { audience } = fresh()
      const port = writing(tenant().open())
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
    tenant().fake.tenant.policies.set(theirs.id, { ...theirs, definition })
    tenant().fake.tenant.links.set(tenant().app(audience.key).id, [theirs.id])
    expect((await port.find("audience", audience.key))?.fields.token_ttl_seconds).toBe(28_800)
    await port.update(made.audience.remoteId, audience, [{ field: "token_ttl_seconds", from: 28_800, to: 1_200 }])
    expect(tenant().fake.tenant.policies.get(theirs.id)?.definition).toEqual(definition)
    const { value = "" } = await secret(connector, client.key)
    const token = await fetchToken(made.client.remoteId, value, await connector.tokenRequest(audience.key, []))
    expect(token.expires_in).toBe(1_200)
  })

  test("deleting one takes its policy along; made again within 30 days, the deleted one is named", async () => {
    const { audience, port, made } = await placed()
    await port.remove("audience", made.audience.remoteId, audience.key)
    const policies = [...tenant().fake.tenant.policies.values()].map(({ displayName }) => displayName)
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
    tenant().principal(audience.key).appRoleAssignmentRequired = false
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
