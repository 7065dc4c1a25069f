/** APIs and client grants. */
import { describe, expect, test } from "vitest"
import { grantKey } from "../objects.ts"
import { audience, change, lawRig } from "./laws.fixture.ts"

const rig = lawRig()

describe("APIs", () => {
  test("are made so that only a client grant opens them, with RS256 and our mark in the name", async () => {
    const { audience } = await rig.placed()
    const api = [...rig.tenant.fake.tenant.apis.values()].find(({ identifier }) => identifier === audience.key)
    expect(api).toMatchObject({
      name: "Payments [grantry]",
      signing_alg: "RS256",
      token_lifetime: 900,
      token_dialect: "rfc9068_profile",
      subject_type_authorization: { client: { policy: "require_client_grant" }, user: { policy: "deny_all" } },
    })
  })

  test("a new name keeps our mark, and gives an adopted API none", async () => {
    const { audience, remoteId } = await rig.placed()
    await rig.port().update(remoteId("audience"), audience, change("name", "Payments", "Paying"))
    const api = rig.tenant.fake.tenant.apis.get(remoteId("audience"))
    expect(api?.name).toBe("Paying [grantry]")
    if (api) api.name = "By hand"
    await rig.port().update(remoteId("audience"), audience, change("name", "By hand", "Adopted"))
    expect(api?.name).toBe("Adopted")
    expect(await rig.port().find("audience", audience.key)).toMatchObject({ marked: false })
  })

  test("a scope added by hand shows, and leaves with our next list of scopes, since Auth0 takes it whole", async () => {
    const { audience, remoteId } = await rig.placed()
    const api = rig.tenant.fake.tenant.apis.get(remoteId("audience"))
    api?.scopes.push({ value: "by:hand" })
    const seen = await rig.port().find("audience", audience.key)
    expect(JSON.stringify(seen?.fields.scopes)).toContain("by:hand")
    await rig.port().update(remoteId("audience"), audience, change("scopes", null, audience.fields.scopes ?? []))
    expect(api?.scopes.map(({ value }) => value)).toEqual(["payments:read", "payments:write"])
  })

  test("Auth0's own API is out of sight and its identifier is refused", async () => {
    const identifier = `${rig.tenant.fake.url}/api/v2/`
    expect((await rig.port().observe()).some(({ key }) => key.includes(identifier))).toBe(false)
    expect(await rig.port().find("audience", identifier)).toBeNull()
    expect(rig.tenant.open().reject([{ ...audience, key: identifier }])[0]?.path).toBe("identifier")
  })
})

describe("grants", () => {
  test("are exact: the token holds the granted scopes and no more, for this API and no other", async () => {
    const { client, audience } = await rig.placed()
    const other = rig.fresh()
    await rig.port().create(other.audience, "m")
    const { client_id, client_secret } = rig.tenant.client(client.key)
    expect((await rig.token({ client_id, client_secret, audience: audience.key })).body.scope).toBe("payments:write")
    const refused = await rig.token({ client_id, client_secret, audience: other.audience.key })
    expect([refused.status, refused.body.error]).toEqual([403, "access_denied"])
  })

  test("one that was switched off and on by hand has a new id and is still ours", async () => {
    const { client, audience, grant, remoteId } = await rig.placed()
    const { grants } = rig.tenant.fake.tenant
    const old = [...grants.values()].find((one) => one.audience === audience.key)
    if (!old) throw new Error("no grant")
    grants.delete(old.id)
    grants.set("cgr_again", { ...old, id: "cgr_again" })
    const found = await rig.port().find("grant", grant.key)
    expect(found).toMatchObject({ remoteId: remoteId("grant"), fields: { scopes: ["payments:write"] } })
    const wider = { ...grant, fields: { scopes: ["payments:read", "payments:write"] } }
    await rig.port().update(remoteId("grant"), wider, change("scopes", null, null))
    expect(grants.get("cgr_again")?.scope).toEqual(["payments:read", "payments:write"])
    await rig.port().remove("grant", remoteId("grant"), grant.key)
    expect(grants.has("cgr_again")).toBe(false)
    expect(await rig.port().find("client", client.key)).not.toBeNull()
  })

  test("a user's grant of the same pair is another object: neither seen nor touched", async () => {
    const { client, audience, grant, remoteId } = await rig.placed()
    const { client_id } = rig.tenant.client(client.key)
    const user = { id: "cgr_user", client_id, audience: audience.key, scope: ["payments:read"] }
    const { grants } = rig.tenant.fake.tenant
    grants.set("cgr_user", { ...user, subject_type: "user", allow_all_scopes: false, is_system: false })
    expect((await rig.port().observe()).filter(({ kind, key }) => kind === "grant" && key === grant.key)).toHaveLength(
      1,
    )
    await rig.port().remove("grant", remoteId("grant"), grant.key)
    expect(grants.has("cgr_user")).toBe(true)
  })

  test("a grant of all scopes shows every scope of its API, and is narrowed by an update", async () => {
    const { audience, grant, remoteId } = await rig.placed()
    const held = [...rig.tenant.fake.tenant.grants.values()].find((one) => one.audience === audience.key)
    if (!held) throw new Error("no grant")
    held.allow_all_scopes = true
    const wide = ["payments:read", "payments:write"]
    expect((await rig.port().find("grant", grant.key))?.fields.scopes).toEqual(wide)
    expect((await rig.port().observe()).find(({ key }) => key === grant.key)?.fields.scopes).toEqual(wide)
    const done = await rig.port().update(remoteId("grant"), grant, change("scopes", wide, ["payments:write"]))
    expect(done.fields.scopes).toEqual(["payments:write"])
    expect(held.allow_all_scopes).toBe(false)
  })

  test("a second grant of the pair is a conflict; one without its API or client is not_found", async () => {
    const { client, audience, grant } = await rig.placed()
    await expect(rig.port().create(grant, "m")).rejects.toMatchObject({ code: "conflict" })
    const lost = [grantKey(client.key, "https://nowhere.example"), grantKey("nobody", audience.key)]
    for (const key of lost)
      await expect(rig.port().create({ ...grant, key }, "m")).rejects.toMatchObject({ code: "not_found" })
  })
})
