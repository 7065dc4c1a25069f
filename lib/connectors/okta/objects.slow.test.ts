/** Apps and authorization servers: what is replaced, what is kept, what is nobody's business. */
import { expect, test } from "vitest"
import type { Json } from "../../base/json.ts"
import { writing } from "../contract-subject.ts"
import { kindOf } from "../kinds.ts"
import { change, lawRig } from "./laws.fixture.ts"
import { localFetch, newApp, publicKey } from "./org.fixture.ts"

const rig = lawRig()
const servers = "/api/v1/authorizationServers"

test("the client_id is our name, and stays; the app's own id is what removes it", async () => {
  const { client, remoteIds } = await rig.placed()
  expect(rig.org.app(client.key)).toMatchObject({ id: remoteIds.client, clientId: client.key })
  expect(rig.open().clientIdOf({ key: client.key, remoteId: remoteIds.client })).toBe(client.key)
  expect(remoteIds.client).not.toBe(client.key)
})

test("an update replaces the whole app, so it carries back what people set there, and our mark", async () => {
  const { client, remoteIds } = await rig.placed()
  const { id, body } = rig.org.app(client.key)
  await rig.org.admin("PUT", `/api/v1/apps/${id}`, {
    ...body,
    profile: { ...(body.profile as object), theirs: { cost_center: null } },
    settings: { ...(body.settings as object), notes: { admin: "ask Ada" } },
  })
  const told = await rig.port().update(remoteIds.client, client, change("display_name", "Orders", "Orders 2"))
  expect(told).toMatchObject({
    marked: true,
    marker: "p:c",
    fields: { display_name: "Orders 2", owner: "team-orders" },
  })
  expect(rig.org.app(client.key).body).toMatchObject({
    label: "Orders 2",
    profile: { theirs: { cost_center: null }, grantry: { client: client.key } },
    settings: { notes: { admin: "ask Ada" }, oauthClient: { application_type: "service" } },
  })
})

test("keys that are switched off and keys for encryption are not ours: they survive every update, as they stand", async () => {
  const { client, remoteIds } = await rig.placed()
  const app = rig.org.app(client.key)
  const off = { ...(await publicKey("off")), status: "INACTIVE", id: "pks1", created: "2026-01-01T00:00:00.000Z" }
  const enc = { ...(await publicKey("enc")), use: "enc", status: "ACTIVE" }
  const ours = await publicKey("k1")
  const settings = app.body.settings as { oauthClient: object }
  app.body = {
    ...app.body,
    settings: { ...settings, oauthClient: { ...settings.oauthClient, jwks: { keys: [off, enc] } } },
  }
  const held = () =>
    (rig.org.app(client.key).body as { settings: { oauthClient: { jwks?: { keys: { kid: string }[] } } } }).settings
      .oauthClient.jwks?.keys
  const { id: _id, created: _created, ...offWithout } = off
  const update = (field: string, from: Json, to: Json) =>
    rig.port().update(remoteIds.client, client, change(field, from, to))
  await update("display_name", "Orders", "Orders 2")
  expect(held()).toEqual([offWithout, enc])
  expect((await update("jwks", null, { keys: [ours] })).fields.jwks).toEqual({ keys: [ours] })
  expect(held()).toEqual([ours, offWithout, enc])
  expect((await update("jwks", { keys: [ours] }, null)).fields.jwks).toBeNull()
  expect(held()).toEqual([offWithout, enc])
  const { status: _status, ...again } = offWithout
  expect((await update("jwks", null, { keys: [again] })).fields.jwks).toEqual({ keys: [again] })
  expect(held()).toEqual([again, enc])
})

test("an adopted app gets our owner and never our mark", async () => {
  const { client } = rig.fresh()
  await rig.org.admin("POST", "/api/v1/apps", newApp(client.key, client.fields))
  const found = await rig.port().find("client", client.key)
  expect(found).toMatchObject({ marked: false, fields: client.fields })
  const told = await rig.port().update(found?.remoteId ?? "", client, change("owner", "team-orders", "team-b"))
  expect(told).toMatchObject({ marked: false, fields: { owner: "team-b" } })
})

test("a copy that somebody made of an app of ours, profile and all, is not ours", async () => {
  const { client } = await rig.placed()
  const copy = { ...newApp(`${client.key}-copy`, client.fields), profile: rig.org.app(client.key).body.profile }
  await rig.org.admin("POST", "/api/v1/apps", copy)
  expect(await rig.port().find("client", `${client.key}-copy`)).toMatchObject({ marked: false })
  expect(await rig.port().find("client", client.key)).toMatchObject({ marked: true })
})

