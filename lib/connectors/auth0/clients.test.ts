/** Clients of Auth0, and whatever a list or an answer of it may look like. */
import { describe, expect, test } from "vitest"
import { writing } from "../contract-subject.ts"
import { mergeMetadata, type FakeClient } from "../fakes/auth0/state.ts"
import type { DesiredObject } from "../objects.ts"
import { change, lawRig } from "./laws.fixture.ts"
import { privileges } from "./privileges.ts"

const rig = lawRig()

describe("clients", () => {
  test("are made with one grant type, RS256, our name and mark, and without a secret in the request", async () => {
    const { fetch, sent } = rig.watched()
    const { client } = rig.fresh()
    await writing(rig.tenant.open(fetch)).create(client, "plan:change")
    const post = sent.find(({ method, path }) => method === "POST" && path === "/api/v2/clients")
    expect(post?.body).toMatchObject({
      app_type: "non_interactive",
      grant_types: ["client_credentials"],
      jwt_configuration: { alg: "RS256" },
      client_metadata: { grantry_name: client.key, grantry_marker: "plan:change", grantry_owner: "team-orders" },
    })
    expect(JSON.stringify(sent)).not.toContain('"client_secret":')
  })

  test("a list reads no secret, though our token may", async () => {
    const { fetch, sent } = rig.watched()
    const connector = rig.tenant.open(fetch)
    await writing(connector).observe()
    await connector.check()
    for (const { path } of sent.filter((one) => one.path.startsWith("/api/v2/clients")))
      expect(path).toMatch(/fields=client_id/)
  })

  test("metadata merges: what others keep there stays, and an empty owner is taken away", async () => {
    const { client, remoteId } = await rig.placed()
    mergeMetadata(rig.tenant.client(client.key), { team: "theirs" })
    await rig.port().update(remoteId("client"), client, change("owner", "team-orders", ""))
    expect(rig.tenant.client(client.key).client_metadata).toMatchObject({ team: "theirs", grantry_name: client.key })
    expect(rig.tenant.client(client.key).client_metadata).not.toHaveProperty("grantry_owner")
  })

  test("disabling takes client_credentials alone away, and tokens are refused; enabling brings it back", async () => {
    const { client, audience, remoteId } = await rig.placed()
    const held = rig.tenant.client(client.key)
    held.grant_types = ["client_credentials", "authorization_code"]
    const ask = { client_id: held.client_id, client_secret: held.client_secret, audience: audience.key }
    await rig.port().update(remoteId("client"), client, change("enabled", true, false))
    expect(held.grant_types).toEqual(["authorization_code"])
    expect((await rig.token(ask)).body.error).toBe("unauthorized_client")
    await rig.port().update(remoteId("client"), client, change("enabled", false, true))
    expect(held.grant_types).toEqual(["authorization_code", "client_credentials"])
    expect((await rig.token(ask)).status).toBe(200)
  })

  test("an update carries only what changed", async () => {
    const { fetch, sent } = rig.watched()
    const { client, remoteId } = await rig.placed()
    await writing(rig.tenant.open(fetch)).update(remoteId("client"), client, change("display_name", "Orders", "New"))
    expect(sent.filter(({ method }) => method === "PATCH").map(({ body }) => body)).toEqual([{ name: "New" }])
  })

  test("foreign ones go by their name, where it is one word and theirs alone, else by their client_id", async () => {
    const [plain, twin1, twin2, spaced] = ["lonely", "twin", "twin", "two words"].map((name) => rig.foreign({ name }))
    const objects = await rig.port().observe()
    const keyOf = (one: FakeClient | undefined) => objects.find(({ remoteId }) => remoteId === one?.client_id)?.key
    expect(keyOf(plain)).toBe("lonely")
    for (const one of [twin1, twin2, spaced]) expect(keyOf(one)).toBe(one?.client_id)
    expect(await rig.port().find("client", "lonely")).toMatchObject({ marked: false, remoteId: plain?.client_id })
  })

  test("two that carry our name: the one with our mark keeps it", async () => {
    const { client, remoteId } = await rig.placed()
    const copy = rig.foreign({ client_metadata: { grantry_name: client.key } })
    const objects = await rig.port().observe()
    expect(objects.find(({ key, kind }) => kind === "client" && key === client.key)?.remoteId).toBe(remoteId("client"))
    expect(objects.find((one) => one.remoteId === copy.client_id)?.key).toBe(copy.client_id)
  })

  test("an adopted one keeps its name of ours when its display name changes, and never gets our mark", async () => {
    const theirs = rig.foreign({ name: "adopted-one" })
    const object: DesiredObject = { kind: "client", key: "adopted-one", fields: { display_name: "Nice name" } }
    await rig.port().update(theirs.client_id, object, change("display_name", "adopted-one", "Nice name"))
    expect(await rig.port().find("client", "adopted-one")).toMatchObject({
      marked: false,
      fields: { display_name: "Nice name" },
    })
  })

  test("browser applications, the global client and Grantry's own are out of sight; its own is never written", async () => {
    const hidden = [
      rig.foreign({ app_type: "spa", grant_types: ["authorization_code"] }).client_id,
      rig.foreign({ global: true }).client_id,
      rig.tenant.fake.settings.client_id,
    ]
    const seen = (await rig.port().observe()).map(({ remoteId }) => remoteId)
    for (const id of hidden) expect(seen.some((one) => one.startsWith(id))).toBe(false)
    const own = rig.tenant.fake.settings.client_id
    await expect(rig.port().remove("client", own, "x")).rejects.toMatchObject({ code: "unsupported" })
    const entry = `${own} ${rig.tenant.fake.url}/api/v2/`
    await expect(rig.port().remove("grant", entry, "x y")).rejects.toMatchObject({ code: "unsupported" })
    await expect(rig.port().update(own, rig.fresh().client, change("owner", "", "x"))).rejects.toMatchObject({
      code: "unsupported",
    })
  })

  test("a full tenant is a matter of quota, not of rights", async () => {
    rig.tenant.fake.tenant.modes.entitiesMax = 1
    await expect(rig.port().create(rig.fresh().client, "m")).rejects.toMatchObject({ code: "quota", httpStatus: 403 })
    await expect(rig.port().create(rig.fresh().audience, "m")).rejects.toMatchObject({ code: "quota" })
    rig.tenant.fake.tenant.modes.entitiesMax = 100_000
    rig.tenant.fake.allow(["read:clients"])
    const weak = writing(rig.tenant.open())
    await expect(weak.create(rig.fresh().client, "m")).rejects.toMatchObject({ code: "forbidden" })
    await expect(weak.observe()).rejects.toMatchObject({ code: "forbidden" })
    rig.tenant.fake.allow(privileges.map(({ name }) => name))
  })

  test("a create whose answer the network swallowed is found by our name in the list", async () => {
    const { client } = rig.fresh()
    rig.tenant.fake.faults.add({
      match: ({ method, path }) => method === "POST" && path === "/api/v2/clients",
      answer: "lost",
    })
    const writer = rig.port()
    expect(await writer.find("client", client.key)).toBeNull()
    await expect(writer.create(client, "p:c")).rejects.toMatchObject({ code: "lost_answer" })
    expect(await writer.find("client", client.key)).toMatchObject({
      marked: true,
      marker: "p:c",
      fields: client.fields,
    })
  })
})

