import { describe, expect, test } from "vitest"
import { useCrashHook } from "../base/crashpoint.ts"
import { db } from "../db/client.ts"
import { ada, refusal } from "../registry/commands.fixture.ts"
import { revealSecret } from "../secrets/commands.ts"
import {
  abortRotation,
  confirmRotation,
  emergencyRevoke,
  extendRotation,
  onRevealed,
  retireRotation,
} from "./commands.ts"
import { getRotation } from "./queries.ts"
import { advance, advanceRotations } from "./run.ts"
import { fetchState, fingerprintOf, rotationStage } from "./stage.fixture.ts"

const stage = rotationStage()
const { fresh, start, deliverTo, logIsComplete } = stage

describe("one rotation with overlap", () => {
  test("issue, canary, reveal, observe, retire: without one moment in which the service is bare", async () => {
    const client = await fresh()
    const started = await start(client.id)
    expect(started.state).toBe("verified")
    await deliverTo(client, started.id)
    expect(await fetchState(started.id)).toBe("grace")
    expect((await getRotation(ada, started.id, stage.sim.world)).gate).toMatchObject({ open: false, grade: "A" })
    logIsComplete()
    await advanceRotations(stage.sim.world)
    const detail = await getRotation(ada, started.id, stage.sim.world)
    expect([detail.state, detail.gate.open, detail.actions]).toEqual(["done", true, []])
    expect(detail.secrets.map((s) => [s.role, s.state])).toEqual([
      ["old", "retired"],
      ["new", "live"],
    ])
    expect(stage.sim.secrets.get(client.name)?.map((s) => s.fingerprint)).toEqual([
      await fingerprintOf(started.newSecretId),
    ])
    expect([stage.sim.bare, stage.sim.mostLive]).toEqual([[], 2])
    expect(detail.steps.at(-1)).toMatchObject({ step: "pack", phase: "result" })
    expect(JSON.stringify(detail)).not.toContain(stage.sim.secrets.get(client.name)?.[0]?.value)
  })

  test("each transition has exactly one trail entry, in order", async () => {
    const client = await fresh()
    const { id } = await start(client.id)
    await deliverTo(client, id)
    logIsComplete()
    await advance(id, stage.sim.world)
    const entries = await db().trailEntry.findMany({ where: { targetId: id }, orderBy: { seq: "asc" } })
    expect(entries.map((e) => [e.action, (e.after as { state: string }).state])).toEqual([
      ["rotation.create", "planned"],
      ["rotation.advance", "intent"],
      ["rotation.advance", "created"],
      ["rotation.advance", "verified"],
      ["rotation.confirm", "published"],
      ["rotation.advance", "cut_over"],
      ["rotation.advance", "grace"],
      ["rotation.retire", "grace"],
      ["rotation.advance", "old_revoked"],
      ["rotation.advance", "done"],
    ])
  })

  test("confirming is delivery too, and a second time changes nothing", async () => {
    const { id } = await start((await fresh()).id)
    expect((await confirmRotation(ada, id, stage.sim.world)).state).toBe("grace")
    const again = await confirmRotation(ada, id, stage.sim.world)
    expect(again.state).toBe("grace")
  })

  test("retiring is refused with the gate while the old secret is in use; an override needs its reason and is kept", async () => {
    const client = await fresh()
    const { id } = await start(client.id, { grace_seconds: 600 })
    await deliverTo(client, id)
    stage.sim.uses.set(await fingerprintOf(client.oldSecretId), new Date())
    logIsComplete()
    const error = await refusal(retireRotation(ada, id, undefined, stage.sim.world))
    expect([error.status, error.code]).toEqual([409, "gate_closed"])
    expect(error.evidence).toMatchObject({ gate: { open: false, grade: "A" } })
    await advanceRotations(stage.sim.world)
    expect(await fetchState(id)).toBe("grace")
    const done = await retireRotation(ada, id, { reason: "the old host is gone" }, stage.sim.world)
    expect([done.state, done.override]).toMatchObject(["done", { reason: "the old host is gone", by: "Ada" }])
    const entry = await db().trailEntry.findFirstOrThrow({ where: { targetId: id, action: "rotation.retire" } })
    expect(entry.reason).toBe("the old host is gone")
  })

  test("with the gate open a person may retire before grace is over, and extending moves its end", async () => {
    const client = await fresh()
    const { id } = await start(client.id, { grace_seconds: 0 })
    await deliverTo(client, id)
    const before = await getRotation(ada, id, stage.sim.world)
    const extended = await extendRotation(ada, id, 3_600)
    expect(extended.graceUntil?.getTime()).toBeGreaterThan(Date.parse(before.grace_until ?? "") + 3_500_000)
    logIsComplete()
    await advanceRotations(stage.sim.world)
    expect(await fetchState(id)).toBe("grace")
    expect((await retireRotation(ada, id, undefined, stage.sim.world)).state).toBe("done")
  })

  test("a gate that shuts between the decision and the call keeps the old secret alive", async () => {
    const client = await fresh()
    const { id } = await start(client.id)
    await deliverTo(client, id)
    logIsComplete()
    useCrashHook((name) => {
      if (name === "rotation.intent_retire_old") stage.sim.gap = "the source was silent."
    })
    const row = await retireRotation(ada, id, undefined, stage.sim.world)
    expect([row.state, row.retireRequestedAt, stage.sim.secrets.get(client.name)?.length]).toEqual(["grace", null, 2])
    stage.sim.gap = null
    useCrashHook(null)
    expect((await retireRotation(ada, id, undefined, stage.sim.world)).state).toBe("done")
  })

  describe("retiring what the end of grace has retired a moment before", () => {
    const trail = (id: string) => db().trailEntry.findMany({ where: { targetId: id }, orderBy: { seq: "asc" } })

    test("answers with the rotation as it is, and the trail tells it once", async () => {
      const client = await fresh()
      const { id } = await start(client.id)
      await deliverTo(client, id)
      logIsComplete()
      await advanceRotations(stage.sim.world)
      const before = await trail(id)
      for (const override of [undefined, { reason: "in a hurry" }])
        expect(await retireRotation(ada, id, override, stage.sim.world)).toMatchObject({
          state: "done",
          override: null,
        })
      expect(await trail(id)).toEqual(before)
    })

    test("where only the pack is missing, it is made and nothing else is told", async () => {
      const client = await fresh()
      const { id } = await start(client.id)
      await deliverTo(client, id)
      logIsComplete()
      const packing = Promise.withResolvers<void>()
      useCrashHook((name) => {
        if (name !== "rotation.before_pack") return undefined
        packing.resolve()
        return new Promise<void>(() => {})
      })
      void advance(id, stage.sim.world)
      await packing.promise
      useCrashHook(null)
      await db().lease.updateMany({ where: { subjectId: id }, data: { until: new Date(0) } })
      expect(await fetchState(id)).toBe("old_revoked")
      const before = await trail(id)
      expect((await retireRotation(ada, id, undefined, stage.sim.world)).state).toBe("done")
      expect((await trail(id)).slice(before.length).map((e) => e.action)).toEqual(["rotation.advance"])
    })

    test.each([
      [{ state: "verified" }, "not_in_grace"],
      [{ state: "stuck", stuckFrom: "grace" }, "not_in_grace"],
      [{ state: "aborted" }, "rotation_over"],
      [{ state: "done", strategy: "in_place" }, "rotation_over"],
    ])("but is refused where it did not: %j", async (data, code) => {
      const { id } = await start((await fresh()).id)
      await db().rotation.update({ where: { id }, data })
      const asked = retireRotation(ada, id, { reason: "now" }, stage.sim.world)
      expect(await refusal(asked)).toMatchObject({ code, status: 409 })
    })
  })

  test("an abort before the cut-over leaves only the old secret, at the provider and here", async () => {
    const client = await fresh()
    const { id, newSecretId } = await start(client.id)
    expect((await abortRotation(ada, id, { reason: "not today", world: stage.sim.world })).state).toBe("aborted")
    expect(stage.sim.secrets.get(client.name)?.map((s) => s.remoteId)).toEqual([client.oldRemoteId])
    expect(await db().clientSecret.findUniqueOrThrow({ where: { id: newSecretId ?? "" } })).toMatchObject({
      state: "retired",
      sealed: null,
    })
    expect(await db().clientSecret.findUniqueOrThrow({ where: { id: client.oldSecretId } })).toMatchObject({
      state: "live",
    })
    const { id: second } = await start(client.id)
    await deliverTo(client, second)
    expect((await refusal(abortRotation(ada, second, { world: stage.sim.world }))).code).toBe("too_late_to_abort")
  })

  test("an emergency ends the old secret at once, as soon as the new one is proven", async () => {
    const client = await fresh()
    const { id } = await start(client.id)
    const row = await emergencyRevoke(ada, id, "found in a public log", stage.sim.world)
    expect([row.state, row.emergency]).toEqual(["done", true])
    expect(stage.sim.secrets.get(client.name)?.map((s) => s.fingerprint)).toEqual([
      await fingerprintOf(row.newSecretId),
    ])
  })

  test("the secret is not handed over before it fetched a token", async () => {
    const client = await fresh()
    await db().placement.deleteMany({ where: { kind: "grant", key: { startsWith: `${client.name} ` } } })
    const row = await start(client.id)
    expect([row.state, row.attempts]).toEqual(["created", 1])
    expect((await refusal(confirmRotation(ada, row.id, stage.sim.world))).code).toBe("not_verified_yet")
    expect(
      (await refusal(revealSecret(ada, client.id, row.newSecretId ?? "", onRevealed, stage.sim.world.open))).code,
    ).toBe("not_verified_yet")
    expect(await db().clientSecret.findUniqueOrThrow({ where: { id: row.newSecretId ?? "" } })).toMatchObject({
      revealedAt: null,
    })
  })
})
