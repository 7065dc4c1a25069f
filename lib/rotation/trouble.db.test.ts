/** Answers that are lost, providers that are slow, away or refuse, and people who come at once. */
import { describe, expect, test } from "vitest"
import { db } from "../db/client.ts"
import { OAuthError } from "../oauth/errors.ts"
import { ada, refusal } from "../registry/commands.fixture.ts"
import { abortRotation, confirmRotation, emergencyRevoke, resumeRotation, saveRotation } from "./commands.ts"
import { getRotation } from "./queries.ts"
import { advance, advanceRotations } from "./run.ts"
import { due, fetchState, rotationStage } from "./stage.fixture.ts"
import { startRotation } from "./start.ts"
import type { RotationWorld } from "./world.ts"

const stage = rotationStage()
const { fresh, start, deliverTo } = stage

describe("trouble", () => {
  test("a lost answer loses nothing: the same secret is found, none is made twice", async () => {
    const client = await fresh()
    stage.sim.faults.push("lost_answer")
    const row = await start(client.id)
    expect([row.state, row.trouble]).toMatchObject(["intent", { code: "lost_answer" }])
    await db().rotation.update({ where: { id: row.id }, data: { nextAttemptAt: null } })
    await advance(row.id, stage.sim.world)
    expect([await fetchState(row.id), stage.sim.secrets.get(client.name)?.length]).toEqual(["verified", 2])
  })

  test("an abort finds and removes a secret whose answer was lost", async () => {
    const client = await fresh()
    stage.sim.faults.push("lost_answer")
    const row = await start(client.id)
    expect(stage.sim.secrets.get(client.name)).toHaveLength(2)
    expect((await abortRotation(ada, row.id, { world: stage.sim.world })).state).toBe("aborted")
    expect(stage.sim.secrets.get(client.name)?.map((s) => s.remoteId)).toEqual([client.oldRemoteId])
  })

  test("two people moving the end of grace: the second is told", async () => {
    const { id } = await start((await fresh()).id)
    const inGrace = await confirmRotation(ada, id, stage.sim.world)
    const until = new Date(Date.now() + 3_600_000).toISOString()
    expect((await saveRotation(ada, id, { grace_until: until }, inGrace.version)).graceUntil?.toISOString()).toBe(until)
    expect((await refusal(saveRotation(ada, id, { grace_until: until }, inGrace.version))).status).toBe(412)
    expect((await refusal(saveRotation(ada, id, { grace_until: "2020-01-01T00:00:00Z" }, null))).status).toBe(422)
  })

  test("what waiting cannot mend is stuck, says why, and goes on when a person resumes it", async () => {
    stage.sim.faults.push("refuse")
    const row = await start((await fresh()).id)
    expect([row.state, row.stuckFrom, row.stuckWhy]).toEqual(["stuck", "intent", "The provider refuses this secret."])
    expect((await resumeRotation(ada, row.id, stage.sim.world)).state).toBe("verified")
  })

  test("F26: when the trail refuses, the transition does not happen", async () => {
    const client = await fresh()
    const { id } = await start(client.id)
    await db().$executeRawUnsafe(
      `create function refuse() returns trigger language plpgsql as 'begin raise exception ''no room''; end'`,
    )
    await db().$executeRawUnsafe("create trigger refuse before insert on trail_entry execute function refuse()")
    const commands = {
      confirm: () => confirmRotation(ada, id, stage.sim.world),
      abort: () => abortRotation(ada, id, { world: stage.sim.world }),
      emergency: () => emergencyRevoke(ada, id, undefined, stage.sim.world),
      reveal: () => deliverTo(client, id),
    }
    const before = await db().rotation.findUniqueOrThrow({ where: { id }, include: { steps: true } })
    for (const [name, run] of Object.entries(commands)) {
      await expect(run(), name).rejects.toThrow()
      expect(await db().rotation.findUniqueOrThrow({ where: { id }, include: { steps: true } }), name).toEqual(before)
    }
    await db().$executeRawUnsafe("drop trigger refuse on trail_entry")
    expect(stage.sim.secrets.get(client.name)).toHaveLength(2)
    expect((await confirmRotation(ada, id, stage.sim.world)).state).toBe("grace")
  })
})

test("a provider that takes a while to know its own secret is given that while, and no longer", async () => {
  const client = await fresh()
  stage.sim.settleMs = 400
  expect((await start(client.id)).state).toBe("verified")
  const slow = await fresh()
  stage.sim.settleMs = 0
  const world = {
    ...stage.sim.world,
    fetch: async () => ({
      status: 401,
      headers: new Headers({ "content-type": "application/json" }),
      text: '{"error":"invalid_client"}',
    }),
  }
  const row = await startRotation(
    ada,
    slow.id,
    { provider_id: stage.provider, confirm: false, grace_seconds: 0 },
    world,
  )
  expect([row.state, row.attempts]).toEqual(["created", 1])
})

test("a provider that refuses the connection is its own trouble: the attempt counts, and no other rotation waits for it", async () => {
  const [away, near] = [await fresh(), await fresh()]
  const refused = Object.assign(new Error("connect"), { code: "ECONNREFUSED" })
  const world: RotationWorld = {
    ...stage.sim.world,
    fetch: async (url, init) => {
      const who = Buffer.from((init?.headers?.authorization ?? "").replace("Basic ", ""), "base64").toString()
      if (who.startsWith(away.name)) throw new OAuthError("unreachable", "No answer.", { cause: refused })
      return stage.sim.world.fetch(url, init)
    },
  }
  const stopped = await startRotation(
    ada,
    away.id,
    { provider_id: stage.provider, confirm: false, grace_seconds: 0 },
    world,
  )
  expect([stopped.state, stopped.attempts]).toEqual(["created", 1])
  const other = await start(near.id)
  await db().rotation.update({ where: { id: other.id }, data: { state: "created" } })
  await db().clientSecret.update({ where: { id: other.newSecretId ?? "" }, data: { state: "pending" } })
  await due(stopped.id)
  await advanceRotations(world)
  expect((await getRotation(ada, stopped.id, world)).trouble).toMatchObject({ attempts: 2 })
  expect((await getRotation(ada, other.id, world)).state).toBe("verified")
})

describe("however many rotations wait for a person, no other waits for them", () => {
  const waiting: Readonly<Record<string, () => Promise<unknown>>> = {
    "the old secret is still in use": async () => {
      const { id } = await start((await fresh()).id)
      expect((await confirmRotation(ada, id, stage.sim.world)).state).toBe("grace")
    },
    "in place, the new one is not delivered": async () => {
      stage.sim.strategy = "in_place"
      expect((await start((await fresh()).id, { confirm: true })).state).toBe("intent")
    },
    "in place, the switch is not confirmed": async () => {
      stage.sim.strategy = "in_place"
      const client = await fresh()
      const { id } = await start(client.id, { confirm: true })
      await deliverTo(client, id)
      expect(await fetchState(id)).toBe("published")
    },
  }
  test.each(Object.keys(waiting))("%s", async (why) => {
    await db().rotation.updateMany({ data: { state: "aborted" } })
    for (let i = 0; i < 3; i++) await waiting[why]?.()
    stage.sim.strategy = "overlap"
    const { id, newSecretId } = await start((await fresh()).id)
    await db().rotation.update({ where: { id }, data: { state: "created" } })
    await db().clientSecret.update({ where: { id: newSecretId ?? "" }, data: { state: "pending" } })
    for (let turn = 0; turn < 2; turn++) await advanceRotations(stage.sim.world, 2)
    expect(await fetchState(id)).toBe("verified")
  })
})