test("real answers hold nulls: everything is read as without them, and no request carries one", async () => {
  rig.org.fake.org.modes.nulls = true
  const { audience, client, grant, remoteIds } = await rig.placed()
  const { fetch, sent } = rig.watched()
  const port = writing(rig.org.open(fetch))
  expect(await port.find("client", client.key)).toMatchObject({ marked: true, fields: client.fields })
  expect(await port.find("audience", audience.key)).toMatchObject({ marked: true, fields: audience.fields })
  expect(await port.find("grant", grant.key)).toMatchObject({ marked: true, fields: grant.fields })
  await port.update(remoteIds.client, client, change("display_name", "Orders", "Orders 2"))
  await port.update(remoteIds.audience, audience, change("name", "Payments", "Payments 2"))
  await port.update(remoteIds.grant, grant, [])
  const writes = sent.filter(({ method }) => method === "PUT")
  expect(writes.length).toBeGreaterThan(2)
  for (const { body } of writes) expect(body).not.toContain("null")
  const told = (await port.observe()).filter(({ key }) => [audience.key, client.key, grant.key].includes(key))
  expect(told.flatMap(({ unknown }) => unknown ?? [])).toEqual([])
})

test("what Okta hides is unknown, never drift", async () => {
  const { client } = await rig.placed()
  const app = rig.org.app(client.key)
  const blind = writing(
    rig.org.open(async (url, init) => {
      const answer = await localFetch(url, init)
      if (!url.includes("/api/v1/apps")) return answer
      const hide = (given: unknown): unknown =>
        Array.isArray(given) ? given.map(hide) : { ...(given as object), label: null, credentials: null, status: null }
      return { ...answer, text: JSON.stringify(hide(JSON.parse(answer.text))) }
    }),
  )
  const seen = (await blind.observe()).find(({ remoteId }) => remoteId === app.id)
  expect(seen).toMatchObject({ key: client.key, marked: true, unknown: ["display_name", "auth_method", "enabled"] })
  expect(Object.keys(seen?.fields ?? {}).toSorted()).toEqual(["jwks", "owner"])
})

test("an active app is deactivated before it is deleted, and a disabled client gets no token", async () => {
  const objects = await rig.placed()
  const { client, remoteIds } = objects
  const { value } = await rig.issued(client.key, "r:0")
  await rig.port().update(remoteIds.client, client, change("enabled", true, false))
  expect((await rig.token(objects, value)).error).toBe("invalid_client")
  await rig.port().update(remoteIds.client, client, change("enabled", false, true))
  expect((await rig.token(objects, value)).error).toBeNull()
  await rig.port().remove("client", remoteIds.client, client.key)
  expect(() => rig.org.app(client.key)).toThrow()
})

test("a client that is wanted disabled never lives for a moment", async () => {
  const { client } = rig.fresh({ enabled: false })
  const { fetch, sent } = rig.watched()
  expect((await writing(rig.org.open(fetch)).create(client, "p:c")).fields.enabled).toBe(false)
  expect(sent.filter(({ method }) => method !== "GET").map(({ path }) => path)).toEqual(["/api/v1/apps?activate=false"])
})

test("Grantry's own app is not seen, not changed and not removed", async () => {
  const { client_id: own } = rig.org.fake.settings
  expect((await rig.port().observe()).map(({ key }) => key)).not.toContain(own)
  const { id } = rig.org.app(own)
  const { client } = rig.fresh()
  await expect(rig.port().update(id, client, change("enabled", true, false))).rejects.toMatchObject({
    code: "unsupported",
  })
  await expect(rig.port().remove("client", id, own)).rejects.toMatchObject({ code: "unsupported" })
  expect(rig.org.app(own).status).toBe("ACTIVE")
})

test("web and native apps are none of ours", async () => {
  const { client } = rig.fresh()
  const web = newApp(client.key, client.fields)
  const settings = {
    oauthClient: { application_type: "web", grant_types: ["authorization_code"], response_types: ["code"] },
  }
  await rig.org.admin("POST", "/api/v1/apps", { ...web, settings })
  expect(await rig.port().find("client", client.key)).toBeNull()
  // Its name is taken all the same.
  await expect(rig.port().create(client, "p:c")).rejects.toMatchObject({ code: "invalid" })
})

test("lists are read to their last page", async () => {
  const all = [await rig.placed(), await rig.placed(), await rig.placed()]
  rig.org.fake.org.modes.pageSize = 2
  const seen = (await rig.port().observe()).map(({ key }) => key)
  for (const { audience, client, grant } of all)
    for (const { key } of [audience, client, grant]) expect(seen).toContain(key)
})

test("apps and servers that are made and removed one after the other cost one listing of each, and one more for each server", async () => {
  const { fetch, sent } = rig.watched()
  const writer = writing(rig.org.open(fetch))
  const lists = (of: string) => sent.filter(({ method, path }) => method === "GET" && path.startsWith(`${of}?`)).length
  const objects = Array.from({ length: 8 }, () => rig.fresh()).flatMap(({ audience, client }) => [audience, client])
  const made: string[] = []
  for (const object of objects) {
    expect(await writer.find(object.kind, object.key)).toBeNull()
    made.push((await writer.create(object, "p:c")).remoteId)
    expect(await writer.find(object.kind, object.key)).toMatchObject({ marker: "p:c" })
  }
  expect([lists("/api/v1/apps"), lists(servers)]).toEqual([1, 1 + 8])
  for (const [i, { kind, key }] of objects.entries()) {
    await writer.remove(kind, made[i] ?? "", key)
    expect(await writer.find(kind, key)).toBeNull()
  }
  expect([lists("/api/v1/apps"), lists(servers)]).toEqual([1, 1 + 8])
})

