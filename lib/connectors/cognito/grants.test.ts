/** Grants: stretches of one list on the client, which resource servers may empty behind its back. */
import { decodeJwt } from "jose"
import { expect, test } from "vitest"
import { grantKey } from "../objects.ts"
import { change, lawRig } from "./laws.fixture.ts"

const rig = lawRig()

test("grants on two audiences share one list and one token, and each is written without the other", async () => {
  const one = await rig.placed()
  const two = await rig.placed()
  const both = { ...two.grant, key: grantKey(one.client.key, two.audience.key) }
  const { remoteId } = await rig.port().create(both, "p:c")
  const held = rig.pool.client(one.client.key)
  const wire = (audience: string, ...names: string[]) => names.map((name) => `${audience}/${name}`)
  expect(held.settings.AllowedOAuthScopes).toEqual([
    ...wire(one.audience.key, "payments:write"),
    ...wire(two.audience.key, "payments:write"),
  ])
  const wider = { ...both, fields: { scopes: ["payments:read", "payments:write"] } }
  await rig.port().update(remoteId, wider, change("scopes", ["payments:write"], ["payments:read", "payments:write"]))
  const secret = held.secrets[0]?.value ?? ""
  const { body } = await rig.token({ client_id: held.id, client_secret: secret })
  expect(String(decodeJwt(String(body.access_token)).scope).split(" ")).toHaveLength(3)
  expect(decodeJwt(String(body.access_token))).not.toHaveProperty("aud")
  await rig.port().remove("grant", remoteId, both.key)
  expect(held.settings.AllowedOAuthScopes).toEqual(wire(one.audience.key, "payments:write"))
  expect(await rig.port().find("grant", both.key)).toBeNull()
})

test("a scope that its resource server has lost is not told, and does not keep the client from being written", async () => {
  const { client, audience, grant, remoteId } = await rig.placed()
  const wider = { ...grant, fields: { scopes: ["payments:read", "payments:write"] } }
  await rig.port().update(remoteId("grant"), wider, change("scopes", [], ["payments:read", "payments:write"]))
  const server = rig.pool.fake.pool.servers.get(audience.key)
  if (!server) throw new Error("not placed")
  server.scopes = server.scopes.filter(({ ScopeName }) => ScopeName === "payments:read")
  expect((await rig.port().find("grant", grant.key))?.fields).toEqual({ scopes: ["payments:read"] })
  const seen = (await rig.port().observe()).find(({ kind, key }) => kind === "grant" && key === grant.key)
  expect(seen?.fields).toEqual({ scopes: ["payments:read"] })
  const answer = await rig.port().update(remoteId("client"), client, change("token_ttl_seconds", 900, 600))
  expect(answer.fields).toMatchObject({ token_ttl_seconds: 600, enabled: true })
  expect(rig.pool.client(client.key).settings.AllowedOAuthScopes).toEqual([`${audience.key}/payments:read`])
})

test("a scope that is asked for and not there is a refusal, and what stood there stands", async () => {
  const { grant, audience, client, remoteId } = await rig.placed()
  const wrong = { ...grant, fields: { scopes: ["payments:drop"] } }
  await expect(
    rig.port().update(remoteId("grant"), wrong, change("scopes", ["payments:write"], ["payments:drop"])),
  ).rejects.toMatchObject({ code: "invalid", providerCode: "ScopeDoesNotExistException" })
  expect(rig.pool.client(client.key).settings.AllowedOAuthScopes).toEqual([`${audience.key}/payments:write`])
})

test("a grant of a client that is gone is gone; making one there is not_found", async () => {
  const { client, grant, remoteId } = await rig.placed()
  await rig.port().remove("client", remoteId("client"), client.key)
  await rig.port().remove("grant", remoteId("grant"), grant.key)
  await expect(rig.port().create(grant, "m")).rejects.toMatchObject({ code: "not_found" })
})
