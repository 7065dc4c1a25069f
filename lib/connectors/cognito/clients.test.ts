/** App clients: what an update sends, what a list hides, and whose they are. */
import { describe, expect, test } from "vitest"
import { losing } from "../contract-losing.ts"
import { writing } from "../contract-subject.ts"
import { accessTokenSeconds } from "../fakes/cognito/clients.ts"
import { grantKey } from "../objects.ts"
import { change, lawRig } from "./laws.fixture.ts"
import { contractPool, foreignClient } from "./pool.fixture.ts"

const rig = lawRig()

describe("a client", () => {
  test("is made with a secret of AWS's own, one flow, and switched off until it has a scope", async () => {
    const { fetch, sent } = rig.watched()
    const { client, audience, grant } = rig.fresh()
    await rig.port().create(audience, "p:c")
    const port = writing(rig.pool.open(fetch))
    const made = await port.create(client, "plan:change")
    expect(made.fields).toMatchObject({ enabled: true, token_ttl_seconds: 900 })
    expect(sent.find(({ operation }) => operation === "CreateUserPoolClient")?.body).toEqual({
      UserPoolId: rig.pool.fake.pool.id,
      ClientName: `${client.key} @grantry plan=change`,
      GenerateSecret: true,
      AllowedOAuthFlows: ["client_credentials"],
      AllowedOAuthFlowsUserPoolClient: false,
      ExplicitAuthFlows: [],
      AccessTokenValidity: 900,
      TokenValidityUnits: { AccessToken: "seconds" },
    })
    expect(rig.pool.client(client.key).settings.AllowedOAuthFlowsUserPoolClient).toBe(false)
    await port.create(grant, "plan:change")
    expect(rig.pool.client(client.key).settings.AllowedOAuthFlowsUserPoolClient).toBe(true)
  })

  test("is written back whole: what an update leaves out would be reset, settings that we do not know among it", async () => {
    const { client, remoteId } = await rig.placed()
    const held = rig.pool.client(client.key)
    const theirs = {
      RefreshTokenValidity: 7,
      EnableTokenRevocation: false,
      SupportedIdentityProviders: ["COGNITO"],
      TokenValidityUnits: { AccessToken: "minutes", RefreshToken: "hours" } as const,
      AccessTokenValidity: 15,
      NewerSetting: { Mode: "theirs" },
    }
    held.settings = { ...held.settings, ...theirs }
    const { fetch, sent } = rig.watched()
    await writing(rig.pool.open(fetch)).update(remoteId("client"), client, change("enabled", true, false))
    expect(held.settings).toMatchObject({ ...theirs, AllowedOAuthFlowsUserPoolClient: false })
    const body = sent.find(({ operation }) => operation === "UpdateUserPoolClient")?.body ?? {}
    expect(Object.keys(body).filter((name) => /Secret|Date|ClientType/.test(name))).toEqual([])
    await rig.port().update(remoteId("client"), client, change("token_ttl_seconds", 900, 600))
    expect(accessTokenSeconds(held.settings)).toBe(600)
    expect(held.settings.TokenValidityUnits).toEqual({ AccessToken: "seconds", RefreshToken: "hours" })
  })

  test("is read again and written again when somebody else writes at the same time, a few times", async () => {
    const { client, remoteId } = await rig.placed()
    rig.pool.fake.pool.modes.concurrent = 2
    const answer = await rig.port().update(remoteId("client"), client, change("enabled", true, false))
    expect(answer.fields).toMatchObject({ enabled: false })
    rig.pool.fake.pool.modes.concurrent = 3
    await expect(rig.port().update(remoteId("client"), client, change("enabled", false, true))).rejects.toMatchObject({
      code: "conflict",
      providerCode: "ConcurrentModificationException",
    })
  })

  test("that is disabled keeps its scopes and gets no tokens; enabling brings it back", async () => {
    const { client, audience, remoteId } = await rig.placed()
    const held = rig.pool.client(client.key)
    const ask = {
      client_id: held.id,
      client_secret: held.secrets[0]?.value ?? "",
      scope: `${audience.key}/payments:write`,
    }
    await rig.port().update(remoteId("client"), client, change("enabled", true, false))
    expect(held.settings.AllowedOAuthScopes).toEqual([`${audience.key}/payments:write`])
    expect((await rig.token(ask)).body.error).toBe("invalid_grant")
    await rig.port().update(remoteId("client"), client, change("enabled", false, true))
    expect((await rig.token(ask)).status).toBe(200)
  })

  test("without a scope is wanted on or off by its name alone, and its first grant obeys", async () => {
    const { client, audience, grant, remoteId } = await rig.placed()
    const held = rig.pool.client(client.key)
    await rig.port().remove("grant", remoteId("grant"), grant.key)
    expect(held.settings).toMatchObject({ AllowedOAuthFlowsUserPoolClient: false, AllowedOAuthScopes: [] })
    const enabled = async () => (await rig.port().find("client", client.key))?.fields.enabled
    expect(await enabled()).toBe(true)
    await rig.port().update(remoteId("client"), client, change("enabled", true, false))
    expect(await enabled()).toBe(false)
    await rig.port().create(grant, "p:c")
    expect(held.settings).toMatchObject({
      AllowedOAuthFlowsUserPoolClient: false,
      AllowedOAuthScopes: [`${audience.key}/payments:write`],
    })
    expect(await enabled()).toBe(false)
    expect(await rig.port().find("client", client.key)).toMatchObject({ marked: true, marker: "p:c" })
  })
})

