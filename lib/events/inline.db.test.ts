/** What the audit finds and counts of words that found no room in their dictionary any more. */
import { randomUUID } from "node:crypto"
import { afterAll, beforeAll, expect, test } from "vitest"
import { systemActor } from "../auth/system.ts"
import { testDatabase, type TestDatabase } from "../db/testing.ts"
import { eventFacets } from "./facets.ts"
import { floodWords } from "./flood.fixture.ts"
import { eventHistogram } from "./histogram.ts"
import { ingest } from "./ingest.ts"
import { foldRollups } from "./jobs.ts"
import { lastUses } from "./last-use.ts"
import { pairsSeen } from "./pairs.ts"
import type { EventFilter } from "./query.ts"
import { searchEvents } from "./search.ts"
import { eventInsights } from "./series.ts"

const fields = ["client", "audience", "provider", "scopes", "reason", "purpose"] as const
const actor = systemActor("test")
const source = randomUUID()
const hourMs = 3_600_000
const midnight = Math.floor(Date.now() / 86_400_000) * 86_400_000
/** So long that rollups would be asked. */
const window = { from: new Date(midnight - 240 * hourMs).toISOString(), to: new Date(midnight).toISOString() }

/** Four calls of `who`, three of them refused. */
const lines = (who: string, scopes: readonly string[]) =>
  [0, 1, 2, 3].map((i) =>
    JSON.stringify({
      event: "token_validated",
      event_id: `${who}-${i}`,
      timestamp: new Date(midnight - 50 * hourMs - i * 1_000).toISOString(),
      client_id: who,
      audience: `urn:${who}`,
      auth_server: `idp-of-${who}`,
      scopes,
      ...(i === 0 ? { validation_result: "success" } : { validation_result: "failure", failure_reason: "expired" }),
      extra: { purpose: `try-of-${who}` },
    }),
  )

let database: TestDatabase
beforeAll(async () => {
  database = await testDatabase()
  await ingest(source, lines("early", ["pay:read"]))
  await floodWords(fields)
  await ingest(source, lines("late", ["pay:read", "pay:write"]))
  await foldRollups()
})
afterAll(() => database.drop())

test.each<[string, EventFilter, readonly string[]]>([
  ["client", { client_id: ["late"] }, ["late"]],
  ["client, beside one that has an id", { client_id: ["late", "early"] }, ["late", "early"]],
  ["audience", { audience: ["urn:late"] }, ["late"]],
  ["provider", { provider: ["idp-of-late"] }, ["late"]],
  ["purpose", { purpose: ["try-of-late"] }, ["late"]],
  ["scope of a set without an id only", { scope: ["pay:write"] }, ["late"]],
  ["scope of sets with and without", { scope: ["pay:read"] }, ["late", "early"]],
  ["part of a scope", { scope: ["pay"] }, []],
  ["client that never came", { client_id: ["later"] }, []],
])("the audit finds and counts by a %s", async (_, filter, who) => {
  const found = await searchEvents(actor, { ...window, ...filter }, { limit: 100 })
  expect(new Set(found.items.map((item) => item.event_id))).toEqual(
    new Set(who.flatMap((name) => [0, 1, 2, 3].map((i) => `${name}-${i}`))),
  )
  const { buckets } = await eventHistogram(actor, { ...window, ...filter })
  const sum = (end: "success" | "failure") => buckets.reduce((all, { counts }) => all + counts[end], 0)
  expect([sum("success"), sum("failure")]).toEqual([who.length, who.length * 3])
})

test.each<[string, EventFilter, Record<string, number>, Record<string, number>]>([
  ["all events", {}, { early: 4, late: 4 }, { "pay:read": 8, "pay:write": 4 }],
  ["one client without an id", { client_id: ["late"] }, { late: 4 }, { "pay:read": 4, "pay:write": 4 }],
])("the facets of %s name words that have no id", async (_, filter, clients, scopes) => {
  const { facets } = await eventFacets(actor, { ...window, ...filter })
  const values = (field: string) =>
    Object.fromEntries(facets.find((f) => f.field === field)?.values.map(({ value, count }) => [value, count]) ?? [])
  expect(values("client_id")).toEqual(clients)
  expect(values("audience")).toMatchObject({ "urn:late": 4 })
  expect(values("provider")).toMatchObject({ "idp-of-late": 4 })
  expect(values("scope")).toEqual(scopes)
})

test.each<[string, Pick<EventFilter, "client_id" | "audience" | "provider">]>([
  ["client", { client_id: ["late"] }],
  ["audience", { audience: ["urn:late"] }],
  ["provider", { provider: ["idp-of-late"] }],
])("the dashboards can be narrowed to a %s that has no id", async (_, filter) => {
  const { flow, clients, audiences } = await eventInsights(actor, { ...window, ...filter })
  const counts = { accepted: 1, rejected: 3 }
  expect(clients).toEqual([{ client_id: "late", issued: 0, refused: 0, ...counts }])
  expect(audiences).toEqual([{ audience: "urn:late", ...counts }])
  expect(flow.reduce((sum, { count }) => sum + count, 0)).toBe(filter.provider ? 4 : 8)
})

test("a client that has no id is seen with its audience, and what is unused is only what was never seen", async () => {
  const range = { fromMs: Date.parse(window.from), toMs: Date.parse(window.to) }
  const seen = await pairsSeen(actor, ["early", "late", "never"], range)
  const counts = { issued: 0, refused: 0, accepted: 1, rejected: 3 }
  expect(seen.sort((a, b) => (a.client < b.client ? -1 : 1))).toEqual([
    expect.objectContaining({ client: "early", audience: "urn:early", ...counts }),
    expect.objectContaining({ client: "late", audience: "urn:late", ...counts }),
  ])
})

test("when a client was last seen is told to the hour, with an id or without, folded or not", async () => {
  const at = new Date(midnight - 50 * hourMs).toISOString()
  const byName = (await lastUses(actor, ["late", "early", "never"])).sort((a, b) => (a.client < b.client ? -1 : 1))
  expect(byName).toEqual([
    { client: "early", audience: "urn:early", at },
    { client: "late", audience: "urn:late", at },
  ])
  const hour = Math.floor(Date.now() / hourMs) * hourMs
  await ingest(source, [JSON.stringify({ event: "token_validated", client_id: "early", audience: "urn:early" })])
  const [again] = await lastUses(actor, ["early"])
  expect(Date.parse(again?.at ?? "")).toBeGreaterThanOrEqual(hour)
})

test("made-up audiences without an end fill no memory, and do not hide what let the client in", async () => {
  const at = new Date(midnight - 30 * hourMs).toISOString()
  const call = { event: "token_validated", timestamp: at, client_id: "early" }
  await ingest(source, [JSON.stringify({ ...call, audience: "urn:true", validation_result: "success" })])
  const refused = { event: "token_issued", timestamp: at, client_id: "early", validation_result: "failure" }
  const made = Array.from({ length: 10_050 }, (_, i) => JSON.stringify({ ...refused, audience: `urn:made-up-${i}` }))
  await ingest(source, made)
  const range = { fromMs: midnight - 31 * hourMs, toMs: midnight - 29 * hourMs }
  const seen = await pairsSeen(actor, ["early"], range)
  expect(seen).toHaveLength(10_000)
  expect(seen).toContainEqual(expect.objectContaining({ audience: "urn:true", accepted: 1 }))
})
