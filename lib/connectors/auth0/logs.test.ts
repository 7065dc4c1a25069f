/** The tenant's log: token events, who changed what, and what the check makes of the rights to it. */
import { expect, test } from "vitest"
import { normalizeAuth0 } from "../../normalize/auth0.ts"
import { minuteMs } from "../../base/time.ts"
import type { ChangesPort, EventsPort } from "../log-ports.ts"
import { isPort } from "../port.ts"
import { change, lawRig, type Placed } from "./laws.fixture.ts"
import { privileges } from "./privileges.ts"

const rig = lawRig()

function events(): EventsPort {
  const port = rig.tenant.open().events
  if (!isPort<EventsPort>(port)) throw new Error(port.cannot)
  return port
}
function changes(): ChangesPort {
  const port = rig.tenant.open().changes
  if (!isPort<ChangesPort>(port)) throw new Error(port.cannot)
  return port
}
async function ask({ client, audience }: Placed, secret?: string) {
  const { client_id, client_secret } = rig.tenant.client(client.key)
  return await rig.token({ client_id, client_secret: secret ?? client_secret, audience: audience.key })
}
const types = (records: readonly unknown[]) =>
  records.map((record) => (typeof record === "object" && record !== null && "type" in record ? record.type : null))

test("it starts with what is there, at most a day back, and goes on by the last record's id", async () => {
  const objects = await rig.placed()
  const { logs } = rig.tenant.fake.tenant
  const port = events()
  const cursor = (await port.poll(null)).cursor
  logs.splice(0)
  expect(await port.poll(cursor)).toMatchObject({ records: [], cursor, more: false })
  await ask(objects)
  const first = await port.poll(null)
  expect(types(first.records)).toEqual(["seccft"])
  expect((await port.poll(cursor)).records).toEqual(first.records)
  await ask(objects, "wrong")
  expect(types((await port.poll(first.cursor)).records)).toEqual(["feccft"])
  logs.splice(0, logs.length, ...logs.map((log) => ({ ...log, date: "2026-01-01T00:00:00.000Z" })))
  expect((await port.poll(null)).records).toEqual([])
})

test("a checkpoint filters nothing: 250 records of all types come in three pages, in the order of their ids", async () => {
  await rig.placed()
  const start = await events().poll(null)
  const { logs } = rig.tenant.fake.tenant
  const before = logs.length
  for (let i = 0; i < 249; i++)
    logs.push({
      ...logs[0],
      log_id: `90020261122${String(i).padStart(12, "0")}`,
      date: new Date().toISOString(),
      type: "s",
    })
  const seen: unknown[] = []
  let page = await events().poll(start.cursor)
  const sizes = [page.records.length]
  seen.push(...page.records)
  while (page.more) {
    page = await events().poll(page.cursor)
    sizes.push(page.records.length)
    seen.push(...page.records)
  }
  expect(sizes).toEqual([100, 100, 49])
  const ids = seen.map((one) => (one as { log_id: string }).log_id)
  expect(new Set(ids).size).toBe(249)
  expect(ids).toEqual(ids.toSorted())
  logs.splice(before)
})

test("a look back ends where the day ends, and after a thousand records, where Auth0's own search ends", async () => {
  const { logs } = rig.tenant.fake.tenant
  const before = logs.splice(0)
  const pages = async () => {
    const { fetch, sent } = rig.watched()
    const port = rig.tenant.open(fetch).events
    if (!isPort<EventsPort>(port)) throw new Error(port.cannot)
    const { records } = await port.poll(null)
    return [records.length, sent.filter(({ path }) => path.startsWith("/api/v2/logs")).length]
  }
  const add = (count: number, date: string) => {
    for (let i = 0; i < count; i++)
      logs.push({ log_id: `90020261${String(logs.length).padStart(15, "0")}`, date, type: "s" })
  }
  add(1_500, "2026-01-01T00:00:00.000Z")
  add(120, new Date().toISOString())
  expect((await pages())[1]).toBe(2)
  add(1_500, new Date().toISOString())
  expect(await pages()).toEqual([1_000, 10])
  logs.splice(0, logs.length, ...before)
})

test("it claims completeness only up to some minutes ago, and on a full page up to its last record at most", async () => {
  const { completeUntil } = await events().poll(null)
  const behind = Date.now() - Date.parse(completeUntil ?? "")
  expect(behind).toBeGreaterThanOrEqual(10 * minuteMs)
  expect(behind).toBeLessThan(11 * minuteMs)
})

test("a position that is none of ours is refused before any call", async () => {
  await expect(events().poll("elsewhere")).rejects.toMatchObject({ code: "invalid" })
})

