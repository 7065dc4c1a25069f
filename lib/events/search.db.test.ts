import { randomUUID } from "node:crypto"
import { afterAll, beforeAll, expect, test } from "vitest"
import { systemActor } from "../auth/system.ts"
import { testDatabase, type TestDatabase } from "../db/testing.ts"
import { ingest } from "./ingest.ts"
import { foldRollups } from "./jobs.ts"
import { searchEvents } from "./search.ts"
import type { EventFilter } from "./query.ts"

let database: TestDatabase
const actor = systemActor("test")
const now = new Date()
const source = randomUUID()
const count = 2_400
interface Sent {
  readonly at: number
  readonly event_id: string
  readonly client_id: string
  readonly audience: string
  readonly scopes: readonly string[]
  readonly failure_reason?: string
}
const sent: readonly Sent[] = Array.from({ length: count }, (_, i) => ({
  at: now.getTime() - 60_000 - i * 1_000_003,
  event_id: `id-${i}`,
  client_id: `c${i % 7}`,
  audience: `urn:a${i % 5}`,
  scopes: [i % 100 === 3 ? "rare" : "often"],
  ...(i % 13 === 0 ? { failure_reason: i % 400 === 0 ? "revoked" : "expired" } : {}),
}))
const text = ({ at, ...fields }: Sent, i: number) =>
  JSON.stringify({
    event: "token_validated",
    timestamp: new Date(at).toISOString(),
    validation_result: fields.failure_reason ? "failure" : "success",
    auth_server: "kc",
    trace_id: `trace-${i}`,
    jti: `tok-${String(i).padStart(5, "0")}`,
    resource: `POST /charge/${i}`,
    user_agent: `sdk/${i % 100}/x`,
    ...fields,
    ...(i % 50 === 0 ? { note: `Odd-${i}` } : {}),
  })

beforeAll(async () => {
  database = await testDatabase()
  await ingest(
    source,
    sent.slice(0, 1_500).map((s, i) => text(s, i)),
    { now },
  )
  await foldRollups()
  // The others wait in their delta.
  await ingest(
    source,
    sent.slice(1_500).map((s, i) => text(s, i + 1_500)),
    { now },
  )
})
afterAll(() => database.drop())

const month = { from: new Date(now.getTime() - 29 * 86_400_000).toISOString() }

/** Every page of it, in order. */
async function all(filter: EventFilter, limit: number): Promise<string[]> {
  const found: string[] = []
  let cursor: string | undefined
  do {
    const page = await searchEvents(actor, filter, { limit, cursor }, now)
    found.push(...page.items.map((item) => item.event_id ?? ""))
    cursor = page.next ?? undefined
  } while (cursor)
  return found
}

test.each<[string, EventFilter, (s: Sent) => boolean]>([
  [
    "client and reason",
    { client_id: ["c0"], reason: ["revoked"] },
    (s) => s.client_id === "c0" && s.failure_reason === "revoked",
  ],
  [
    "client and audience",
    { client_id: ["c3"], audience: ["urn:a2"] },
    (s) => s.client_id === "c3" && s.audience === "urn:a2",
  ],
  ["a seldom scope", { scope: ["rare"] }, (s) => s.scopes.includes("rare")],
  [
    "scope and result",
    { scope: ["rare"], result: ["failure"] },
    (s) => s.scopes.includes("rare") && s.failure_reason !== undefined,
  ],
  ["result alone", { result: ["failure"] }, (s) => s.failure_reason !== undefined],
  [
    "what never met",
    { client_id: ["c1"], reason: ["revoked"], audience: ["urn:a4"] },
    (s) => s.client_id === "c1" && s.failure_reason === "revoked" && s.audience === "urn:a4",
  ],
])("%s over a month: every match once, newest first, in pages of any size", async (_name, filter, matches) => {
  const expected = sent.filter(matches).map((s) => s.event_id)
  for (const limit of [3, 50, 1_000]) expect(await all({ ...month, ...filter }, limit)).toEqual(expected)
})

test("a window that begins and ends within hours finds exactly what lies in it", async () => {
  const [from, to] = [now.getTime() - 20 * 86_400_000 + 1_234_567, now.getTime() - 3 * 86_400_000 - 7_654_321]
  const filter = { from: new Date(from).toISOString(), to: new Date(to).toISOString(), scope: ["rare"] }
  expect(await all(filter, 4)).toEqual(
    sent.filter((s) => s.scopes.includes("rare") && s.at >= from && s.at < to).map((s) => s.event_id),
  )
})

test.each([
  ["id-7", ["id-7"]],
  ["trace-42", sent.flatMap((_, i) => (`trace-${i}`.startsWith("trace-42") ? [`id-${i}`] : []))],
  ["race-42", []],
  ["tok-00017", ["id-17"]],
  ["tok-0001", Array.from({ length: 10 }, (_, i) => `id-${10 + i}`)],
  ["charge/777", ["id-777"]],
  ["SDK/9/", Array.from({ length: 24 }, (_, i) => `id-${i * 100 + 9}`)],
  ["odd-100", ["id-100", "id-1000"]],
  ["trace-421 c1", ["id-421"]],
  ["trace-421 c2", []],
  ["nowhere", []],
])("free text %j: the beginning of an id, parts of words and of extra fields, in any case", async (q, expected) => {
  expect((await all({ ...month, q }, 10)).toSorted()).toEqual(
    expected.filter((id) => Number(id.slice(3)) < count).toSorted(),
  )
})
