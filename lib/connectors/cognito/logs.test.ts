/** CloudTrail: token events, who changed what, and what the check makes of the rights. */
import { CognitoIdentityProviderClient, DeleteResourceServerCommand } from "@aws-sdk/client-cognito-identity-provider"
import { expect, test } from "vitest"
import { isObject } from "../../base/json.ts"
import { minuteMs } from "../../base/time.ts"
import { normalizeCognito } from "../../normalize/cognito.ts"
import { writeToken } from "../fakes/cognito/trail.ts"
import { testOpened } from "../memory.fixture.ts"
import type { ChangesPort, EventsPort } from "../log-ports.ts"
import { isPort } from "../port.ts"
import { apiOf } from "./api.ts"
import { eventsPort } from "./events.ts"
import { change, lawRig, type Placed } from "./laws.fixture.ts"
import { localFetch } from "./pool.fixture.ts"
import { privileges } from "./privileges.ts"
import { cognitoSettings } from "./settings.ts"

const rig = lawRig()

function events(fetch?: Parameters<typeof rig.pool.open>[0]): EventsPort {
  const port = rig.pool.open(fetch).events
  if (!isPort<EventsPort>(port)) throw new Error(port.cannot)
  return port
}
function changes(): ChangesPort {
  const port = rig.pool.open().changes
  if (!isPort<ChangesPort>(port)) throw new Error(port.cannot)
  return port
}
async function ask({ client, audience }: Placed, more: Record<string, string> = {}) {
  const { id, secrets } = rig.pool.client(client.key)
  const scope = `${audience.key}/payments:write`
  return await rig.token({ client_id: id, client_secret: secrets[0]?.value ?? "", scope, ...more })
}
const ids = (records: readonly unknown[]) => records.map((one) => (isObject(one) ? one.eventID : null))

test("token requests are read from CloudTrail, again with overlap, and become events of the client that we know", async () => {
  const objects = await rig.placed()
  rig.pool.fake.pool.trail.splice(0)
  await ask(objects)
  await ask(objects, { client_secret: "wrong" })
  const first = await events().poll(null)
  expect(first).toMatchObject({ more: false })
  expect(first.records).toHaveLength(2)
  const { id } = rig.pool.client(objects.client.key)
  const context = {
    authServer: "cognito-eu",
    audienceOfScope: () => null,
    audienceOf: () => null,
    clientName: (clientId: string) => (clientId === id ? objects.client.key : null),
  }
  expect(first.records.map((record) => normalizeCognito(record, context))).toMatchObject([
    { line: { client_id: objects.client.key, validation_result: "failure", failure_reason: "http 400" } },
    { line: { client_id: objects.client.key, validation_result: "success", grant_type: "client_credentials" } },
  ])
  const gap = Date.now() - Date.parse(first.completeUntil ?? "")
  expect(gap).toBeGreaterThan(14 * minuteMs)
  expect(ids((await events().poll(first.cursor)).records)).toEqual(ids(first.records))
})

test("120 records come in three pages, newest first; nothing is complete before the last; other pools are left out", async () => {
  const { pool } = rig.pool.fake
  pool.trail.splice(0)
  for (let i = 0; i < 120; i++) writeToken(pool, { status: 200, clientId: `c${i}` })
  const other = pool.trail[7]
  if (other) other.additionalEventData = { userPoolId: "eu-central-1_Other" }
  const port = events()
  let page = await port.poll(null)
  const seen = [...page.records]
  const told = [[page.records.length, page.more, page.completeUntil === null]]
  while (page.more) {
    page = await port.poll(page.cursor)
    seen.push(...page.records)
    told.push([page.records.length, page.more, page.completeUntil === null])
  }
  expect(told).toEqual([
    [50, true, true],
    [50, true, true],
    [19, false, false],
  ])
  expect(new Set(ids(seen)).size).toBe(119)
})

/** The reader under a clock of ours. */
function eventsAt(now: () => Date): EventsPort {
  const { settings, pool } = rig.pool.fake
  const opened = { providerId: "p1", settings, fetch: localFetch, ...testOpened() }
  return eventsPort(apiOf(opened, cognitoSettings.parse(settings)), pool.id, now)
}