describe("what Auth0 does not tell", () => {
  test("nulls everywhere are unknown, never a value that would be drift", async () => {
    const objects = await rig.placed()
    rig.tenant.fake.tenant.modes.nulls = true
    const seen = await rig.port().observe()
    expect(seen.find(({ key }) => key === objects.audience.key)).toMatchObject({
      fields: {},
      unknown: ["name", "scopes", "token_ttl_seconds", "signing_alg"],
    })
    expect(seen.find(({ remoteId }) => remoteId === objects.remoteId("client"))?.unknown).toEqual([
      "display_name",
      "auth_method",
      "enabled",
    ])
    expect(seen.find(({ remoteId }) => remoteId === objects.remoteId("grant"))).toMatchObject({
      fields: {},
      unknown: ["scopes"],
    })
  })

  test("an error without a body is classified by its status", async () => {
    rig.tenant.fake.tenant.modes.emptyErrors = true
    const { client, audience } = await rig.placed()
    await expect(rig.port().create(audience, "m")).rejects.toMatchObject({ code: "conflict", excerpt: "" })
    expect(await rig.port().find("audience", "https://nowhere.example")).toBeNull()
    expect(await rig.port().find("client", client.key)).not.toBeNull()
  })

  test("an empty bucket says when to come back", async () => {
    rig.tenant.fake.tenant.modes.bucket = { burst: 2, perSecond: 0.1 }
    rig.tenant.fake.tenant.bucket.at = 0
    const error = await rig
      .port()
      .observe()
      .catch((caught: unknown) => caught)
    expect(error).toMatchObject({ code: "rate_limited", httpStatus: 429, providerCode: "too_many_requests" })
    const wait = ((error as { retryAt: Date }).retryAt.getTime() - rig.tenant.fake.clock.now().getTime()) / 1_000
    expect(wait).toBeGreaterThan(5)
    expect(wait).toBeLessThan(12)
  })
})