test("what the tenant logs of a token becomes an event of ours", async () => {
  const objects = await rig.placed()
  const { logs } = rig.tenant.fake.tenant
  const { client_id } = rig.tenant.client(objects.client.key)
  const context = {
    authServer: "auth0",
    audienceOfScope: () => null,
    audienceOf: () => null,
    clientName: (id: string) => (id === client_id ? objects.client.key : null),
  }
  await ask(objects)
  expect(normalizeAuth0(logs.at(-1), context)).toMatchObject({
    line: {
      client_id: objects.client.key,
      audience: objects.audience.key,
      scopes: ["payments:write"],
      validation_result: "success",
      jti: expect.any(String),
    },
  })
  await ask(objects, "wrong")
  expect(normalizeAuth0(logs.at(-1), context)).toMatchObject({
    line: { client_id: objects.client.key, validation_result: "failure", failure_reason: "invalid_client" },
  })
})

test("a change of ours is told as ours, with the objects by the ids of their placements, newest first", async () => {
  const since = new Date(Date.now() - minuteMs)
  const { client, audience, remoteId } = await rig.placed()
  await rig.port().update(remoteId("client"), client, change("owner", "", "x"))
  const told = await changes().since(since)
  expect(told[0]).toMatchObject({
    kind: "client",
    remoteIds: [remoteId("client")],
    ours: true,
    actor: { name: "Grantry" },
  })
  expect(told.find(({ kind }) => kind === "grant")?.remoteIds).toContain(remoteId("grant"))
  expect(told.find(({ kind }) => kind === "audience")).toMatchObject({ key: audience.key })
  expect(JSON.stringify(told)).not.toContain("secret")
})

test("a person's change in the dashboard names the person; reads, failures and other objects are nobody's change", async () => {
  const { logs } = rig.tenant.fake.tenant
  const before = logs.length
  const entry = (n: number, type: string, method: string, path: string, more: object = {}) =>
    logs.push({
      log_id: `90020261123${String(n).padStart(12, "0")}`,
      date: new Date().toISOString(),
      type,
      user_id: "auth0|55",
      user_name: "ops@acme.example",
      details: {
        request: { method, path, auth: { user: { user_id: "auth0|55", email: "ops@acme.example" } }, ...more },
        response: { statusCode: 200, body: null },
      },
    })
  entry(1, "sapi", "patch", "/api/v2/resource-servers/https%3A%2F%2Fapi.example%2F1")
  entry(2, "fapi", "patch", "/api/v2/clients/c1")
  entry(3, "sapi", "get", "/api/v2/clients/c1")
  entry(4, "sapi", "post", "/api/v2/rules")
  entry(5, "sapi", "delete", "/api/v2/clients/c1/credentials/cred_1", { auth: null })
  logs.push({ log_id: "90020261123900000000000", date: new Date().toISOString(), type: "sapi", details: null })
  const told = (await changes().since(new Date(Date.now() - minuteMs))).slice(0, 2)
  expect(told).toMatchObject([
    { kind: "client", remoteIds: ["c1"], actor: { id: "auth0|55", name: "ops@acme.example" }, ours: false },
    {
      kind: "audience",
      key: "https://api.example/1",
      actor: { id: "auth0|55", name: "ops@acme.example" },
      ours: false,
    },
  ])
  logs.splice(before)
})

test("the check names every right that our token lacks; without a right to read it fails", async () => {
  const all = privileges.map(({ name }) => name)
  const found = async () => new Map((await rig.tenant.open().check()).map(({ name, is, why }) => [name, { is, why }]))
  rig.tenant.fake.allow(all.filter((name) => name !== "read:logs" && name !== "update:client_keys"))
  expect((await found()).get("logs")).toMatchObject({ is: "warn", why: "Our token lacks read:logs." })
  expect((await found()).get("privileges")).toMatchObject({ is: "warn", why: "Our token lacks update:client_keys." })
  rig.tenant.fake.allow(all.filter((name) => name !== "read:client_grants"))
  expect((await found()).get("privileges")).toMatchObject({ is: "fail" })
  rig.tenant.fake.allow(all)
})

test("wrong credentials fail the login alone: the open documents are still tried", async () => {
  const { client_id } = rig.tenant.fake.settings
  const own = rig.tenant.fake.tenant.clients.get(client_id)
  if (!own) throw new Error("no application")
  const kept = own.client_secret
  own.client_secret = "changed"
  const checks = await rig.tenant.open().check()
  expect(checks.map(({ name, is }) => [name, is])).toEqual([
    ["discovery", "pass"],
    ["signing_keys", "pass"],
    ["login", "fail"],
    ["privileges", "skip"],
    ["logs", "skip"],
  ])
  own.client_secret = kept
})

test("our token is fetched once for many calls, and once more after a 401", async () => {
  const { fetch, sent } = rig.watched()
  const connector = rig.tenant.open(fetch)
  const logins = () => sent.filter(({ path }) => path === "/oauth/token").length
  if (!isPort(connector.write)) throw new Error("no write port")
  await connector.write.observe()
  await connector.write.observe()
  expect(logins()).toBe(1)
  rig.tenant.fake.clock.advance(2 * 24 * 60 * minuteMs)
  await connector.write.observe()
  expect(logins()).toBe(2)
})
