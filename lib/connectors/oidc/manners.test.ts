import { afterEach, describe, expect, test } from "vitest"
import { guardedFetch } from "../../base/http.ts"
import { secretsOf, writing } from "../contract-subject.ts"
import { fakeInitialToken, startFakeOidc, type FakeManners, type FakeOidc } from "../fakes/oidc/server.ts"
import { ConnectorError } from "../connector-error.ts"
import { grantKey } from "../objects.ts"
import type { Connector } from "../port.ts"
import { oidcAt, oidcSamples, type OpenedOidc } from "./samples.fixture.ts"

const fetch = guardedFetch({ allowHosts: ["127.0.0.1"], timeoutMs: 3_000 })
const settingsFor = (fake: FakeOidc) => ({ issuer: fake.url, initial_access_token: fakeInitialToken })

describe("a server's manners", () => {
  let running: FakeOidc | null = null
  afterEach(async () => {
    await running?.stop()
  })
  const client = oidcSamples.client
  const scopes = {
    kind: "grant",
    key: grantKey(client.key, "https://a.example"),
    fields: { scopes: ["a:read"] },
  } as const
  const audience = { kind: "audience", key: "https://a.example", fields: { scopes: ["a:read", "a:write"] } } as const

  async function at(
    manners: FakeManners,
    now?: () => Date,
  ): Promise<{ fake: FakeOidc; oidc: OpenedOidc; open: Connector }> {
    const fake = await startFakeOidc(manners)
    running = fake
    const oidc = oidcAt(settingsFor(fake), fetch, now)
    return { fake, oidc, open: oidc.open(fetch) }
  }
  const limitsOf = async (open: Connector) =>
    (await open.check()).filter(({ is }) => is === "warn").map(({ name }) => name)
  const put = (open: Connector, display_name: string) =>
    writing(open).update("c1", { ...client, fields: { ...client.fields, display_name } }, [
      { field: "display_name", from: "Orders", to: display_name },
    ])
  const issue = (open: Connector, marker: string) =>
    secretsOf(open).issue({ client: client.key, value: "", fingerprint: "", marker, expiresAt: null })

  test("a token that changes with every read is kept before it is used: reads and updates go on", async () => {
    const { open } = await at({ rotatesToken: true })
    await writing(open).create(client, "m")
    for (let i = 0; i < 3; i++) expect(await writing(open).find("client", client.key)).toMatchObject({ remoteId: "c1" })
    expect((await put(open, "New name")).fields.display_name).toBe("New name")
  })

  test("two openings that read at once both find their way to the newest token", async () => {
    const { oidc } = await at({ rotatesToken: true })
    await writing(oidc.open(fetch)).create(client, "m")
    for (let i = 0; i < 5; i++) {
      const seen = await Promise.all([oidc.open(fetch), oidc.open(fetch)].map((one) => writing(one).observe()))
      expect(seen.map((objects) => objects[0]?.unknown)).toEqual([undefined, undefined])
    }
  })

  test("without PUT a change is refused with the reason, and the check tells it as a limit, not a failure", async () => {
    const { open } = await at({ missing: ["PUT"] })
    await writing(open).create(client, "m")
    await expect(put(open, "x")).rejects.toMatchObject({ code: "feature_missing" })
    expect(await limitsOf(open)).toContain("limit_update")
    expect((await open.check()).some(({ is }) => is === "fail")).toBe(false)
  })

  test("without GET the last answer stands, and the check says that drift cannot be seen", async () => {
    const { open } = await at({ missing: ["GET"] })
    await writing(open).create(client, "m")
    expect((await writing(open).observe())[0]).toMatchObject({ key: client.key, fields: { display_name: "Orders" } })
    expect(await limitsOf(open)).toContain("limit_read")
  })

  test("without DELETE a removal is refused and the client stays known", async () => {
    const { open } = await at({ missing: ["DELETE"] })
    const { remoteId } = await writing(open).create(client, "m")
    await expect(writing(open).remove("client", remoteId, client.key)).rejects.toMatchObject({
      code: "feature_missing",
    })
    expect(await writing(open).find("client", client.key)).toMatchObject({ remoteId })
    expect(await limitsOf(open)).toContain("limit_remove")
  })

  test("a deletion whose answer was lost is known as done: the server's 401 says so", async () => {
    const { fake, open } = await at({})
    const { remoteId } = await writing(open).create(client, "m")
    fake.faults.add({ match: ({ method }) => method === "DELETE", answer: "lost" })
    await expect(writing(open).remove("client", remoteId, client.key)).rejects.toMatchObject({ code: "unavailable" })
    await writing(open).remove("client", remoteId, client.key)
    expect(await writing(open).find("client", client.key)).toBeNull()
  })

  test("a client that is out of our reach stays known, however often it is removed", async () => {
    const { fake, open } = await at({})
    const { remoteId } = await writing(open).create(client, "m")
    const held = fake.clients.get("c1")
    if (held) held.token = "changed by somebody else"
    for (let i = 0; i < 2; i++)
      await expect(writing(open).remove("client", remoteId, client.key)).rejects.toMatchObject({ httpStatus: 401 })
    expect(fake.clients.size).toBe(1)
    expect(await writing(open).find("client", client.key)).toMatchObject({ remoteId })
  })

  test.each([404, 405] as const)(
    "a look that fails after a DELETE was answered %s forgets no client",
    async (status) => {
      const { fake, open } = await at({})
      const { remoteId } = await writing(open).create(client, "m")
      fake.faults.add({ match: ({ method }) => method === "DELETE", answer: { status } })
      fake.faults.add({ match: ({ method }) => method === "GET", answer: { status: 503 } })
      await expect(writing(open).remove("client", remoteId, client.key)).rejects.toBeInstanceOf(ConnectorError)
      fake.faults.clear()
      expect(await writing(open).find("client", client.key)).toMatchObject({ remoteId })
    },
  )

  test("a server that deleted before and answers 405 now keeps the client, and so do we", async () => {
    const { fake, open } = await at({})
    const port = writing(open)
    const other = await port.create({ ...client, key: "other" }, "m")
    await port.remove("client", other.remoteId, "other")
    const { remoteId } = await port.create(client, "m")
    fake.faults.add({ match: ({ method }) => method === "DELETE", answer: { status: 405 } })
    await expect(port.remove("client", remoteId, client.key)).rejects.toMatchObject({ code: "feature_missing" })
    expect(await port.find("client", client.key)).toMatchObject({ remoteId })
  })

  test("what a server drops is unknown, never drift, and the plan's notes say so", async () => {
    const { open } = await at({ drops: ["contacts", "scope"] })
    for (const object of [audience, client, scopes]) await writing(open).create(object, "m")
    const seen = await writing(open).observe()
    expect(seen.find(({ kind }) => kind === "client")).toMatchObject({ unknown: ["owner"] })
    expect(seen.find(({ kind }) => kind === "grant")).toMatchObject({ fields: {}, unknown: ["scopes"] })
    expect(open.shape([client]).notes.map(({ why }) => why)).toEqual([
      "This server does not show what was sent for the owner, the scopes.",
    ])
  })

  test("an owner who is taken away at a server that shows owners is drift, not unknown", async () => {
    const { fake, open } = await at({})
    await writing(open).create(client, "m")
    delete fake.clients.get("c1")?.metadata.contacts
    expect((await writing(open).observe())[0]).toMatchObject({ fields: { owner: "" } })
  })

  test("a scope that somebody adds shows in the grant of its audience", async () => {
    const { fake, open } = await at({})
    for (const object of [audience, client, scopes]) await writing(open).create(object, "m")
    const held = fake.clients.get("c1")
    if (held) held.metadata.scope = "a:read a:write profile"
    expect((await writing(open).observe()).find(({ kind }) => kind === "grant")?.fields).toEqual({
      scopes: ["a:read", "a:write"],
    })
  })

  test("a grant whose scopes the server keeps, whatever is sent, is not told as removed", async () => {
    const { fake, open } = await at({ keeps: ["scope"] })
    const port = writing(open)
    for (const object of [audience, client]) await port.create(object, "m")
    const held = fake.clients.get("c1")
    if (held) held.metadata.scope = "a:read"
    const { remoteId } = await port.create(scopes, "m")
    await expect(port.remove("grant", remoteId, scopes.key)).rejects.toMatchObject({
      code: "unsupported",
      message: expect.stringContaining("a:read"),
    })
    expect(await port.find("grant", scopes.key)).toMatchObject({ fields: { scopes: ["a:read"] } })
  })

  test("where an update leaves what it does not name, what is taken away is sent as empty, and known so from then on", async () => {
    const { fake, oidc } = await at({ merges: true })
    const bodies: Record<string, unknown>[] = []
    const open = oidc.open(async (url, init) => {
      if (init?.method === "PUT") bodies.push(JSON.parse(String(init.body)) as Record<string, unknown>)
      return fetch(url, init)
    })
    const port = writing(open)
    for (const object of [audience, client, scopes]) await port.create(object, "m")
    bodies.length = 0
    for (let i = 0; i < 2; i++) {
      await port.remove("grant", "", scopes.key)
      expect(fake.clients.get("c1")?.metadata.scope).toBe("")
      await port.create(scopes, "m")
    }
    expect(bodies.map(({ scope }) => scope)).toEqual([undefined, "", "a:read", "", "a:read"])
  })

  test("the registration of a deleted client is unknown, and others are read all the same", async () => {
    const { fake, open } = await at({})
    await writing(open).create(client, "m")
    await writing(open).create({ ...client, key: "other" }, "m")
    const port = writing(open)
    for (const [id, one] of fake.clients) if (one.metadata.client_name === "Orders" && id === "c1") one.token = "gone"
    const seen = await port.observe()
    expect(seen.find(({ key }) => key === client.key)).toMatchObject({
      fields: {},
      unknown: ["display_name", "owner", "auth_method", "jwks"],
    })
    expect(seen.find(({ key }) => key === "other")?.fields.display_name).toBe("Orders")
    expect(await limitsOf(open)).toContain("unmanageable")
  })

  test("an update that would end a secret in use is refused before anything is sent", async () => {
    const { fake, open } = await at({ newSecretOnPut: true })
    await writing(open).create(client, "m")
    const { value } = await issue(open, "r:1")
    const before = fake.calls.length
    await expect(put(open, "x")).rejects.toMatchObject({ code: "feature_missing" })
    expect(fake.calls.slice(before)).toEqual([])
    expect(fake.clients.get("c1")?.secret).toBe(value)
  })

  const put503 = (fake: FakeOidc, times: number) =>
    fake.faults.add({ match: ({ method }) => method === "PUT", times, answer: { status: 503 } })

  test("a rehearsal that met a passing fault is held again before the secret is handed over", async () => {
    const { fake, open } = await at({ newSecretOnPut: true })
    put503(fake, 1)
    await writing(open).create(client, "m")
    const { value } = await issue(open, "r:1")
    expect(fake.clients.get("c1")?.secret).toBe(value)
    await expect(put(open, "x")).rejects.toMatchObject({ code: "feature_missing" })
    expect(fake.clients.get("c1")?.secret).toBe(value)
  })

  test("while it is not known what an update does to a secret in use, there is none; a rotation shows it", async () => {
    const { fake, open } = await at({})
    put503(fake, 2)
    await writing(open).create(client, "m")
    const { value } = await issue(open, "r:1")
    const before = fake.calls.length
    await expect(put(open, "x")).rejects.toMatchObject({ code: "feature_missing" })
    expect(fake.calls.slice(before)).toEqual([])
    await expect(issue(open, "r:2")).rejects.toMatchObject({ code: "feature_missing" })
    expect((await put(open, "x")).fields.display_name).toBe("x")
    expect(fake.clients.get("c1")?.secret).toBe(value)
  })

  test.each([true, false])(
    "a client without a secret teaches nothing about secrets that updates end (%s): the first one with a secret does",
    async (newSecretOnPut) => {
      const { fake, open } = await at({ newSecretOnPut, secretless: ["private_key_jwt"] })
      const { jwks = null } = oidcSamples.other.client
      const keyed = { ...client.fields, auth_method: "private_key_jwt", jwks }
      await writing(open).create({ ...client, key: "keyed", fields: keyed }, "m")
      expect(await limitsOf(open)).toEqual([])
      await writing(open).create(client, "m")
      const { value } = await issue(open, "r:1")
      expect(await limitsOf(open)).toEqual([newSecretOnPut ? "limit_update_secret" : "limit_rotate"])
      const updated = put(open, "x")
      if (newSecretOnPut) await expect(updated).rejects.toMatchObject({ code: "feature_missing" })
      else expect((await updated).fields.display_name).toBe("x")
      expect(fake.clients.get("c2")?.secret).toBe(value)
    },
  )

  test("a rotation whose answer was lost reads the new secret back instead of issuing a third", async () => {
    const { fake, open } = await at({ newSecretOnPut: true })
    await writing(open).create(client, "m")
    await issue(open, "r:1")
    fake.faults.add({ match: ({ method }) => method === "PUT", answer: "lost" })
    await expect(issue(open, "r:2")).rejects.toMatchObject({ code: "lost_answer" })
    const standing = fake.clients.get("c1")?.secret
    expect((await issue(open, "r:2")).value).toBe(standing)
    expect(fake.clients.get("c1")?.secret).toBe(standing)
  })

  test("a secret that somebody else makes after a refused rotation is not handed over as ours", async () => {
    const { fake, open } = await at({ newSecretOnPut: true })
    await writing(open).create(client, "m")
    await issue(open, "r:0")
    fake.faults.add({ match: ({ method }) => method === "PUT", answer: { status: 429 } })
    await expect(issue(open, "r:1")).rejects.toMatchObject({ code: "rate_limited" })
    const held = fake.clients.get("c1")
    if (held) held.secret = "made-by-somebody-else"
    const { value } = await issue(open, "r:1")
    expect(value).not.toBe("made-by-somebody-else")
    expect(fake.clients.get("c1")?.secret).toBe(value)
  })

  test("a secret value is forgotten an hour after it was handed over", async () => {
    let ahead = 0
    const { open } = await at({ newSecretOnPut: true }, () => new Date(Date.now() + ahead))
    await writing(open).create(client, "m")
    const first = await issue(open, "r:1")
    expect((await issue(open, "r:1")).value).toBe(first.value)
    ahead = 2 * 3_600_000
    await writing(open).observe()
    expect((await issue(open, "r:1")).value).not.toBe(first.value)
  })

  test("a registration without a clear answer is sent at most twice for one change, and told as a possible orphan", async () => {
    const { fake, open } = await at({})
    fake.faults.add({ match: ({ path }) => path === "/reg", times: 2, answer: "lost" })
    for (let i = 0; i < 2; i++)
      await expect(writing(open).create(client, "p:1")).rejects.toMatchObject({ code: "lost_answer" })
    await expect(writing(open).create(client, "p:1")).rejects.toMatchObject({ code: "unknown" })
    expect(fake.clients.size).toBe(2)
    expect((await open.check()).find(({ name }) => name === "possible_orphans")?.why).toContain(client.key)
  })

  test("a server that wants a redirect address gets one that leads nowhere", async () => {
    const { fake, open } = await at({ needsRedirectUri: true })
    await writing(open).create(client, "m")
    await put(open, "x")
    expect(fake.clients.get("c1")?.metadata.redirect_uris).toEqual(["https://unused.invalid/"])
  })

  test("no credential goes back to the server in an update", async () => {
    const { fake, oidc } = await at({})
    const bodies: string[] = []
    const open = oidc.open(async (url, init) => {
      if (init?.method === "PUT") bodies.push(String(init.body))
      return fetch(url, init)
    })
    await writing(open).create(client, "m")
    await put(open, "x")
    const held = fake.clients.get("c1")
    expect(bodies.length).toBe(2)
    for (const body of bodies) for (const word of [held?.secret, held?.token]) expect(body).not.toContain(word)
  })

  test("a disabled client is no registration, and nor are its grants", async () => {
    const { open } = await at({})
    const off = { ...client, fields: { ...client.fields, enabled: false } }
    const { objects, notes } = open.shape([audience, off, scopes])
    expect(objects.map(({ kind }) => kind)).toEqual(["audience"])
    expect(notes.some(({ why }) => why.includes("cannot be switched off"))).toBe(true)
  })
})
