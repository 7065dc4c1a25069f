/** What is told of stored events, and how they go. */
import { randomUUID } from "node:crypto"
import { afterAll, beforeAll, expect, test } from "vitest"
import type { Actor } from "../auth/actor.ts"
import { systemActor } from "../auth/system.ts"
import { testDatabase, type TestDatabase } from "../db/testing.ts"
import { eventFacets } from "./facets.ts"
import { eventHistogram } from "./histogram.ts"
import { hourAgo, line, many, now, rollups, stored } from "./ingest.fixture.ts"
import { ingest } from "./ingest.ts"
import { dropExpired, ensurePartitions, foldRollups, summarise } from "./jobs.ts"
import { removeEventsOf } from "./remove.ts"
import { getEvent, searchEvents } from "./search.ts"
import { secretLastSeen } from "./secret-use.ts"
import { eventInsights } from "./series.ts"

let database: TestDatabase
const actor: Actor = systemActor("test")
beforeAll(async () => void (database = await testDatabase()))
afterAll(() => database.drop())

test("search, histogram, facets and insights agree with the events, before and after folding", async () => {
  const source = randomUUID()
  await ingest(source, many(3_000), { now })
  for (const folded of [false, true]) {
    if (folded) await foldRollups()
    const histogram = await eventHistogram(actor, { source: [source] }, now)
    expect(
      histogram.buckets.reduce(
        (sum, b) => [(sum[0] ?? 0) + b.counts.success, (sum[1] ?? 0) + b.counts.failure],
        [0, 0],
      ),
    ).toEqual([2_400, 600])
    const facets = await eventFacets(actor, { source: [source], client_id: ["client-3"] }, now)
    const expected = Array.from({ length: 3_000 }, (_, i) => i).filter((i) => i % 11 === 3)
    expect(facets.facets.find((f) => f.field === "client_id")?.values).toEqual([
      { value: "client-3", count: expected.length },
    ])
    expect(facets.facets.find((f) => f.field === "reason")?.values).toEqual([
      { value: "expired", count: expected.filter((i) => i % 5 === 0).length },
    ])
    expect(facets.facets.find((f) => f.field === "scope")?.values.reduce((sum, v) => sum + v.count, 0)).toBe(
      expected.length,
    )
  }
  const seen: string[] = []
  let cursor: string | undefined
  do {
    const page = await searchEvents(
      actor,
      { source: [source], client_id: ["client-3"], scope: ["s1"] },
      { limit: 17, cursor },
      now,
    )
    seen.push(...page.items.map((i) => i.timestamp))
    cursor = page.next ?? undefined
  } while (cursor)
  expect(seen).toHaveLength(
    Array.from({ length: 3_000 }, (_, i) => i).filter((i) => i % 11 === 3 && i % 2 === 1).length,
  )
  expect(seen).toEqual(seen.toSorted().reverse())
  for (const [filter, count] of [
    [{ q: "T2999" }, 0],
    [{ q: "t2999" }, 1],
    [{ trace_id: ["t2999"] }, 1],
    [{ q: "CLIENT-3 api-0" }, 91],
    [{ client_id: ["nobody"] }, 0],
    [{ q: "%" }, 0],
  ] as const) {
    const { items } = await searchEvents(actor, { source: [source], ...(filter as object) }, { limit: 1_000 }, now)
    expect({ filter, count: items.length }).toEqual({ filter, count })
  }
  const insights = await eventInsights(actor, {}, now)
  expect(insights.average_lifetime_seconds).toBe(300)
  expect(insights.latency.find((l) => l.event === "token_validated")?.p99).toBeGreaterThanOrEqual(39)
})

test("one event answers as it came, with its context; its secret's last use is known", async () => {
  const source = randomUUID()
  const sent = {
    event: "token_validated",
    event_id: "the-id",
    timestamp: "",
    trace_id: randomUUID(),
    client_id: "ctx",
    scopes: ["b", "a"],
    audience: "urn:x",
    validation_result: "failure",
    failure_reason: "strange",
    auth_server: "kc",
    duration_ms: 1.5,
    resource: "GET /x",
    token_type: "access",
    expires_in: 60,
    ip: "2001:db8::1",
    user_agent: "ua",
    jti: "j1",
    kid: "k",
    secret_fingerprint: randomUUID(),
    user_id: "u",
    purpose: "canary",
  }
  sent.timestamp = new Date(hourAgo).toISOString()
  await ingest(source, [JSON.stringify(sent), JSON.stringify({ ...sent, event_id: "other" })], { now })
  await summarise(now)
  const { items } = await searchEvents(actor, { purpose: ["canary"], source: [source] }, { limit: 5 }, now)
  const item = items.find((i) => i.event_id === "the-id")
  const { purpose, ...fields } = sent
  expect(item).toMatchObject({
    ...fields,
    failure_reason: "other",
    source_id: source,
    extra: { purpose, failure_reason: "strange" },
  })
  const detail = await getEvent(actor, item?.id ?? "")
  expect(detail.context.trace.map((e) => e.event_id)).toEqual(["other"])
  expect(await secretLastSeen([sent.secret_fingerprint, "unseen"], new Date(0))).toEqual(
    new Map([[sent.secret_fingerprint, { last_seen: new Date(hourAgo), count: 2 }]]),
  )
  await expect(getEvent(actor, randomUUID())).rejects.toMatchObject({ status: 404 })
})

test("removing a source's events leaves nothing of it and everything of others", async () => {
  const [a, b] = [randomUUID(), randomUUID()]
  await ingest(a, many(300), { now })
  await ingest(b, many(300), { now })
  await foldRollups()
  await ingest(a, many(300, 300), { now })
  expect(await removeEventsOf(a)).toBe(600)
  expect([await stored(a), await stored(b)]).toEqual([0, 300])
  expect(await rollups(a)).toBe("\n\n\n\n")
})

test("retention drops whole days with their rollups", async () => {
  const source = randomUUID()
  const old = new Date(now.getTime() - 20 * 86_400_000)
  await ingest(source, [line(1, { timestamp: old.toISOString() }), line(2)], { now })
  expect((await dropExpired(now, 10)).partitions.length).toBeGreaterThan(15)
  expect(await stored(source)).toBe(1)
  expect(await ingest(source, [line(1, { timestamp: old.toISOString() })], { now, retentionDays: 10 })).toMatchObject({
    stored: 0,
    rejected: [{ code: "older_than_retention" }],
  })
  await ensurePartitions(now)
})
