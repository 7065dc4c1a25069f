/** What Entra's logs tell: sign-ins of services, and who changed what. */
import { afterAll, beforeAll, beforeEach, expect, test } from "vitest"
import { normalizeEntra } from "../../normalize/entra.ts"
import type { GuardedFetch } from "../../base/http.ts"
import { secretsOf, writing } from "../contract-subject.ts"
import type { ChangesPort, EventPage, EventsPort } from "../log-ports.ts"
import { grantKey } from "../objects.ts"
import { isPort, type Connector } from "../port.ts"
import { fetchToken, localFetch, samples, testTenant, type TestTenant } from "./tenant.fixture.ts"

let tenant: TestTenant
beforeAll(async () => {
  tenant = await testTenant()
})
afterAll(async () => {
  await tenant.fake.stop()
})
beforeEach(async () => {
  tenant.fake.tenant.signIns.length = 0
  Object.assign(tenant.fake.tenant.modes, { licence: true, v1SignIns: false, pageMax: 999 })
  await tenant.memory.write("sign_ins", null)
})

function eventsOf(connector: Connector): EventsPort {
  if (!isPort<EventsPort>(connector.events)) throw new Error("no events port")
  return connector.events
}
function changesOf(connector: Connector): ChangesPort {
  if (!isPort<ChangesPort>(connector.changes)) throw new Error("no changes port")
  return connector.changes
}

let count = 0
/** A client with a secret, and an audience that it may call. */
async function placed() {
  const n = ++count
  const connector = tenant.open()
  const port = writing(connector)
  const [audienceKey, clientKey] = [`https://logs-${n}.example`, `logs-${n}`]
  const grant = { ...samples.grant, key: grantKey(clientKey, audienceKey) }
  const wanted = [{ ...samples.audience, key: audienceKey }, { ...samples.client, key: clientKey }, grant]
  for (const object of connector.shape(wanted).objects) await port.create(object, "p:1")
  const issued = await secretsOf(connector).issue({
    client: clientKey,
    value: "x",
    fingerprint: "fp",
    marker: "r:1",
    expiresAt: null,
  })
  const { appId } = tenant.app(clientKey)
  const request = await connector.tokenRequest(audienceKey, [])
  return { connector, port, audienceKey, clientKey, appId, issued, request }
}

test("a token fetched and one refused come as sign-ins, and the normaliser reads both", async () => {
  const { connector, audienceKey, clientKey, appId, issued, request } = await placed()
  await fetchToken(appId, issued.value ?? "", request)
  await fetchToken(appId, "wrong", request)
  const { records, more, completeUntil } = await eventsOf(connector).poll(null)
  expect(more).toBe(false)
  expect(Date.parse(completeUntil ?? "")).toBeLessThan(Date.now() - 7_000_000)
  const context = {
    authServer: "entra",
    audienceOfScope: () => null,
    audienceOf: (id: string) => (id === tenant.app(audienceKey).appId ? audienceKey : null),
    clientName: (id: string) => (id === appId ? clientKey : null),
  }
  const lines = records.map((record) => normalizeEntra(record, context))
  expect(lines).toMatchObject([
    { line: { client_id: clientKey, validation_result: "failure", failure_reason: "invalid_client" } },
    {
      line: {
        client_id: clientKey,
        audience: audienceKey,
        validation_result: "success",
        provider_secret_id: issued.remoteId,
      },
    },
  ])
})

test("v1.0 is tried once, then beta; where v1.0 knows the filter it is used", async () => {
  const asked: string[] = []
  const fetch: GuardedFetch = async (url, init) => {
    if (url.includes("/auditLogs/")) asked.push(new URL(url).pathname)
    return await localFetch(url, init)
  }
  const events = eventsOf(tenant.open(fetch))
  await events.poll(null)
  await events.poll(null)
  expect(asked).toEqual(["/v1.0", "/beta", "/beta"].map((version) => `${version}/auditLogs/signIns`))
  await tenant.memory.write("sign_ins", null)
  tenant.fake.tenant.modes.v1SignIns = true
  asked.length = 0
  await events.poll(null)
  expect(asked).toEqual(["/v1.0/auditLogs/signIns"])
})

test("interactive sign-ins of people are not asked for", async () => {
  tenant.fake.tenant.signIns.push({
    id: "person",
    createdDateTime: new Date().toISOString(),
    isInteractive: true,
    userPrincipalName: "someone@example.com",
  })
  expect((await eventsOf(tenant.open()).poll(null)).records).toEqual([])
})

test("a long reading goes on by its cursor, is complete only at its end, and the next one overlaps it", async () => {
  const now = Date.now()
  for (let i = 0; i < 5; i++)
    tenant.fake.tenant.signIns.push({
      id: `s${i}`,
      createdDateTime: new Date(now - 60_000 + i).toISOString(),
      isInteractive: false,
    })
  tenant.fake.tenant.modes.pageMax = 2
  const events = eventsOf(tenant.open())
  const ids: string[] = []
  let page = await events.poll(null)
  for (;;) {
    ids.push(...page.records.map((record) => (record as { id: string }).id))
    expect(page.completeUntil === null).toBe(page.more)
    if (!page.more) break
    page = await events.poll(page.cursor)
  }
  expect(ids).toEqual(["s4", "s3", "s2", "s1", "s0"])
  tenant.fake.tenant.modes.pageMax = 999
  expect((await events.poll(page.cursor)).records).toHaveLength(5)
})

