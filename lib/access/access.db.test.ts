import { randomUUID } from "node:crypto"
import { afterAll, beforeAll, expect, test } from "vitest"
import { systemActor } from "../auth/system.ts"
import { newId } from "../base/id.ts"
import { db } from "../db/client.ts"
import { testDatabase, type TestDatabase } from "../db/testing.ts"
import { ingest } from "../events/ingest.ts"
import { searchEvents } from "../events/search.ts"
import { foldRollups } from "../events/jobs.ts"
import { createAudience } from "../registry/audiences/commands.ts"
import { createClient } from "../registry/clients/commands.ts"
import { createGrant } from "../registry/grants/commands.ts"
import { providerRow } from "../registry/registry.fixture.ts"
import { audienceInput, clientInput, grantInput } from "../registry/schema.ts"
import { accessPage } from "./queries.ts"

let database: TestDatabase
const actor = systemActor("test")
const now = new Date()
const [pay, stock] = ["https://pay.example", "https://stock.example"]
const page = { days: 30, limit: 50 }
const line = (client_id: string, audience: string, failed = false, agoMs = 60_000) =>
  JSON.stringify({
    event: "token_validated",
    timestamp: new Date(now.getTime() - agoMs).toISOString(),
    event_id: randomUUID(),
    client_id,
    audience,
    validation_result: failed ? "failure" : "success",
    ...(failed ? { failure_reason: "wrong_audience" } : {}),
  })

beforeAll(async () => {
  database = await testDatabase()
  const provider = await providerRow("auth0")
  for (const identifier of [pay, stock])
    await createAudience(actor, audienceInput.parse({ identifier, name: identifier, scopes: [{ name: "read" }] }))
  for (const name of ["orders", "reports", "idle"])
    await createClient(
      actor,
      clientInput.parse({
        name,
        display_name: name,
        owner: name === "idle" ? "team-b" : "team-a",
        auth_method: "client_secret_basic",
        provider_ids: [provider],
      }),
    )
  for (const [client, audience] of [
    ["orders", pay],
    ["reports", stock],
  ])
    await createGrant(actor, grantInput.parse({ client, audience, scopes: ["read"], reason: "test" }))
  // Auth0 makes client ids of its own, and events carry those.
  await db().placement.create({
    data: {
      id: newId(),
      providerId: provider,
      kind: "client",
      key: "orders",
      remoteId: "aZ09",
      origin: "created",
      applied: {},
      appliedAt: now,
    },
  })
  const source = randomUUID()
  const days = 86_400_000
  await ingest(source, [line("aZ09", pay), line("orders", pay, false, 2 * days), line("orders", stock)], { now })
  await foldRollups()
  await ingest(source, [line("stranger", pay, true), line("reports", stock, false, 29.9 * days + 86_400_000)], { now })
})
afterAll(() => database.drop())

const rows = async (filter: Partial<Parameters<typeof accessPage>[1]>) =>
  (await accessPage(actor, { ...page, ...filter }, now)).items.map((row) => [
    row.client,
    ...row.pairs.map((p) => `${p.audience} ${p.state} ${p.observed?.accepted ?? "-"}`),
  ])
const orders = ["orders", `${pay} used 2`, `${stock} ungranted 1`]

test("grants and events meet by name and by the provider's id, in folded and waiting rollups, within the days", async () => {
  expect(await rows({})).toEqual([orders, ["reports", `${stock} unused -`], ["stranger", `${pay} refused 0`]])
})

test("what is filtered is what is answered", async () => {
  expect(await rows({ state: ["ungranted"] })).toEqual([["orders", `${stock} ungranted 1`]])
  expect(await rows({ audience: [pay] })).toEqual([
    ["orders", `${pay} used 2`],
    ["stranger", `${pay} refused 0`],
  ])
  expect(await rows({ audience: [stock] })).toEqual([
    ["orders", `${stock} ungranted 1`],
    ["reports", `${stock} unused -`],
  ])
  expect(await rows({ owner: "team-a" })).toHaveLength(2)
  expect(await rows({ client: "stranger" })).toEqual([["stranger", `${pay} refused 0`]])
  expect(await rows({ q: "RANG" })).toEqual([["stranger", `${pay} refused 0`]])
})