/** So many token requests, one in each `everyMs`, the newest one `age` ago. */
function write(count: number, everyMs: number, age: number): void {
  const { pool } = rig.pool.fake
  const newest = pool.clock.now().getTime() - age
  pool.trail.splice(0)
  for (let i = count - 1; i >= 0; i--) {
    writeToken(pool, { status: 200, clientId: `c${i}` })
    const last = pool.trail.at(-1)
    if (last) last.eventTime = new Date(newest - i * everyMs).toISOString().replace(/\.\d+Z$/, "Z")
  }
}

type Position = { readonly from: string; readonly reading: { readonly to: string; readonly next: string } }
const positionOf = (cursor: string) => JSON.parse(cursor) as Position
/** CloudTrail keeps a page's token for a while only. */
const withDeadToken = (cursor: string): string => {
  const at = positionOf(cursor)
  return JSON.stringify({ ...at, reading: { ...at.reading, next: "bnVsbA==" } })
}

test("a record that comes after its time was called complete is read within the hour all the same", async () => {
  const { modes, clock } = rig.pool.fake.pool
  write(1, minuteMs, 19 * minuteMs)
  modes.logDelayMs = 20 * minuteMs
  const start = Date.now()
  let at = start
  const port = eventsAt(() => new Date(at))
  let { records, cursor } = await port.poll(null)
  expect(records).toEqual([])
  clock.advance(2 * minuteMs)
  const found: number[] = []
  for (let minute = 2; minute <= 62; minute += 10) {
    at = start + minute * minuteMs
    ;({ records, cursor } = await port.poll(cursor))
    found.push(records.length)
  }
  clock.advance(-2 * minuteMs)
  expect(found).toEqual([0, 0, 0, 0, 0, 0, 1])
})

test("a page's token that is good no more: the reading goes on from the oldest record that was seen, and ends where it would have", async () => {
  write(120, minuteMs, 16 * minuteMs)
  const start = new Date()
  let at = start
  const port = eventsAt(() => at)
  let page = await port.poll(null)
  const seen = [...page.records]
  let dead = 0
  while (page.more) {
    at = new Date(at.getTime() + 10 * minuteMs)
    page = await port.poll(withDeadToken(page.cursor))
    seen.push(...page.records)
    dead += 1
  }
  // Each search begins with the record that the one before ended with.
  expect([seen.length, new Set(ids(seen)).size, dead]).toEqual([122, 120, 2])
  expect(page.completeUntil).toBe(new Date(start.getTime() - 15 * minuteMs).toISOString())
})

test("where such a search would begin where the one before began, the log does not advance", async () => {
  write(120, 0, 16 * minuteMs)
  const port = eventsAt(() => new Date())
  const first = await port.poll(null)
  const second = await port.poll(withDeadToken(first.cursor))
  expect([second.records.length, second.more]).toEqual([50, true])
  await expect(port.poll(withDeadToken(second.cursor))).rejects.toMatchObject({ code: "unknown" })
  expect((await port.poll(second.cursor)).records).toHaveLength(50)
})

test("what is no position is refused", async () => {
  for (const cursor of ["nonsense", "{}", '{"from":"yesterday"}'])
    await expect(events().poll(cursor)).rejects.toMatchObject({ code: "invalid" })
})

test("a log that stands still is an error; a record that cannot be read is handed on and counted", async () => {
  const { fetch } = rig.watched()
  const { pool } = rig.pool.fake
  pool.trail.splice(0)
  for (let i = 0; i < 60; i++) writeToken(pool, { status: 200, clientId: null })
  const { cursor } = await events().poll(null)
  const { next } = positionOf(cursor).reading
  const still: typeof fetch = async (url, init) => {
    const answer = await fetch(url, init)
    return { ...answer, text: JSON.stringify({ ...(JSON.parse(answer.text) as object), NextToken: next }) }
  }
  await expect(events(still).poll(cursor)).rejects.toMatchObject({ code: "unknown" })
  const broken: typeof fetch = async (url, init) => {
    const answer = await fetch(url, init)
    return { ...answer, text: JSON.stringify({ Events: [{ EventId: "e1", CloudTrailEvent: "{" }] }) }
  }
  expect((await events(broken).poll(null)).records).toEqual([{ eventID: "e1", unreadable: true }])
})

