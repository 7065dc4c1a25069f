/** The System Log: token events by polling, and who changed what. */
import { expect, test } from "vitest"
import { hourMs, minuteMs, secondMs } from "../../base/time.ts"
import { normalizeOkta } from "../../normalize/okta.ts"
import { writeLog } from "../fakes/okta/state.ts"
import type { ChangesPort, EventsPort } from "../log-ports.ts"
import { isPort, type Connector } from "../port.ts"
import { change, lawRig } from "./laws.fixture.ts"
import { localFetch } from "./org.fixture.ts"

const rig = lawRig()
const events = (connector: Connector = rig.open()): EventsPort => {
  if (!isPort<EventsPort>(connector.events)) throw new Error(connector.events.cannot)
  return connector.events
}
const changes = (connector: Connector = rig.open()): ChangesPort => {
  if (!isPort<ChangesPort>(connector.changes)) throw new Error(connector.changes.cannot)
  return connector.changes
}
const uuids = (records: readonly unknown[]) => records.map((record) => (record as { uuid: string }).uuid)
const kindsOf = (records: readonly unknown[]) => records.map((record) => (record as { eventType: string }).eventType)
const issued = (eventType = "app.oauth2.as.token.grant.access_token", grantType = "client_credentials", ageMs = 0) =>
  writeLog(
    rig.org.fake.org,
    eventType,
    {
      actor: { id: "svc-a-1", type: "PublicClientApp" },
      debugContext: { debugData: { grantType, authorizationServer: "aus1" } },
    },
    ageMs,
  )

test("tokens, refusals and repeated wrong secrets come, each once, and read as lines", async () => {
  const objects = await rig.placed()
  const { value } = await rig.issued(objects.client.key, "r:0")
  const start = await events().poll(null)
  expect((await rig.token(objects, value)).error).toBeNull()
  expect((await rig.token(objects, value, ["payments:read"])).error).toBe("access_denied")
  for (let i = 0; i < 3; i++) expect((await rig.token(objects, "wrong-secret-of-mine")).error).toBe("invalid_client")
  const page = await events().poll(start.cursor)
  expect(kindsOf(page.records)).toEqual([
    "app.oauth2.as.token.grant.access_token",
    "app.oauth2.as.token.grant",
    "app.oauth2.invalid_client_credentials",
  ])
  expect((await events().poll(page.cursor)).records).toEqual([])
  const context = {
    authServer: "okta",
    audienceOfScope: () => null,
    audienceOf: (id: string) => (id === objects.remoteIds.audience ? objects.audience.key : null),
    clientName: () => null,
  }
  const lines = page.records.map((record) => normalizeOkta(record, context))
  expect(lines).toMatchObject([
    {
      line: {
        validation_result: "success",
        client_id: objects.client.key,
        audience: objects.audience.key,
        scopes: ["payments:write"],
      },
    },
    { line: { validation_result: "failure", failure_reason: "access_denied", scopes: ["payments:read"] } },
    { line: { validation_result: "failure", failure_reason: "invalid_client" } },
  ])
})

test("people's tokens and other events stay where they are", async () => {
  const { cursor } = await events().poll(null)
  issued("app.oauth2.as.token.grant.access_token", "authorization_code")
  issued("user.session.start")
  issued("app.oauth2.as.token.grant.id_token")
  issued()
  expect((await events().poll(cursor)).records).toHaveLength(1)
})

test("the order is that of arrival: an event that comes late, with an old time, is not missed", async () => {
  issued()
  const first = await events().poll(null)
  issued(undefined, undefined, 3 * hourMs)
  const late = await events().poll(first.cursor)
  expect(late.records).toHaveLength(1)
  expect(uuids(first.records)).not.toContain(uuids(late.records)[0])
})

test("2,300 events come in pages of a thousand, none twice, and the watermark waits for the last", async () => {
  rig.org.fake.clock.advance(25 * hourMs)
  const { cursor } = await events().poll(null)
  for (let i = 0; i < 2_300; i++) issued()
  rig.org.fake.clock.advance(10 * minuteMs)
  const pages = [await events().poll(cursor)]
  while (pages.at(-1)?.more) pages.push(await events().poll(pages.at(-1)?.cursor ?? ""))
  expect(pages.map(({ records, more }) => [records.length, more])).toEqual([
    [1_000, true],
    [1_000, true],
    [300, false],
  ])
  expect(new Set(pages.flatMap(({ records }) => uuids(records))).size).toBe(2_300)
  const now = rig.org.fake.clock.now().getTime()
  expect(Date.parse(pages[0]?.completeUntil ?? "")).toBeLessThan(now - 14 * minuteMs)
  expect(Math.abs(Date.parse(pages[2]?.completeUntil ?? "") - (now - 5 * minuteMs))).toBeLessThan(5 * secondMs)
})