/** Five sign-ins of a minute ago, two to a page, newest first. */
function five(): EventsPort {
  const now = tenant.fake.clock.now().getTime()
  for (let i = 0; i < 5; i++)
    tenant.fake.tenant.signIns.push({
      id: `s${i}`,
      createdDateTime: new Date(now - 60_000 + i).toISOString(),
      isInteractive: false,
    })
  tenant.fake.tenant.modes.pageMax = 2
  return eventsOf(tenant.open())
}
const idsOf = ({ records }: EventPage) => records.map((record) => (record as { id: string }).id)

test("a link that Graph does not take any more ends no reading: it goes on by time, and misses nothing", async () => {
  const events = five()
  const first = await events.poll(null)
  expect(idsOf(first)).toEqual(["s4", "s3"])
  tenant.fake.clock.advance(2 * 3_600_000)
  const second = await events.poll(first.cursor)
  // The oldest one comes again: its id tells it.
  expect(idsOf(second)).toEqual(["s3", "s2"])
  const third = await events.poll(second.cursor)
  tenant.fake.clock.advance(-2 * 3_600_000)
  expect(idsOf(third)).toEqual(["s1", "s0"])
  expect(third.more).toBe(false)
})

test("a reading of very many pages goes on by time, and one that stands still is an error", async () => {
  const events = five()
  const { cursor } = await events.poll(null)
  const at = JSON.parse(cursor) as { from: string; reading: { oldest: string } }
  const long = (oldest: string) => JSON.stringify({ ...at, reading: { ...at.reading, pages: 2_000, oldest } })
  const page = await events.poll(long(at.reading.oldest))
  expect(idsOf(page)).toEqual(["s3", "s2"])
  expect(JSON.parse(page.cursor)).toMatchObject({ reading: { pages: 1 } })
  const { signIns } = tenant.fake.tenant
  signIns.splice(0, 5, ...signIns.map((one) => ({ ...one, createdDateTime: at.reading.oldest })))
  await expect(events.poll(long(at.reading.oldest))).rejects.toMatchObject({ code: "unknown" })
})

test("a link that leads elsewhere is not followed: the reading begins again; a cursor that is none is refused", async () => {
  const asked: string[] = []
  const fetch: GuardedFetch = async (url, init) => {
    asked.push(url)
    return await localFetch(url, init)
  }
  five()
  const at = new Date().toISOString()
  const reading = { until: at, pages: 1, next: "https://elsewhere.example/v1.0/auditLogs/signIns" }
  const events = eventsOf(tenant.open(fetch))
  expect(idsOf(await events.poll(JSON.stringify({ from: at, reading })))).toEqual(["s4", "s3"])
  expect(asked.filter((url) => url.includes("elsewhere"))).toEqual([])
  await expect(events.poll("nonsense")).rejects.toMatchObject({ code: "invalid" })
})

test("a refusal that is about us does not begin a reading again", async () => {
  const events = five()
  const { cursor } = await events.poll(null)
  tenant.fake.tenant.modes.licence = false
  await expect(events.poll(cursor)).rejects.toMatchObject({ code: "forbidden" })
})

test("without a licence the log is forbidden", async () => {
  tenant.fake.tenant.modes.licence = false
  await expect(eventsOf(tenant.open()).poll(null)).rejects.toMatchObject({ code: "forbidden" })
})

test("who changed what: by our ids of clients, audiences and grants, ours told from others'", async () => {
  const since = new Date(Date.now() - 1_000)
  const { connector, clientKey, audienceKey, appId } = await placed()
  const port = writing(connector)
  const grant = await port.find("grant", grantKey(clientKey, audienceKey))
  tenant.fake.tenant.audits.push({
    id: "a-1",
    activityDateTime: new Date(Date.now() + 1_000).toISOString(),
    activityDisplayName: "Update application",
    result: "success",
    initiatedBy: { app: null, user: { id: "u-1", userPrincipalName: "admin@example.com" } },
    targetResources: [{ id: tenant.app(clientKey).id, type: "Application", modifiedProperties: null }],
  })
  const [newest, ...rest] = await changesOf(connector).since(since)
  expect(newest).toMatchObject({ actor: { id: "u-1", name: "admin@example.com" }, ours: false })
  expect(newest?.remoteIds).toContain(appId)
  expect(
    rest.some(({ kind, remoteIds, ours }) => kind === "grant" && ours && remoteIds.includes(grant?.remoteId ?? "")),
  ).toBe(true)
  expect(await changesOf(connector).since(new Date(Date.now() + 60_000))).toEqual([])
})
