import { describe, expect, test } from "vitest"
import { ConnectorError } from "../connector-error.ts"
import { writing } from "../contract-subject.ts"
import { audience, client, fetch, limitsOf, mannerly, put, scopes } from "./manners.fixture.ts"

describe("a server's manners", () => {
  const at = mannerly()

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
