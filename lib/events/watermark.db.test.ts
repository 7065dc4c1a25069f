import { afterAll, beforeAll, expect, test } from "vitest"
import { systemActor } from "../auth/system.ts"
import { testDatabase, type TestDatabase } from "../db/testing.ts"
import { ingest } from "./ingest.ts"
import { sourceOf } from "./source-of.ts"
import { getSource } from "./source-view.ts"
import { createSource, deleteSource, heartbeat, updateSource } from "./sources.ts"
import { completeUntil, freezeWatermarks } from "./watermark.ts"

let database: TestDatabase
const actor = systemActor("test")
beforeAll(async () => void (database = await testDatabase()))
afterAll(() => database.drop())

const at = (ms: number) => new Date(ms)
const t0 = Date.now() - 3_600_000
const send = (id: string, ms: number) =>
  ingest(id, [JSON.stringify({ event: "token_issued", timestamp: at(ms).toISOString(), jti: String(ms) })], {
    now: at(ms),
  })

test("F28: a silent source's watermark stands, the gap is noted, and nothing concludes over it until a heartbeat fills it", async () => {
  const source = await createSource(actor, { name: "gateway", kind: "push", silent_after_seconds: 60 })
  expect(await completeUntil([source.id], at(t0))).toEqual({ completeUntil: null, heldBackBy: [source.id] })
  await send(source.id, t0)
  expect(await freezeWatermarks(at(t0 + 30_000))).toEqual([])
  expect(await freezeWatermarks(at(t0 + 61_000))).toEqual([source.id])
  await send(source.id, t0 + 600_000)
  expect(await freezeWatermarks(at(t0 + 601_000))).toEqual([])
  const resumed = await getSource(actor, source.id)
  expect(resumed.gaps).toEqual([{ since: at(t0).toISOString(), until: at(t0 + 600_000).toISOString(), filled: false }])
  expect(resumed.complete_until).toBe(at(t0 + 600_000).toISOString())
  expect((await completeUntil([source.id], at(t0 - 1_000))).completeUntil).toEqual(at(t0))
  expect((await completeUntil([source.id], at(t0 + 600_000))).completeUntil).toEqual(at(t0 + 600_000))
  await heartbeat(actor, source.id, { complete_until: at(t0 + 600_000).toISOString() }, at(t0 + 700_000))
  expect((await completeUntil([source.id], at(t0 - 1_000))).completeUntil).toEqual(at(t0 + 600_000))
})

test("a heartbeat never goes into the future, and only its own token or a person may send it", async () => {
  const source = await createSource(actor, { name: "own", kind: "push" })
  const own = { ...actor, kind: "token" as const, sourceId: source.id, permissions: new Set(["events:write"] as const) }
  const now = new Date()
  expect(
    (await heartbeat(own, source.id, { complete_until: at(now.getTime() + 86_400_000).toISOString() }, now))
      .complete_until,
  ).toBe(now.toISOString())
  await expect(heartbeat({ ...own, sourceId: "another" }, source.id, {})).rejects.toMatchObject({ status: 403 })
})

test("sources: names are unique, a stale change is told, a disabled one is refused, a removed one is gone with its events", async () => {
  const source = await createSource(actor, { name: "orders", kind: "push" })
  await expect(createSource(actor, { name: "orders", kind: "push" })).rejects.toMatchObject({
    status: 409,
    code: "name_taken",
  })
  await expect(updateSource(actor, source.id, { enabled: false }, source.version + 1)).rejects.toMatchObject({
    status: 412,
  })
  const own = { ...actor, sourceId: source.id }
  expect(await sourceOf(own)).toBe(source.id)
  await send(source.id, t0)
  expect((await getSource(actor, source.id)).state).toBe("live")
  expect((await updateSource(actor, source.id, { enabled: false }, source.version)).state).toBe("disabled")
  await expect(sourceOf(own)).rejects.toMatchObject({ status: 403, code: "source_disabled" })
  await deleteSource(actor, source.id, { events: true, ifMatch: null })
  await expect(getSource(actor, source.id)).rejects.toMatchObject({ status: 404 })
  await expect(sourceOf(own)).rejects.toMatchObject({ status: 403, code: "source_gone" })
})

test("events of a token without a source belong to the source `direct`, made once", async () => {
  const free = { ...actor, sourceId: null }
  const [a, b] = await Promise.all([sourceOf(free), sourceOf(free)])
  expect(a).toBe(b)
  expect((await getSource(actor, a)).name).toBe("direct")
})
