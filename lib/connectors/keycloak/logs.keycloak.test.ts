/** The realm's two logs on a real server: token events, and who changed what. */
import { afterAll, beforeAll, describe, expect, test } from "vitest"
import type { GuardedFetch } from "../../base/http.ts"
import { normalizeKeycloak } from "../../normalize/keycloak.ts"
import { secretsOf, writing } from "../contract-subject.ts"
import type { ChangesPort, EventsPort } from "../log-ports.ts"
import { grantKey } from "../objects.ts"
import { isPort, type Connector } from "../port.ts"
import { eventId } from "./events.ts"
import { testFetch, testRealm, type TestRealm } from "./realm.fixture.ts"
import { samples } from "./samples.fixture.ts"
import { serverUnderTest } from "./server.fixture.ts"

let realm: TestRealm
let connector: Connector
const { client, audience } = samples
const began = new Date()
const secret = samples.secretValue()

beforeAll(async () => {
  realm = await testRealm(serverUnderTest())
  connector = realm.connector()
  const grant = { ...samples.grant, key: grantKey(client.key, audience.key) }
  for (const object of connector.shape([audience, client, grant]).objects)
    await writing(connector).create(object, "p:c")
  await secretsOf(connector).issue({ client: client.key, value: secret, fingerprint: "", marker: "m", expiresAt: null })
})
afterAll(() => realm?.remove())

const logOf = (of: Connector): EventsPort => {
  if (!isPort<EventsPort>(of.events)) throw new Error("no log")
  return of.events
}
const changesOf = (of: Connector): ChangesPort => {
  if (!isPort<ChangesPort>(of.changes)) throw new Error("no changes")
  return of.changes
}
const context = {
  authServer: "kc",
  audienceOfScope: (word: string) => (word === "payments:write" ? audience.key : null),
  audienceOf: () => null,
  clientName: (id: string) => id,
}

