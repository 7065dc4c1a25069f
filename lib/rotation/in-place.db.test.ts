import { describe, expect, test } from "vitest"
import { useCrashHook } from "../base/crashpoint.ts"
import { db } from "../db/client.ts"
import { OAuthError } from "../oauth/errors.ts"
import { ada, refusal } from "../registry/commands.fixture.ts"
import { listSecrets } from "../secrets/queries.ts"
import { abortRotation, confirmRotation, resumeRotation } from "./commands.ts"
import { getRotation } from "./queries.ts"
import { advance } from "./run.ts"
import { due, rotationStage } from "./stage.fixture.ts"

const stage = rotationStage()
const { fresh, start, reveal } = stage
const revealable = async (clientId: string) =>
  (await listSecrets(ada, clientId, { all: false, limit: 9, after: null }, stage.sim.world.open)).items
    .filter((secret) => secret.revealable)
    .map(({ id }) => id)

describe("in place", () => {
  test("the refusal says for how long, in the provider's own sentence, read afresh", async () => {
    const client = await fresh()
    stage.sim.strategyOf = async () => ({ is: "in_place", why: "The policy is off.", downtimeSeconds: 30 })
    const error = await refusal(start(client.id))
    expect([error.code, error.evidence]).toMatchObject([
      "downtime_confirmation_needed",
      { strategy: "in_place", downtime_seconds: 30, why: "The policy is off." },
    ])
    expect(error.message).toContain("30 s")
    stage.sim.strategyOf = async () => ({ is: "overlap", why: "The policy is on.", downtimeSeconds: 0 })
    expect(await start(client.id)).toMatchObject({ strategy: "overlap", state: "verified" })
  })

  test("the service holds the new value before the switch: revealed first, switched on a yes, proven after", async () => {
    stage.sim.strategy = "in_place"
    const client = await fresh()
    const { id, newSecretId } = await start(client.id, { confirm: true })
    expect(await revealable(client.id)).toEqual([newSecretId])
    const shown = await reveal(client.id, newSecretId)
    stage.sim.holds.get(client.name)?.add(shown.client_secret)
    expect((await getRotation(ada, id, stage.sim.world)).state).toBe("published")
    expect((await confirmRotation(ada, id, stage.sim.world)).state).toBe("done")
    expect([stage.sim.secrets.get(client.name)?.map(({ value }) => value), stage.sim.bare]).toEqual([
      [shown.client_secret],
      [],
    ])
  })

  test("the old one ends as in any rotation: its value is gone, its version moved, the trail and the pack say retired", async () => {
    stage.sim.strategy = "in_place"
    const client = await fresh()
    await db().clientSecret.update({ where: { id: client.oldSecretId }, data: { sealed: { v: 1 } } })
    const before = await db().clientSecret.findUniqueOrThrow({ where: { id: client.oldSecretId } })
    const { id, newSecretId } = await start(client.id, { confirm: true })
    const shown = await reveal(client.id, newSecretId)
    stage.sim.holds.get(client.name)?.add(shown.client_secret)
    await confirmRotation(ada, id, stage.sim.world)
    const after = await db().clientSecret.findUniqueOrThrow({ where: { id: client.oldSecretId } })
    expect(after).toMatchObject({ state: "retired", sealed: null, version: before.version + 1 })
    const said = await db().trailEntry.findMany({ where: { action: "secret.retire", targetId: client.id } })
    expect(said.map((entry) => entry.after)).toMatchObject([{ secret_id: client.oldSecretId, state: "retired" }])
    const { steps } = await getRotation(ada, id, stage.sim.world)
    expect(steps.at(-1)?.detail).toMatchObject({ secrets: [{ role: "old", state: "retired" }, { role: "new" }] })
  })

  test("a switch that the provider refuses ended nothing: it may be aborted, and the old secret lives on", async () => {
    stage.sim.strategy = "in_place"
    const client = await fresh()
    const { id, newSecretId } = await start(client.id, { confirm: true })
    await reveal(client.id, newSecretId)
    stage.sim.faults.push("refuse")
    expect(await confirmRotation(ada, id, stage.sim.world)).toMatchObject({ state: "stuck", confirmedAt: null })
    expect((await getRotation(ada, id, stage.sim.world)).actions).toEqual(["abort", "resume"])
    expect((await resumeRotation(ada, id, stage.sim.world)).state).toBe("published")
    expect((await getRotation(ada, id, stage.sim.world)).waits_for).toBe("confirmation")
    expect((await abortRotation(ada, id, { world: stage.sim.world })).state).toBe("aborted")
    expect([stage.sim.secrets.get(client.name)?.map(({ remoteId }) => remoteId), stage.sim.bare]).toEqual([
      [client.oldRemoteId],
      [],
    ])
  })

  describe("a refusal after which the provider may hold the new secret", () => {
    /** The service holds both, and a person is about to say so. */
    async function ready() {
      stage.sim.strategy = "in_place"
      const client = await fresh()
      const { id, newSecretId } = await start(client.id, { confirm: true })
      const { client_secret } = await reveal(client.id, newSecretId)
      stage.sim.holds.get(client.name)?.add(client_secret)
      return { id, name: client.name, value: client_secret }
    }
    const ways: Readonly<Record<string, (id: string) => Promise<unknown>>> = {
      "the answer was lost, and then every look is refused": async (id) => {
        stage.sim.faults.push("lost_answer")
        await confirmRotation(ada, id, stage.sim.world)
        stage.sim.lists = "forbidden"
        await due(id)
        await advance(id, stage.sim.world)
      },
      "the answer was lost, the list does not show it yet, and the same value is refused": async (id) => {
        stage.sim.faults.push("lost_answer", "refuse")
        stage.sim.lists = "none_yet"
        await confirmRotation(ada, id, stage.sim.world)
        await due(id)
        await advance(id, stage.sim.world)
      },
      "killed right after the call, and then every look is refused": async (id) => {
        const killed = new Promise<void>((resolve) => {
          useCrashHook((place) => {
            if (place !== "secret.after_issue") return undefined
            resolve()
            return new Promise<void>(() => {})
          })
        })
        void confirmRotation(ada, id, stage.sim.world)
        await killed
        useCrashHook(null)
        await db().lease.updateMany({ where: { subjectId: id }, data: { until: new Date(0) } })
        stage.sim.lists = "forbidden"
        await advance(id, stage.sim.world)
      },
      "killed in a second attempt, after a first that was not taken": async (id) => {
        stage.sim.faults.push("busy")
        await confirmRotation(ada, id, stage.sim.world)
        await ways["killed right after the call, and then every look is refused"]?.(await dueNow(id))
      },
      "the write was taken, and the look that follows it is refused": async (id) => {
        stage.sim.faults.push("no_look")
        await confirmRotation(ada, id, stage.sim.world)
      },
    }
    const dueNow = async (id: string) => {
      await due(id)
      return id
    }

    test.each(Object.keys(ways))("%s: no abort may end it, and a person's resume finds it", async (way) => {
      const { id, name, value } = await ready()
      await ways[way]?.(id)
      const shown = await getRotation(ada, id, stage.sim.world)
      expect([shown.state, shown.actions]).toEqual(["stuck", ["resume"]])
      expect((await refusal(abortRotation(ada, id, { world: stage.sim.world }))).code).toBe("too_late_to_abort")
      expect(stage.sim.secrets.get(name)?.map((held) => held.value)).toEqual([value])
      stage.sim.lists = "all"
      expect((await resumeRotation(ada, id, stage.sim.world)).state).toBe("done")
      expect([stage.sim.secrets.get(name)?.map((held) => held.value), stage.sim.bare]).toEqual([[value], []])
    })

    test.each(["the first look", "the call after one that came too soon"])(
      "but %s that is refused has ended nothing: it may be aborted",
      async (which) => {
        const { id } = await ready()
        if (which === "the first look") stage.sim.lists = "forbidden"
        else stage.sim.faults.push("busy", "refuse")
        await confirmRotation(ada, id, stage.sim.world)
        await due(id)
        await advance(id, stage.sim.world)
        expect((await getRotation(ada, id, stage.sim.world)).actions).toEqual(["abort", "resume"])
        stage.sim.lists = "all"
        expect((await abortRotation(ada, id, { world: stage.sim.world })).state).toBe("aborted")
        expect(stage.sim.bare).toEqual([])
      },
    )
  })

  test("from the switch on the old secret is told as ended, and a canary that fails keeps the new one from nobody", async () => {
    stage.sim.strategy = "in_place"
    const client = await fresh()
    const { id, newSecretId } = await start(client.id, { confirm: true })
    await confirmRotation(ada, id, stage.sim.world)
    const down = { ...stage.sim.world, fetch: async () => Promise.reject(new OAuthError("unreachable", "No answer.")) }
    expect((await confirmRotation(ada, id, down)).state).toBe("cut_over")
    await db().rotation.update({ where: { id }, data: { attempts: 13, nextAttemptAt: null } })
    await advance(id, down)
    const shown = await getRotation(ada, id, stage.sim.world)
    expect([shown.state, shown.secrets.map(({ role, state, revealable }) => [role, state, revealable])]).toEqual([
      "stuck",
      [
        ["old", "retired", false],
        ["new", "pending", true],
      ],
    ])
    const { client_secret } = await reveal(client.id, newSecretId)
    expect(stage.sim.secrets.get(client.name)?.map(({ value }) => value)).toEqual([client_secret])
    expect((await resumeRotation(ada, id, stage.sim.world)).state).toBe("done")
  })

  test("a value that the provider chooses is there to be revealed after the switch only, and the refusal says so", async () => {
    Object.assign(stage.sim, { strategy: "in_place", chooser: "provider" })
    const client = await fresh()
    const { id, newSecretId } = await start(client.id, { confirm: true })
    expect(await revealable(client.id)).toEqual([])
    const early = await refusal(reveal(client.id, newSecretId))
    expect([early.code, early.message]).toEqual(["secret_not_issued", expect.stringContaining("confirm the switch")])
    await confirmRotation(ada, id, stage.sim.world)
    expect((await confirmRotation(ada, id, stage.sim.world)).state).toBe("done")
    expect(await revealable(client.id)).toEqual([newSecretId])
    const shown = await reveal(client.id, newSecretId)
    expect(stage.sim.secrets.get(client.name)?.map(({ value }) => value)).toEqual([shown.client_secret])
  })
})