test("pages follow the clients' names without a gap or a double, and say which audience is registered", async () => {
  const first = await accessPage(actor, { ...page, limit: 2 }, now)
  expect([first.items.map((i) => i.client), first.next, first.clients]).toEqual([["orders", "reports"], "reports", 3])
  const second = await accessPage(actor, { ...page, limit: 2, after: "reports" }, now)
  expect([second.items.map((i) => [i.client, i.client_id]), second.next]).toEqual([[["stranger", null]], null])
  expect(second.audiences[pay]?.name).toBe(pay)
})

test("who has neither a grant nor an event of the days is not counted, however often they were seen before", async () => {
  const longAgo = (name: string) => line(name, pay, false, 20 * 86_400_000)
  await ingest(randomUUID(), [longAgo("gone"), longAgo("idle")], { now })
  const counted = async (days: number) => (await accessPage(actor, { ...page, days }, now)).clients
  expect(await counted(7)).toBe((await rows({ days: 7 })).length)
  expect(await counted(30)).toBe((await counted(7)) + 2)
})

test("a page of a seldom state looks at so many clients and then says where to go on, until the end", async () => {
  const strangers = Array.from({ length: 4_500 }, (_, i) => line(`many-${i}`, pay, i !== 4_444))
  for (let i = 0; i < strangers.length; i += 1_500) await ingest(randomUUID(), strangers.slice(i, i + 1_500), { now })
  const found: string[] = []
  let after: string | undefined
  let pages = 0
  do {
    const { items, next } = await accessPage(actor, { ...page, q: "many", state: ["ungranted"], after }, now)
    found.push(...items.map(({ client }) => client))
    after = next ?? undefined
    pages++
  } while (after !== undefined)
  expect([found, pages]).toEqual([["many-4444"], 2])
})

test("a row tells every name that its counts are of, so that the events behind a number can be asked for", async () => {
  const { items } = await accessPage(actor, { ...page, client: "orders", audience: [pay] }, now)
  const [row] = items
  expect(row?.ids).toEqual(["orders", "aZ09"])
  const filter = {
    client_id: [...(row?.ids ?? [])],
    audience: [pay],
    event: ["token_validated" as const],
    result: ["success" as const, "unknown" as const],
    from: new Date(now.getTime() - 30 * 86_400_000).toISOString(),
  }
  const found = await searchEvents(actor, filter, { limit: 50, cursor: undefined }, now)
  expect(found.items).toHaveLength(row?.pairs[0]?.observed?.accepted ?? -1)
})

test("on the day of a grant's end, what came before it is told from what came after by the hour", async () => {
  const day = new Date(now.getTime() - 3 * 86_400_000).toISOString().slice(0, 10)
  const at = (time: string) => now.getTime() - Date.parse(`${day}T${time}Z`)
  for (const [name, uses] of [
    ["ended-early", [["09:10:00", false]]],
    [
      "ended-refused",
      [
        ["09:10:00", false],
        ["20:10:00", true],
      ],
    ],
    ["ended-late", [["20:10:00", false]]],
  ] as const) {
    await createClient(
      actor,
      clientInput.parse({
        name,
        display_name: name,
        owner: "team-c",
        auth_method: "client_secret_basic",
        provider_ids: [],
      }),
    )
    const grant = await createGrant(
      actor,
      grantInput.parse({ client: name, audience: pay, scopes: ["read"], reason: "test" }),
    )
    await db().grant.update({ where: { id: grant.id }, data: { expiresAt: new Date(`${day}T12:30:00Z`) } })
    await ingest(
      randomUUID(),
      uses.map(([time, failed]) => line(name, pay, failed, at(time))),
      { now },
    )
  }
  const found = [
    ["ended-early", `${pay} used 1`],
    ["ended-late", `${pay} ungranted 1`],
    ["ended-refused", `${pay} used 1`],
  ]
  expect(await rows({ owner: "team-c" })).toEqual(found)
  await foldRollups()
  expect(await rows({ owner: "team-c" })).toEqual(found)
})
