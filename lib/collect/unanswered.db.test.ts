import { describe, expect, test } from "vitest"
import type { Actor } from "../auth/actor.ts"
import { createApiToken } from "../auth/api-tokens.ts"
import { ConnectorError } from "../connectors/connector-error.ts"
import { db } from "../db/client.ts"
import { sourceOf as eventsGoTo } from "../events/source-of.ts"
import { getSource } from "../events/source-view.ts"
import { createPushToken, deleteSource, heartbeat, updateSource } from "../events/sources.ts"
import { freezeWatermarks } from "../events/watermark.ts"
import { actor, at, collecting, fill, read, rig, sourceOf, start } from "./collect.fixture.ts"
import { readDueLogs } from "./due.ts"
import { logOf } from "./queries.ts"

collecting()

describe("a log that does not answer", () => {
  test("says so, is asked later each time and at the provider's own word, and keeps its place", async () => {
    const r = await rig()
    fill(r, 8)
    await readDueLogs(r.world)
    const source = await sourceOf(r)
    const waits = async () => (Date.parse((await logOf(actor, source.id)).next_poll_at) - Date.now()) / 1_000
    expect(await waits()).toBeGreaterThan(13)
    expect(await waits()).toBeLessThan(17)
    const good = (await logOf(actor, source.id)).good_at
    r.log.trouble = new ConnectorError("unavailable", "read log", "It did not answer.", {
      cause: Object.assign(new Error("refused"), { code: "ECONNREFUSED" }),
    })
    await read(r)
    await read(r)
    await read(r)
    expect(await logOf(actor, source.id)).toMatchObject({
      error: { code: "unavailable", message: "It did not answer." },
      failures: 3,
      good_at: good,
    })
    expect(await waits()).toBeGreaterThan(50)
    r.log.trouble = new ConnectorError("rate_limited", "read log", "Slow down.", {
      retryAt: new Date(Date.now() + 500_000),
    })
    await read(r)
    expect(await waits()).toBeGreaterThan(490)
    r.log.trouble = null
    fill(r, 4, 8)
    await read(r)
    expect(await logOf(actor, source.id)).toMatchObject({ error: null, failures: 0, stored: 12 })
  })

  test("F28: its watermark stands, a gap is noted and filled when it speaks again; one that tells no completeness proves nothing", async () => {
    const r = await rig()
    fill(r, 2)
    r.log.mute = true
    await readDueLogs(r.world)
    const source = await sourceOf(r)
    expect(await logOf(actor, source.id)).toMatchObject({ complete_until: null, behind_seconds: null, stored: 2 })
    r.log.mute = false
    await read(r)
    expect(await logOf(actor, source.id)).toMatchObject({ complete_until: at(2) })
    expect((await logOf(actor, source.id)).behind_seconds).toBeGreaterThan(3_000)
    r.log.trouble = new ConnectorError("unavailable", "read log", "down")
    await read(r)
    expect(await freezeWatermarks(new Date(Date.now() + 130_000))).toContain(source.id)
    expect((await logOf(actor, source.id)).gaps).toMatchObject([{ since: at(2), until: null, filled: false }])
    r.log.trouble = null
    r.log.writtenUntil = new Date(start + 100_000)
    await read(r)
    expect((await logOf(actor, source.id)).gaps).toMatchObject([{ since: at(2), until: at(100), filled: true }])
  })

  test("nobody speaks for a provider's log: no token, no heartbeat, no event, while it is connected and after", async () => {
    const r = await rig()
    fill(r, 1)
    await readDueLogs(r.world)
    const { id } = await sourceOf(r)
    const own: Actor = { ...actor, kind: "token", sourceId: id }
    const refused = { status: 409, code: "source_of_provider" }
    const held = await logOf(actor, id)
    for (const connected of [true, false]) {
      if (!connected) await db().provider.delete({ where: { id: r.id } })
      await expect(createPushToken(actor, id, {})).rejects.toMatchObject(refused)
      const token = createApiToken(actor, { name: "voice", permissions: ["events:write"], source_id: id })
      await expect(token).rejects.toMatchObject(refused)
      await expect(heartbeat(actor, id, {})).rejects.toMatchObject(refused)
      await expect(heartbeat(own, id, {})).rejects.toMatchObject(refused)
      await expect(eventsGoTo(own)).rejects.toMatchObject(refused)
    }
    expect((await getSource(actor, id)).complete_until).toBe(held.complete_until)
    expect(await db().apiToken.count({ where: { sourceId: id } })).toBe(0)
    await deleteSource(actor, id, { events: true, ifMatch: null })
  })

  test("a kind without a log, or one that nobody can read, says why and makes no source", async () => {
    const r = await rig(1, "unheard")
    await readDueLogs(r.world)
    expect(r.log.asked).toEqual([])
    expect(await db().source.findUnique({ where: { providerId: r.id } })).toBeNull()
  })

  test("switched off it is not asked; it cannot be removed while its provider is connected, and ends when that goes", async () => {
    const r = await rig()
    fill(r, 1)
    await readDueLogs(r.world)
    const source = await sourceOf(r)
    await expect(deleteSource(actor, source.id, { events: true, ifMatch: null })).rejects.toMatchObject({
      status: 409,
      code: "source_of_provider",
    })
    await updateSource(actor, source.id, { enabled: false }, null)
    const polls = r.log.asked.length
    await read(r)
    expect(r.log.asked.length).toBe(polls)
    await updateSource(actor, source.id, { enabled: true }, null)
    const next = await rig(2)
    fill(next, 1)
    await readDueLogs(next.world)
    expect(await db().source.findUniqueOrThrow({ where: { id: source.id } })).toMatchObject({
      enabled: false,
      providerId: null,
    })
  })
})
