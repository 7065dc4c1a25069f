import { randomUUID } from "node:crypto"
import { afterAll, beforeAll, describe, expect, test } from "vitest"
import type { Actor } from "../auth/actor.ts"
import { systemActor } from "../auth/system.ts"
import { ingestPool } from "../db/ingest.ts"
import { testDatabase, type TestDatabase } from "../db/testing.ts"
import { findConflicts } from "./conflicts.ts"
import { checkDurability, requireDurability } from "./durability.ts"
import { hourAgo, line, many, now, one, rollups, shuffled, stored } from "./ingest.fixture.ts"
import { ingest } from "./ingest.ts"
import { ensurePartitions, foldRollups } from "./jobs.ts"
import { searchEvents } from "./search.ts"
import { advanceWatermark, progressOf } from "./watermark.ts"

let database: TestDatabase
const actor: Actor = systemActor("test")
beforeAll(async () => void (database = await testDatabase()))
afterAll(() => database.drop())

describe("ingest", () => {
  test("F10: the same events three times, shuffled and in changing batches, are counted once, rollups too", async () => {
    const events = many(6_000)
    const straight = randomUUID()
    await ingest(straight, events, { now })
    const source = randomUUID()
    const sent = shuffled([...events, ...events, ...events])
    const sums = { received: 0, stored: 0, duplicates: 0, rejected: 0 }
    for (let at = 0, size = 1; at < sent.length; at += size, size = (size * 7) % 1_301 || 1) {
      const answer = await ingest(source, sent.slice(at, at + size), { now })
      sums.received += answer.received
      sums.stored += answer.stored
      sums.duplicates += answer.duplicates
      sums.rejected += answer.rejected.length
    }
    expect(sums).toEqual({ received: 18_000, stored: 6_000, duplicates: 12_000, rejected: 0 })
    expect(await stored(source)).toBe(6_000)
    expect(await rollups(source)).toBe(await rollups(straight))
    const flow = await one<{ n: number }>(
      "select sum(n)::int as n from rollup_flow where span = 60 and source = (select id from dimension where field = 0 and value = $1)",
      [source],
    )
    expect(flow.n).toBe(6_000)
  })

  test("F12: lines without an id, in other batch sizes and orders, are the same events", async () => {
    const source = randomUUID()
    const events = many(500).map((l) => l.replace(/"event_id":"e\d+",/, ""))
    await ingest(source, events, { now })
    const again = shuffled(events)
    for (let at = 0; at < 500; at += 37)
      expect((await ingest(source, again.slice(at, at + 37), { now })).stored).toBe(0)
    expect(await stored(source)).toBe(500)
  })

  test("a line without a timestamp, sent again later, is the same event", async () => {
    const source = randomUUID()
    expect((await ingest(source, ['{"event":"token_issued","jti":"u1"}'], { now })).stored).toBe(1)
    expect(
      await ingest(source, ['{"jti":"u1","event":"token_issued"}'], { now: new Date(now.getTime() + 5_000) }),
    ).toMatchObject({ stored: 0, duplicates: 1 })
  })

  test("F11: same id, other body: the first one stays, the conflict is kept, also with another time", async () => {
    const source = randomUUID()
    await ingest(source, [line(1)], { now })
    expect(await ingest(source, [line(1, { client_id: "mallory" })], { now })).toMatchObject({
      stored: 0,
      duplicates: 1,
    })
    const later = new Date(hourAgo + 60_000).toISOString()
    expect(
      await ingest(source, [line(1, { timestamp: later, client_id: "mallory" })], { now: new Date(now.getTime() + 1) }),
    ).toMatchObject({ stored: 1 })
    expect(await findConflicts()).toBe(1)
    expect(await findConflicts()).toBe(0)
    const conflicts = await one<{ n: number }>(
      "select count(*)::int as n from event_conflict where source = (select id from dimension where field = 0 and value = $1)",
      [source],
    )
    expect(conflicts.n).toBe(2)
    const { items } = await searchEvents(actor, { source: [source] }, { limit: 10 }, now)
    expect(items.map((i) => i.client_id)).toEqual(["client-1"])
    const alone = randomUUID()
    await ingest(alone, [line(1)], { now })
    await foldRollups()
    const sum = async (id: string) =>
      one<{ n: number; l: number }>(
        "select coalesce(sum(n), 0)::int as n, (select sum(n)::int from rollup_latency where source = d.id) as l from dimension d join rollup_party p on p.source = d.id where d.field = 0 and d.value = $1 group by d.id",
        [id],
      )
    expect(await sum(source)).toEqual(await sum(alone))
  })

  test("F13: out of order and late gives the same rollups as sorted", async () => {
    const [a, b] = [randomUUID(), randomUUID()]
    const events = Array.from({ length: 800 }, (_, i) =>
      line(i, { timestamp: new Date(now.getTime() - i * 3_100_000).toISOString() }),
    )
    await ingest(a, events, { now })
    for (const piece of [events.slice(400), events.slice(0, 400)]) await ingest(b, shuffled(piece), { now })
    expect(await rollups(b)).toBe(await rollups(a))
    expect((await rollups(a)).length).toBeGreaterThan(1_000)
  })

  test("F8: one poison event at any place of a batch is parked with its reason, and the rest is stored", async () => {
    await ingestPool().query("alter table token_event add constraint poison check (trace_id is distinct from 'poison')")
    try {
      for (const place of [0, 1, 499, 998, 999]) {
        const source = randomUUID()
        const batch = many(1_000)
        batch[place] = line(place, { trace_id: "poison" })
        const answer = await ingest(source, batch, { now })
        expect(answer).toMatchObject({ received: 1_000, stored: 999, duplicates: 0 })
        expect(answer.rejected).toMatchObject([{ index: place, code: "parked" }])
        expect(await stored(source)).toBe(999)
        const parked = await one<{ sqlstate: string; raw: Buffer }>(
          "select sqlstate, raw from event_parked where source = (select id from dimension where field = 0 and value = $1)",
          [source],
        )
        expect(parked.sqlstate).toBe("23514")
        expect(parked.raw.toString()).toBe(batch[place])
      }
    } finally {
      await ingestPool().query("alter table token_event drop constraint poison")
    }
  })

  test.each([
    ["NUL in free text", '"user_agent":"a\\u0000b"', "stored"],
    ["lone surrogate in extra", '"x":{"y":"\\ud800"}', "stored"],
    [
      "30 KB of random user agent",
      `"user_agent":"${Array.from({ length: 1_500 }, () => randomUUID())
        .join("")
        .slice(0, 30_000)}"`,
      "stored",
    ],
    ["a huge exponent in extra", '"x":1e200000', "stored"],
    ["a proto key", '"__proto__":{"a":1}', "stored"],
    ["an id beyond an integer", '"x":92233720368547758079', "stored"],
    ["NUL in an id", '"client_id":"a\\u0000"', "bad_characters"],
    ["30 February", '"timestamp":"2026-02-30T00:00:00Z"', "bad_timestamp"],
    ["year 300000", '"timestamp":"+300000-01-01T00:00:00Z"', "bad_timestamp"],
    ["deep nesting", `"x":${"[".repeat(5_000)}${"]".repeat(5_000)}`, "too_deep"],
    ["NaN", '"x":NaN', "bad_json"],
    ["a fraction of a second of life", '"expires_in":0.5', "bad_number"],
  ])("F8, T20: %s in the middle of a batch neither stops nor hides the rest", async (_name, field, end) => {
    const source = randomUUID()
    const batch = [...many(50), `{"event":"token_issued",${field}}`, ...many(50, 50)]
    const answer = await ingest(source, batch, { now })
    expect(answer.rejected.map((r) => [r.index, r.code])).toEqual(end === "stored" ? [] : [[50, end]])
    expect(answer.stored).toBe(end === "stored" ? 101 : 100)
  })

  test("F14: around midnight, a month's end and beyond the partitions that exist, nothing is lost", async () => {
    const source = randomUUID()
    const midnight = Date.UTC(now.getUTCFullYear(), now.getUTCMonth(), now.getUTCDate())
    const monthStart = Date.UTC(now.getUTCFullYear(), now.getUTCMonth(), 1)
    const times = [midnight - 1, midnight, midnight + 1, monthStart - 1, monthStart].map((ms, i) =>
      line(i, { timestamp: new Date(ms).toISOString() }),
    )
    expect((await ingest(source, times, { now })).stored).toBe(5)
    // The partition job stood still for a week: rows go to the default partition, which alarms, and move when it runs again.
    const future = new Date(now.getTime() + 6 * 86_400_000)
    expect((await ingest(source, [line(9, { timestamp: future.toISOString() })], { now: future })).stored).toBe(1)
    const before = await one<{ n: number }>("select count(*)::int as n from token_event_default")
    expect(before.n).toBe(1)
    expect(await ensurePartitions(future)).toEqual({ made: 6, stray: 0 })
    expect(await ingest(source, [line(9, { timestamp: future.toISOString() })], { now: future })).toMatchObject({
      stored: 0,
      duplicates: 1,
    })
    expect(await stored(source)).toBe(6)
  })

  test("eight writers with overlapping batches store everything once", async () => {
    const source = randomUUID()
    const events = many(4_000)
    const answers = await Promise.all(
      Array.from({ length: 8 }, async () => {
        let sum = 0
        const mine = shuffled(events)
        for (let at = 0; at < mine.length; at += 500)
          sum += (await ingest(source, mine.slice(at, at + 500), { now })).stored
        return sum
      }),
    )
    expect(answers.reduce((a, b) => a + b)).toBe(4_000)
    expect(await stored(source)).toBe(4_000)
  })

  test("a deadlock or serialisation failure is tried again, and then it is 503", async () => {
    await ingestPool().query("create sequence tries")
    await ingestPool().query(
      `create function fail_twice() returns trigger language plpgsql as $$ begin if nextval('tries') <= 2 then raise exception 'deadlock' using errcode = '40P01'; end if; return new; end $$`,
    )
    await ingestPool().query(
      "create trigger fail_twice before insert on event_delta for each row execute function fail_twice()",
    )
    const source = randomUUID()
    expect((await ingest(source, many(10), { now })).stored).toBe(10)
    await ingestPool().query("alter sequence tries restart minvalue -10 start -10")
    await expect(ingest(source, many(10, 100), { now })).rejects.toMatchObject({ status: 503, retryAfterSeconds: 2 })
    await ingestPool().query("drop trigger fail_twice on event_delta")
    expect(await stored(source)).toBe(10)
  })

  test("the watermark moves with the events or not at all", async () => {
    const source = randomUUID()
    await ingest(source, [line(1)], { now })
    await ingestPool().query("alter table event_delta add constraint no_more check (stored <> 7) not valid")
    await expect(ingest(source, many(7, 50), { now })).rejects.toThrow()
    await ingestPool().query("alter table event_delta drop constraint no_more")
    const progress = (await progressOf([source])).get(source)
    expect(progress).toMatchObject({
      stored: 1,
      lastEventAt: new Date(hourAgo - 1_000),
      completeUntil: new Date(hourAgo - 1_000),
    })
    expect(await stored(source)).toBe(1)
    await advanceWatermark(source, new Date(hourAgo), now)
    await advanceWatermark(source, new Date(hourAgo - 9_000), now)
    await foldRollups()
    expect((await progressOf([source])).get(source)?.completeUntil).toEqual(new Date(hourAgo))
  })

  test("F3: a database that may lose commits is refused", async () => {
    const name = new URL(database.url).pathname.slice(1)
    expect((await checkDurability()).ok).toBe(true)
    const client = await ingestPool().connect()
    await client.query("set synchronous_commit = off")
    const pool = { query: client.query.bind(client) } as never
    expect(await checkDurability(pool)).toMatchObject({ ok: false, refusals: ["synchronous_commit is off"] })
    await expect(requireDurability(pool)).rejects.toMatchObject({ code: "not_durable", status: 503 })
    await client.query("reset synchronous_commit")
    client.release()
    expect(name).toMatch(/^grantry_test_/)
  })
})
