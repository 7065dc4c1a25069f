import { inspect } from "node:util"
import { expect, test } from "vitest"
import type { GuardedFetch } from "../../base/http.ts"
import { writing } from "../contract-subject.ts"
import { change, lawRig } from "./laws.fixture.ts"
import { localFetch } from "./tenant.fixture.ts"

const rig = lawRig()

test.each(["checkpoint", "totals", "bare"] as const)("are read whole in the shape %s", async (shape) => {
  const names = Array.from({ length: 230 }, (_, i) => `${shape}-${i}`)
  for (const name of names) rig.foreign({ name })
  rig.tenant.fake.tenant.modes.lists = shape
  const seen = (await rig.port().observe()).filter(({ key }) => key.startsWith(`${shape}-`))
  expect(seen.map(({ key }) => key).toSorted()).toEqual(names.toSorted())
  for (const { client_id, name } of [...rig.tenant.fake.tenant.clients.values()])
    if (names.includes(name)) rig.tenant.fake.tenant.clients.delete(client_id)
})

test("a checkpoint that stands still is an error, not an endless read", async () => {
  let calls = 0
  const stuck: GuardedFetch = async (url, init) => {
    if (!url.includes("/api/v2/clients?")) return await localFetch(url, init)
    calls += 1
    return { status: 200, headers: new Headers(), text: '{"clients":[],"next":"same"}' }
  }
  await expect(writing(rig.tenant.open(stuck)).observe()).rejects.toMatchObject({ code: "unknown" })
  expect(calls).toBe(2)
})

test("an offset list that repeats its page is an error", async () => {
  const page = Array.from({ length: 100 }, (_, i) => ({ id: `r${i}`, identifier: `https://x/${i}` }))
  const stuck: GuardedFetch = async (url, init) =>
    url.includes("/resource-servers?")
      ? { status: 200, headers: new Headers(), text: JSON.stringify(page) }
      : await localFetch(url, init)
  await expect(writing(rig.tenant.open(stuck)).observe()).rejects.toMatchObject({ code: "unknown" })
})

test("an offset list that ends before its own total is an error, never a half answer", async () => {
  const page = Array.from({ length: 100 }, (_, i) => ({ id: `r${i}`, identifier: `https://x/${i}` }))
  const short: GuardedFetch = async (url, init) => {
    if (!url.includes("/resource-servers?")) return await localFetch(url, init)
    const at = Number(new URL(url).searchParams.get("page"))
    const text = JSON.stringify({ start: at * 100, limit: 100, total: 150, resource_servers: at === 0 ? page : [] })
    return { status: 200, headers: new Headers(), text }
  }
  await expect(writing(rig.tenant.open(short)).observe()).rejects.toMatchObject({
    code: "unknown",
    step: "list resource_servers",
  })
})

test("clients that are made and removed one after the other cost one listing together, not one each", async () => {
  const { fetch, sent } = rig.watched()
  const writer = writing(rig.tenant.open(fetch))
  const lists = () => sent.filter(({ path }) => path.startsWith("/api/v2/clients?")).length
  const made: [key: string, remoteId: string][] = []
  for (let i = 0; i < 20; i++) {
    const { client } = rig.fresh()
    expect(await writer.find("client", client.key)).toBeNull()
    made.push([client.key, (await writer.create(client, `p:${i}`)).remoteId])
    expect(await writer.find("client", client.key)).toMatchObject({ marker: `p:${i}` })
  }
  expect(lists()).toBe(1)
  const [first] = made
  await expect(writer.create({ ...rig.fresh().client, key: first?.[0] ?? "" }, "p:c")).rejects.toMatchObject({
    code: "conflict",
  })
  for (const [key, remoteId] of made) {
    expect(await writer.find("client", key)).not.toBeNull()
    await writer.remove("client", remoteId, key)
    expect(await writer.find("client", key)).toBeNull()
  }
  expect(lists()).toBe(1)
  expect(sent.filter(({ method, path }) => method === "POST" && path === "/api/v2/clients")).toHaveLength(20)
})

test("an adopted client that our change has named is found by its id, without another listing", async () => {
  const { fetch, sent } = rig.watched()
  const writer = writing(rig.tenant.open(fetch))
  const theirs = rig.foreign({ name: "named-later" })
  const object = { kind: "client", key: "named-later", fields: { display_name: "Nice" } } as const
  expect(await writer.find("client", "named-later")).not.toBeNull()
  await writer.update(theirs.client_id, object, change("display_name", "named-later", "Nice"))
  expect(await writer.find("client", "named-later")).toMatchObject({ fields: { display_name: "Nice" } })
  expect(sent.filter(({ path }) => path.startsWith("/api/v2/clients?"))).toHaveLength(1)
})

test("a filter that the tenant ignores changes nothing: grants are chosen here again", async () => {
  const { client, audience, grant } = await rig.placed()
  const { client_id } = rig.tenant.client(client.key)
  const foreign = { id: "cgr_first", client_id, audience: audience.key, scope: ["payments:read"] }
  const { grants } = rig.tenant.fake.tenant
  const ours = [...grants]
  grants.clear()
  grants.set("cgr_first", { ...foreign, subject_type: "user", allow_all_scopes: false, is_system: false })
  for (const [id, one] of ours) grants.set(id, one)
  const deaf: GuardedFetch = (url, init) => {
    const { origin, pathname, searchParams } = new URL(url)
    for (const filter of ["client_id", "audience", "subject_type"]) searchParams.delete(filter)
    return localFetch(`${origin}${pathname}?${searchParams.toString()}`, init)
  }
  const port = writing(rig.tenant.open(deaf))
  expect((await port.find("grant", grant.key))?.fields).toEqual({ scopes: ["payments:write"] })
  expect((await port.observe()).find(({ key }) => key === grant.key)?.fields).toEqual({ scopes: ["payments:write"] })
})

test("no error repeats our secret or our token, whatever the tenant echoes", async () => {
  const { client_secret } = rig.tenant.fake.settings
  const told: string[] = []
  const echo =
    (at: RegExp): GuardedFetch =>
    async (url, init) => {
      if (!at.test(url)) return await localFetch(url, init)
      told.push(init?.headers?.authorization ?? "")
      const text = JSON.stringify({ errorCode: client_secret, message: `${String(init?.body)} ${told.join(" ")}` })
      return { status: 400, headers: new Headers(), text }
    }
  for (const at of [/\/oauth\/token$/, /\/api\/v2\//]) {
    const error = await writing(rig.tenant.open(echo(at)))
      .observe()
      .catch((caught: unknown) => caught)
    const shown = inspect(error, { depth: 9, showHidden: true })
    expect(error).toMatchObject({ code: "invalid" })
    for (const secret of [client_secret, ...told.map((header) => header.replace("Bearer ", "")).filter(Boolean)])
      expect(shown).not.toContain(secret)
  }
  expect(told.some((header) => header.startsWith("Bearer "))).toBe(true)
})