test.each([
  ["the same page again", (at: string) => `<${at}>; rel="next"`, "does not advance"],
  ["another address", () => `<https://elsewhere.example/api/v1/other>; rel="next"`, "another address"],
  ["no end", (at: string) => `<${at}&after=${Math.random()}>; rel="next"`, "longer than"],
])("a next link to %s is an error, never half an answer", async (_name, link, why) => {
  const port = writing(
    rig.org.open(async (url, init) =>
      url.includes("/api/v1/apps")
        ? { status: 200, headers: new Headers({ link: link(url.split("&after")[0] ?? "") }), text: "[]" }
        : await localFetch(url, init),
    ),
  )
  await expect(port.observe()).rejects.toMatchObject({ code: "unknown", message: expect.stringContaining(why) })
})

test("Okta's own scopes are not ours; one that somebody added by hand is drift, and goes with a revert", async () => {
  const { audience, remoteIds } = await rig.placed()
  expect((await rig.port().find("audience", audience.key))?.fields).toEqual(audience.fields)
  await rig.org.admin("POST", `${servers}/${remoteIds.audience}/scopes`, { name: "payments:steal" })
  const drifted = await rig.port().find("audience", audience.key)
  expect(JSON.stringify(drifted?.fields.scopes)).toContain("payments:steal")
  const reverted = await rig.port().update(remoteIds.audience, audience, change("scopes", null, null))
  expect(reverted.fields).toEqual(audience.fields)
  expect(rig.org.server(audience.key).scopes.filter(({ system }) => system)).toHaveLength(7)
})

test("an audience whose scopes were not all made is found by its marker, and the update finishes it", async () => {
  const { audience } = rig.fresh()
  let scopes = 0
  rig.org.fake.faults.add({
    match: ({ method, path }) => method === "POST" && path.endsWith("/scopes") && ++scopes === 2,
    answer: "lost",
  })
  await expect(rig.port().create(audience, "p:9")).rejects.toMatchObject({ code: "lost_answer" })
  const half = await rig.port().find("audience", audience.key)
  expect(half).toMatchObject({ marked: true, marker: "p:9" })
  const whole = await rig.port().update(half?.remoteId ?? "", audience, change("scopes", null, null))
  expect(whole.fields).toEqual(audience.fields)
})

test("two servers of one audience are two objects: ours by the audience, the other by its id", async () => {
  const { audience, remoteIds } = await rig.placed()
  const { id } = await rig.org.admin("POST", servers, { name: "Twin", audiences: [audience.key] })
  const seen = (await rig.port().observe()).filter(({ remoteId }) => [remoteIds.audience, id].includes(remoteId))
  expect(Object.fromEntries(seen.map(({ key, remoteId }) => [key, remoteId]))).toEqual({
    [audience.key]: remoteIds.audience,
    [String(id)]: id,
  })
})

test("kept to one server, Grantry sees that one alone, grants on it, and neither makes nor removes one", async () => {
  const { audience, client, remoteIds } = await rig.placed()
  const other = await rig.placed()
  const settings = { ...rig.org.fake.settings, authorization_server_id: remoteIds.audience }
  const bound = rig.org.open(localFetch, settings)
  const port = writing(bound)
  expect((await port.observe()).filter(({ kind }) => kind === "audience").map(({ key }) => key)).toEqual([audience.key])
  expect(await port.find("audience", other.audience.key)).toBeNull()
  await expect(port.create(other.audience, "p:c")).rejects.toMatchObject({ code: "unsupported" })
  await expect(port.remove("audience", remoteIds.audience, audience.key)).rejects.toMatchObject({ code: "unsupported" })
  expect(bound.reject([audience, other.audience]).map(({ path }) => path)).toEqual(["identifier", "identifier"])
  expect(await bound.endpoints()).toEqual(kindOf("okta")?.endpoints(settings))
  expect((await bound.tokenRequest(audience.key, ["a", "b"])).parameters).toEqual({ scope: "a b" })
  expect((await port.find("grant", `${client.key} ${audience.key}`))?.marked).toBe(true)
  await rig.org.admin("POST", `${servers}/${remoteIds.audience}/scopes`, { name: "late" })
})

test("what the settings alone tell of the org's endpoints is what its discovery tells", async () => {
  expect(await rig.open().endpoints()).toEqual(kindOf("okta")?.endpoints(rig.org.fake.settings))
})