describe("whose a client is", () => {
  test("foreign ones go by their name, where it is one word and theirs alone, else by their ClientId", async () => {
    const scopes = ["openid"]
    const made = ["lonely", "twin", "twin", "two words"].map((name) =>
      foreignClient(rig.pool.fake.pool, name, {}, scopes),
    )
    const objects = await rig.port().observe()
    const keys = made.map(({ id }) => objects.find(({ remoteId }) => remoteId === id)?.key)
    expect(keys).toEqual(["lonely", made[1]?.id, made[2]?.id, made[3]?.id])
    expect(await rig.port().find("client", "lonely")).toMatchObject({ marked: false, remoteId: made[0]?.id })
  })

  test("a foreign one is changed without getting our mark", async () => {
    const { audience } = await rig.placed()
    const theirs = foreignClient(rig.pool.fake.pool, "adopted-one", {}, [`${audience.key}/payments:read`])
    const object = { kind: "client", key: "adopted-one", fields: { enabled: false } } as const
    await rig.port().update(theirs.id, object, change("enabled", true, false))
    expect(theirs.settings).toMatchObject({ ClientName: "adopted-one", AllowedOAuthFlowsUserPoolClient: false })
    expect(await rig.port().find("client", "adopted-one")).toMatchObject({ marked: false, fields: { enabled: false } })
  })

  test("a foreign one without a scope is neither on nor off, and no grant switches it on by the way", async () => {
    const { audience, grant } = await rig.placed()
    const theirs = foreignClient(rig.pool.fake.pool, "idle", { enabled: false }, [])
    const found = await rig.port().find("client", "idle")
    expect(found).toMatchObject({ marked: false, unknown: ["enabled"] })
    expect(found?.fields).not.toHaveProperty("enabled")
    await rig.port().create({ ...grant, key: grantKey("idle", audience.key) }, "p:c")
    expect(theirs.settings.AllowedOAuthFlowsUserPoolClient).toBe(false)
    expect((await rig.port().find("client", "idle"))?.fields).toMatchObject({ enabled: false })
  })

  test("a foreign one that was on is on again with its next grant, and stays off where it was disabled meanwhile", async () => {
    const { audience, grant } = await rig.placed()
    const theirs = foreignClient(rig.pool.fake.pool, "adopted-on", {}, [`${audience.key}/payments:read`])
    const key = grantKey("adopted-on", audience.key)
    const object = { kind: "client", key: "adopted-on", fields: {} } as const
    const isOn = () => theirs.settings.AllowedOAuthFlowsUserPoolClient
    const remove = async () => await rig.port().remove("grant", grantKey(theirs.id, audience.key), key)
    await remove()
    expect([isOn(), theirs.settings.AllowedOAuthScopes]).toEqual([false, []])
    expect(await rig.port().find("client", "adopted-on")).toMatchObject({ unknown: ["enabled"] })
    await rig.port().create({ ...grant, key }, "p:c")
    expect(isOn()).toBe(true)
    expect((await rig.port().find("client", "adopted-on"))?.fields).toMatchObject({ enabled: true })
    await remove()
    await rig.port().update(theirs.id, object, change("enabled", true, false))
    await rig.port().create({ ...grant, key }, "p:c")
    expect(isOn()).toBe(false)
    await remove()
    await rig.port().update(theirs.id, object, change("enabled", false, true))
    expect(isOn()).toBe(false)
    await rig.port().create({ ...grant, key }, "p:c")
    expect(isOn()).toBe(true)
    await remove()
    await rig.port().remove("client", theirs.id, "adopted-on")
    expect(await rig.pool.memory.read(`switch of ${theirs.id}`)).toBeNull()
  })

  test("two of one name: the one with our mark keeps it", async () => {
    const { client, remoteId } = await rig.placed()
    const other = foreignClient(rig.pool.fake.pool, client.key, {}, [])
    const objects = await rig.port().observe()
    expect(objects.find(({ kind, key }) => kind === "client" && key === client.key)?.remoteId).toBe(remoteId("client"))
    expect(objects.find((one) => one.remoteId === other.id)?.key).toBe(other.id)
  })

  test("clients that people sign in through are out of sight, and no grant is given to one", async () => {
    const { audience, grant } = await rig.placed()
    const theirs = foreignClient(rig.pool.fake.pool, "web-app", {}, ["openid"])
    theirs.settings.AllowedOAuthFlows = ["code"]
    expect((await rig.port().observe()).some(({ remoteId }) => remoteId === theirs.id)).toBe(false)
    expect(await rig.port().find("client", "web-app")).toBeNull()
    await expect(rig.port().create({ ...grant, key: `web-app ${audience.key}` }, "m")).rejects.toMatchObject({
      code: "not_found",
    })
  })

  test("a create whose answer the network swallowed is found by our name, with its marker", async () => {
    const { client } = rig.fresh()
    const writer = writing(rig.pool.open(losing(contractPool(rig.pool), "timeout")))
    expect(await writer.find("client", client.key)).toBeNull()
    await expect(writer.create(client, "p:c")).rejects.toMatchObject({ code: "lost_answer" })
    expect(await writer.find("client", client.key)).toMatchObject({ marked: true, marker: "p:c" })
    await expect(writer.create(client, "p:c")).rejects.toMatchObject({ code: "conflict" })
  })

  test("of two alike the other has the name once one is removed, in the same opening too", async () => {
    const { client, remoteId } = await rig.placed()
    const other = foreignClient(rig.pool.fake.pool, client.key, {}, ["openid"])
    const writer = writing(rig.pool.open())
    expect(await writer.find("client", client.key)).toMatchObject({ remoteId: remoteId("client") })
    await writer.remove("client", remoteId("client"), client.key)
    expect(await writer.find("client", client.key)).toMatchObject({ remoteId: other.id, marked: false })
  })
})

test("nulls are Cognito's defaults, or unknown where it has none", async () => {
  const { client, audience, remoteId } = await rig.placed()
  rig.pool.fake.pool.modes.nulls = true
  const seen = await rig.port().observe()
  expect(seen.find(({ key, kind }) => kind === "audience" && key === audience.key)).toMatchObject({
    fields: { scopes: [] },
    unknown: ["name"],
  })
  expect(seen.find((one) => one.remoteId === remoteId("client"))).toBeUndefined()
  expect(await rig.port().find("client", client.key)).toBeNull()
})
