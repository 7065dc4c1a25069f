import { describe, expect, test } from "vitest"
import { useCrashHook } from "../base/crashpoint.ts"
import { newId } from "../base/id.ts"
import { db } from "../db/client.ts"
import { ada } from "../registry/commands.fixture.ts"
import { abortRotation } from "./commands.ts"
import { advance } from "./run.ts"
import { Simulator } from "./simulator.fixture.ts"
import { fetchState, fingerprintOf, rotationStage } from "./stage.fixture.ts"
import { startRotation } from "./start.ts"
import type { RotationWorld } from "./world.ts"

const stage = rotationStage()
const { fresh, start, deliverTo, logIsComplete } = stage

describe("F18: killed at every crash point", () => {
  /** Runs until the nth crash point is hit; the run is then never heard of again, as under kill -9. Null: it was not hit. */
  async function until(nth: number, run: () => Promise<unknown>): Promise<string | null> {
    let hits = 0
    const dead = new Promise<string>((resolve) => {
      useCrashHook((name) => {
        if (hits++ !== nth) return
        resolve(name)
        return new Promise<void>(() => {})
      })
    })
    const died = await Promise.race([dead, run().then(() => null)])
    useCrashHook(null)
    return died
  }
  const leaseEnds = async () => {
    await db().lease.updateMany({ data: { until: new Date(0) } })
    await db().rotation.updateMany({ data: { nextAttemptAt: null } })
  }
  const trailOf = async (id: string) =>
    (await db().trailEntry.findMany({ where: { targetId: id }, orderBy: { seq: "asc" } })).map(
      (e) => `${e.action} ${(e.after as { state: string }).state}`,
    )

  async function story(killAt: { phase: "start" | "end" | "abort"; nth: number } | null, ending: "retire" | "abort") {
    stage.sim = new Simulator()
    const client = await fresh()
    const dies = async (phase: "start" | "end" | "abort", run: () => Promise<unknown>): Promise<string | null> => {
      if (killAt?.phase !== phase) return run().then(() => null)
      const name = await until(killAt.nth, run)
      await leaseEnds()
      return name
    }
    let died = await dies("start", () => start(client.id))
    const { id } = await db().rotation.findFirstOrThrow({ where: { clientId: client.id } })
    await advance(id, stage.sim.world)
    if (ending === "abort") {
      died = (await dies("abort", () => abortRotation(ada, id, { world: stage.sim.world }))) ?? died
      await advance(id, stage.sim.world)
    } else {
      await deliverTo(client, id)
      logIsComplete()
      died = (await dies("end", () => advance(id, stage.sim.world))) ?? died
      await advance(id, stage.sim.world)
    }
    const row = await db().rotation.findUniqueOrThrow({ where: { id } })
    const live = stage.sim.secrets.get(client.name) ?? []
    const expected = ending === "abort" ? await fingerprintOf(client.oldSecretId) : await fingerprintOf(row.newSecretId)
    return {
      died,
      state: row.state,
      live: live.map((s) => s.fingerprint === expected),
      bare: stage.sim.bare,
      mostLive: stage.sim.mostLive,
      trail: await trailOf(id),
      unretired: await db().clientSecret.count({ where: { clientId: client.id, state: { not: "retired" } } }),
    }
  }

  const endings = [
    { ending: "retire" as const, phases: ["start", "end"] as const, state: "done" },
    { ending: "abort" as const, phases: ["abort"] as const, state: "aborted" },
  ]
  test.each(endings)(
    "it ends as if it had not been killed: $ending",
    async ({ ending, phases, state }) => {
      const whole = await story(null, ending)
      expect(whole).toMatchObject({ died: null, state, live: [true], bare: [], mostLive: 2, unretired: 1 })
      const places: string[] = []
      for (const phase of phases) {
        for (let nth = 0; ; nth++) {
          const killed = await story({ phase, nth }, ending)
          expect({ ...killed, died: null }, `killed at ${phase} ${nth}: ${killed.died}`).toEqual(whole)
          if (killed.died === null) break
          places.push(killed.died)
        }
      }
      // The walk stops at the first place that is not hit, so it saw them all; the list guards against a walk over nothing.
      const named =
        ending === "retire"
          ? [
              "rotation.taken",
              "rotation.before_seal",
              "rotation.after_seal",
              "rotation.before_issue",
              "secret.after_issue",
              "rotation.saved_issue",
              "secret.after_canary",
              "rotation.saved_verify",
              "rotation.before_retire",
              "secret.after_retire",
              "rotation.saved_retire_old",
              "rotation.before_pack",
              "rotation.after_pack",
            ]
          : [
              "rotation.taken",
              "rotation.before_remove_new",
              "secret.after_retire",
              "rotation.after_remove_new",
              "rotation.saved_remove_new",
            ]
      expect(places).toEqual(expect.arrayContaining(named))
    },
    240_000,
  )

  /** Starts a rotation that falls asleep at a place, and answers how to wake it and what stands in our tables. */
  async function asleepAt(place: string) {
    const client = await fresh()
    let wake = () => {}
    const asleep = new Promise<void>((resolve) => {
      wake = resolve
    })
    let slept = false
    useCrashHook((name) => {
      if (name !== place || slept) return
      slept = true
      return asleep
    })
    const sleeper = start(client.id)
    while (!slept) await new Promise((r) => setTimeout(r, 5))
    const { id } = await db().rotation.findFirstOrThrow({ where: { clientId: client.id } })
    const everything = async () => ({
      rotation: await db().rotation.findUniqueOrThrow({ where: { id }, include: { steps: true } }),
      secrets: await db().clientSecret.findMany({ where: { clientId: client.id }, orderBy: { id: "asc" } }),
      trail: await trailOf(id),
      live: stage.sim.secrets.get(client.name)?.length,
      asked: stage.sim.asked,
    })
    const wakeUp = async () => {
      wake()
      await sleeper
    }
    return { id, everything, wakeUp }
  }
  const places = [
    "rotation.intent_issue",
    "rotation.before_issue",
    "secret.before_issue",
    "secret.after_issue",
    "rotation.after_issue",
    "rotation.intent_verify",
    "secret.before_canary",
    "secret.after_canary",
    "rotation.after_verify",
  ]

  test.each(places)("a process that slept at %s while another finished its work writes nothing", async (place) => {
    const { id, everything, wakeUp } = await asleepAt(place)
    await leaseEnds()
    await advance(id, stage.sim.world)
    const before = await everything()
    expect(before).toMatchObject({ rotation: { state: "verified" }, live: 2 })
    await wakeUp()
    expect(await everything()).toEqual(before)
  })

  test.each(places)("a process whose lease was taken at %s writes nothing and calls nobody", async (place) => {
    const { id, everything, wakeUp } = await asleepAt(place)
    const before = await everything()
    await db().lease.update({
      where: { subjectId: id },
      data: { holder: newId(), until: new Date(Date.now() + 60_000) },
    })
    await wakeUp()
    expect(await everything()).toEqual(before)
    await leaseEnds()
    await advance(id, stage.sim.world)
    expect(await everything()).toMatchObject({ rotation: { state: "verified" }, live: 2 })
  })

  test.each(["rotation.before_retire", "secret.before_retire"])(
    "a process whose lease was taken at %s ends no secret",
    async (place) => {
      const client = await fresh()
      const { id } = await start(client.id)
      await deliverTo(client, id)
      logIsComplete()
      const reached = Promise.withResolvers<void>()
      const asleep = Promise.withResolvers<void>()
      useCrashHook((name) => {
        if (name !== place) return undefined
        reached.resolve()
        return asleep.promise
      })
      const sleeper = advance(id, stage.sim.world)
      await reached.promise
      useCrashHook(null)
      await db().lease.update({
        where: { subjectId: id },
        data: { holder: newId(), until: new Date(Date.now() + 60_000) },
      })
      asleep.resolve()
      await sleeper
      expect([await fetchState(id), stage.sim.secrets.get(client.name)?.length]).toEqual(["grace", 2])
      await leaseEnds()
      await advance(id, stage.sim.world)
      expect([await fetchState(id), stage.sim.secrets.get(client.name)?.length]).toEqual(["done", 1])
    },
  )

  test("an effect that takes longer than the lease keeps it: nobody takes over meanwhile", async () => {
    const client = await fresh()
    const world: RotationWorld = { ...stage.sim.world, pace: { leaseMs: 400, renewMs: 100 } }
    let entered = 0
    useCrashHook((name) => {
      if (name !== "rotation.before_issue") return
      entered++
      return new Promise<void>((resolve) => setTimeout(resolve, 1_500))
    })
    const slow = startRotation(ada, client.id, { provider_id: stage.provider, confirm: false, grace_seconds: 0 }, world)
    while (entered === 0) await new Promise((r) => setTimeout(r, 5))
    const { id } = await db().rotation.findFirstOrThrow({ where: { clientId: client.id } })
    for (let i = 0; i < 8; i++) {
      await advance(id, world)
      await new Promise((r) => setTimeout(r, 120))
    }
    expect((await slow).state).toBe("verified")
    expect([entered, stage.sim.secrets.get(client.name)?.length, await db().lease.count()]).toEqual([1, 2, 0])
  })
})