describe("token events", () => {
  test("a token, a refusal and an introspection become lines; asked again they are the same, by their own ids", async () => {
    const { parameters } = await connector.tokenRequest(audience.key, ["payments:write"])
    const { body } = await realm.token(client.key, secret, parameters)
    await realm.token(client.key, "wrong", parameters)
    await realm.token(client.key, secret, { scope: "nonsense" })
    if (!isPort(connector.introspection)) throw new Error("no introspection")
    await connector.introspection.introspect((body as { access_token: string }).access_token)
    const first = await logOf(connector).poll(null)
    const lines = first.records.flatMap((record) => {
      const answer = normalizeKeycloak(record, context)
      return "line" in answer ? [answer.line] : []
    })
    const mine = lines.filter(({ client_id }) => client_id === client.key)
    expect(mine.map((line) => [line.event, line.validation_result, line.failure_reason, line.audience])).toEqual([
      ["token_issued", "success", undefined, audience.key],
      ["token_issued", "failure", "invalid_client", undefined],
      ["token_issued", "failure", "invalid_scope", undefined],
      ["token_validated", "success", undefined, audience.key],
    ])
    expect(first.more).toBe(false)
    expect(Date.parse(first.completeUntil ?? "")).toBeLessThan(Date.now() - 59_000)

    const ids = first.records.map(eventId)
    expect(new Set(ids).size).toBe(ids.length)
    const again = await logOf(connector).poll(first.cursor)
    expect(again.records.map(eventId)).toEqual(ids)
    await realm.token(client.key, secret, parameters)
    const third = await logOf(connector).poll(again.cursor)
    expect(third.records.map(eventId).filter((id) => !ids.includes(id)).length).toBeGreaterThan(0)
  })

  /** A log of so many logins, four in each of `stepMs`, in place of the realm's own. */
  function longLog(length: number, stepMs = 1): { log: EventsPort; all: readonly { id: string }[] } {
    const all = Array.from({ length }, (_, i) => ({
      id: `e${i}`,
      time: 1_000 + Math.floor(i / 4) * stepMs,
      type: "CLIENT_LOGIN",
    }))
    const paging: GuardedFetch = async (url, init) => {
      const { pathname, searchParams: asked } = new URL(url)
      if (!pathname.endsWith("/events")) return await testFetch(url, init)
      const first = Number(asked.get("first"))
      const from = all.filter(({ time }) => time >= Number(asked.get("dateFrom")))
      const text = JSON.stringify(from.slice(first, first + Number(asked.get("max"))))
      return { status: 200, headers: new Headers(), text }
    }
    return { log: logOf(realm.connector(paging)), all }
  }

  test("a stretch that ends with a full poll is read once: in the silence after it only its last minute is asked for", async () => {
    const { log } = longLog(5_000, 1_000)
    const one = await log.poll(JSON.stringify({ from: 0, first: 0 }))
    expect([one.more, one.records.length]).toEqual([true, 5_000])
    const two = await log.poll(one.cursor)
    expect([two.more, two.records.length]).toEqual([false, 0])
    const three = await log.poll(two.cursor)
    expect([three.more, three.records.length]).toEqual([false, 61 * 4])
  })

  test("a long stretch is read page by page, the cursor moves on, and nothing is left out", async () => {
    const { log, all } = longLog(7_400)
    const seen = new Set<string | null>()
    const one = await log.poll(JSON.stringify({ from: 0, first: 0 }))
    for (const record of one.records) seen.add(eventId(record))
    expect([one.more, one.completeUntil, seen.size]).toEqual([true, null, 5_000])
    const two = await log.poll(one.cursor)
    for (const record of two.records) seen.add(eventId(record))
    expect([two.more, seen.size]).toEqual([false, all.length])
  })

  test("a realm that keeps no events proves nothing by its silence, and the check says so", async () => {
    const { body } = await realm.admin("GET", "/events/config")
    await realm.admin("PUT", "/events/config", { ...(body as object), eventsEnabled: false })
    try {
      const cursor = JSON.stringify({ from: Date.now() + 60_000, first: 0 })
      expect(await logOf(connector).poll(cursor)).toMatchObject({ records: [], completeUntil: null })
      expect((await connector.check()).filter(({ is }) => is !== "pass")).toMatchObject([
        { name: "events", is: "warn" },
      ])
    } finally {
      await realm.admin("PUT", "/events/config", body)
    }
  })

  test("a realm that does not keep every login is complete until no time, whatever else it shows", async () => {
    const { body } = await realm.admin("GET", "/events/config")
    const keeping = (enabledEventTypes: readonly string[]) =>
      realm.admin("PUT", "/events/config", { ...(body as object), enabledEventTypes })
    try {
      for (const one of ["CLIENT_LOGIN", "CLIENT_LOGIN_ERROR"]) {
        await keeping([one, "INTROSPECT_TOKEN"])
        const page = await logOf(connector).poll(null)
        expect(page.records.length).toBeGreaterThan(0)
        expect(page.completeUntil).toBeNull()
      }
      await keeping(["CLIENT_LOGIN", "CLIENT_LOGIN_ERROR"])
      expect((await logOf(connector).poll(null)).completeUntil).not.toBeNull()
      // An empty list stands for Keycloak's own choice, which has no introspections.
      await keeping([])
      expect((await logOf(connector).poll(null)).completeUntil).not.toBeNull()
      const [warning] = (await connector.check()).filter(({ is }) => is !== "pass")
      expect(warning?.why).toMatch(/^The realm does not keep INTROSPECT_TOKEN, /)
    } finally {
      await realm.admin("PUT", "/events/config", body)
    }
  })

  test("without the role the log is forbidden; a cursor of somebody else is refused", async () => {
    await expect(logOf(await realm.as(["view-clients"])).poll(null)).rejects.toMatchObject({ code: "forbidden" })
    await expect(logOf(connector).poll("elsewhere")).rejects.toMatchObject({ code: "invalid" })
  })
})

describe("who changed what", () => {
  test("our own changes are ours; an administrator's of another realm is an id with that realm; both name the object", async () => {
    const found = await writing(connector).find("client", client.key)
    await realm.admin("PUT", `/clients/${found?.remoteId}`, { description: "by hand", attributes: {} })
    const changes = await changesOf(connector).since(began)
    const [latest] = changes
    expect(latest).toMatchObject({ kind: "client", key: client.key, remoteIds: [found?.remoteId], ours: false })
    expect(latest?.actor.realm).not.toBe(realm.settings.realm)
    expect(changes.find(({ kind, ours }) => kind === "grant" && ours)).toMatchObject({
      key: grantKey(client.key, audience.key),
      actor: { client: realm.settings.client_id, realm: realm.settings.realm },
    })
    expect(changes.some(({ kind, key, ours }) => kind === "audience" && key === audience.key && ours)).toBe(true)
    const times = changes.map(({ at }) => at)
    expect(times).toEqual(times.toSorted().toReversed())
  })

  test("a person of the realm is named where view-users is given", async () => {
    const weak = await realm.as(["manage-clients"])
    const object = { ...client, key: "made-by-another" }
    await writing(weak).create(weak.shape([object]).objects[0] ?? object, "p:c")
    const [change] = await changesOf(connector).since(began)
    expect(change).toMatchObject({ key: "made-by-another", ours: false })
    expect(change?.actor.name).toMatch(/^service-account-weak-/)
    expect(change?.actor.client).toMatch(/^weak-/)
  })

  test("nothing before the asked time is told", async () => {
    expect(await changesOf(connector).since(new Date(Date.now() + 60_000))).toEqual([])
  })
})