test("a cursor of somebody else's, a log without a next link and one that stands still are errors", async () => {
  for (const cursor of ["https://elsewhere.example/api/v1/logs?after=1", "/api/v1/apps?limit=1", "{}"])
    await expect(events().poll(cursor)).rejects.toMatchObject({ code: "invalid" })
  const without = (link: string | null) =>
    events(
      rig.org.open(async (url, init) => {
        const answer = await localFetch(url, init)
        if (!url.includes("/api/v1/logs")) return answer
        const headers = new Headers(answer.headers)
        if (link === null) headers.delete("link")
        else headers.set("link", `<${rig.org.fake.url}${link}>; rel="next"`)
        return { ...answer, headers }
      }),
    )
  issued()
  await expect(without(null).poll(null)).rejects.toMatchObject({ code: "unknown" })
  const still = "/api/v1/logs?since=2026-01-01T00%3A00%3A00.000Z&sortOrder=ASCENDING&limit=1000"
  await expect(without(still).poll(still)).rejects.toMatchObject({
    code: "unknown",
    message: expect.stringContaining("advance"),
  })
})

test("changes are told newest first, with who made them and what they touched; ours are ours", async () => {
  const since = new Date(rig.org.fake.clock.now().getTime() - secondMs)
  const { audience, client, remoteIds } = await rig.placed()
  rig.org.fake.clock.advance(2 * secondMs)
  const { policies } = rig.org.server(audience.key)
  const policy = policies[0]
  await rig.org.admin("POST", `/api/v1/apps/${remoteIds.client}/lifecycle/deactivate`)
  await rig.org.admin("POST", `/api/v1/authorizationServers/${remoteIds.audience}/scopes`, { name: "by-hand" })
  await rig.org.admin("DELETE", `/api/v1/authorizationServers/${remoteIds.audience}/policies/${policy?.id ?? ""}`)
  rig.org.fake.clock.advance(secondMs)
  const told = await changes().since(since)
  const ada = { id: "00uadmin", name: "Ada Admin" }
  expect(told.slice(0, 3)).toMatchObject([
    { kind: "grant", ours: false, actor: ada, remoteIds: expect.arrayContaining([remoteIds.grant]) },
    { kind: "audience", ours: false, actor: ada, remoteIds: expect.arrayContaining([remoteIds.audience]) },
    { kind: "client", key: client.key, ours: false, actor: ada, remoteIds: expect.arrayContaining([remoteIds.client]) },
  ])
  const ours = told.slice(3)
  expect(ours.length).toBeGreaterThan(4)
  expect(ours.every((one) => one.ours && one.actor.client === rig.org.fake.settings.client_id)).toBe(true)
  expect(told.map(({ at }) => at)).toEqual(
    told
      .map(({ at }) => at)
      .toSorted()
      .toReversed(),
  )
  expect(await changes().since(rig.org.fake.clock.now())).toEqual([])
})

test("what was tried and refused is no change; with an API token none counts as ours", async () => {
  const { client, remoteIds } = await rig.placed()
  const since = new Date(rig.org.fake.clock.now().getTime() - minuteMs)
  writeLog(rig.org.fake.org, "application.lifecycle.update", {
    actor: { id: "00ueve", type: "User" },
    outcome: { result: "FAILURE" },
  })
  writeLog(rig.org.fake.org, "application.lifecycle.update", { actor: { id: null } })
  const token = { base_url: rig.org.fake.url, api_token: rig.org.fake.apiToken }
  await rig.port().update(remoteIds.client, client, change("owner", "team-orders", "team-b"))
  rig.org.fake.clock.advance(secondMs)
  const told = await changes(rig.org.open(localFetch, token)).since(since)
  expect(told.some(({ actor }) => actor.id === "00ueve")).toBe(false)
  expect(told.some(({ ours }) => ours)).toBe(false)
  expect(told.length).toBeGreaterThan(0)
})