test("who changed what is told with the person, and what is ours is known by our access key", async () => {
  const { client, audience, remoteId } = await rig.placed()
  const before = new Date(Date.now() - minuteMs)
  rig.pool.fake.pool.trail.splice(0)
  await rig.port().update(remoteId("client"), client, change("enabled", true, false))
  const { region, endpoint, user_pool_id: UserPoolId } = rig.pool.fake.settings
  const sdk = new CognitoIdentityProviderClient({ region, endpoint, credentials: rig.pool.fake.user("mallory") })
  await sdk.send(new DeleteResourceServerCommand({ UserPoolId, Identifier: audience.key }))
  sdk.destroy()
  const told = await changes().since(before)
  expect(told.find(({ kind }) => kind === "client")).toMatchObject({ remoteIds: [remoteId("client")], ours: true })
  expect(told.find(({ kind }) => kind === "audience")).toMatchObject({
    key: audience.key,
    actor: { id: "arn:aws:iam::123456789012:user/mallory", name: "mallory" },
    ours: false,
  })
  expect(JSON.stringify(rig.pool.fake.pool.trail)).not.toContain(rig.pool.client(client.key).secrets[0]?.value)
})

test("the check names every right that is missing; it changes nothing by asking", async () => {
  const all = privileges.map(({ name }) => name)
  const found = async () => new Map((await rig.pool.open().check()).map(({ name, is, why }) => [name, { is, why }]))
  const { clients, servers, trail } = rig.pool.fake.pool
  const before = JSON.stringify([...clients.values(), ...servers.values()])
  expect([...(await found()).values()].map(({ is }) => is)).toEqual(["pass", "pass", "pass", "pass", "pass", "pass"])
  const without = async (...names: string[]) => {
    rig.pool.fake.allow(all.filter((name) => !names.includes(name)))
    return await found()
  }
  expect((await without("cloudtrail:LookupEvents")).get("logs")).toMatchObject({ is: "warn" })
  const few = await without("cognito-idp:UpdateUserPoolClient", "cognito-idp:DeleteUserPoolClientSecret")
  expect(few.get("privileges")).toEqual({
    is: "warn",
    why: "We lack cognito-idp:DeleteUserPoolClientSecret, cognito-idp:UpdateUserPoolClient.",
  })
  expect((await without("cognito-idp:DescribeUserPoolClient")).get("privileges")).toMatchObject({ is: "fail" })
  expect((await without("cognito-idp:DescribeUserPool")).get("login")).toMatchObject({ is: "fail" })
  expect(JSON.stringify([...clients.values(), ...servers.values()])).toBe(before)
  expect(trail.some(({ eventName, errorCode }) => eventName === "DeleteUserPoolClient" && !errorCode)).toBe(false)
})

test("a pool without a domain fails the check by name; a wrong key fails the login alone", async () => {
  rig.pool.fake.pool.modes.hasDomain = false
  const states = async () => (await rig.pool.open().check()).map(({ name, is }) => [name, is])
  expect(await states()).toContainEqual(["domain", "fail"])
  rig.pool.fake.pool.modes.hasDomain = true
  const { keys } = rig.pool.fake.pool
  const own = rig.pool.fake.settings.access_key_id
  const kept = keys.get(own)
  if (!kept) throw new Error("no key")
  keys.set(own, { ...kept, secret: "rotated" })
  expect(await states()).toEqual([
    ["login", "fail"],
    ["discovery", "pass"],
    ["signing_keys", "pass"],
    ["domain", "skip"],
    ["privileges", "skip"],
    ["logs", "skip"],
  ])
  keys.set(own, kept)
})
