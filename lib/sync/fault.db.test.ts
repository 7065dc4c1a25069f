import { beforeAll, describe, expect, test } from "vitest"
import { useCrashHook } from "../base/crashpoint.ts"
import { db } from "../db/client.ts"
import { withLease } from "../queue/lease.ts"
import { settleSecrets } from "../secrets/settle.ts"
import { systemActor } from "../auth/system.ts"
import { applyCrashpoints, runApplies } from "./apply.ts"
import { applyPlan, resumePlan } from "./start-apply.ts"
import { loadPlan } from "./queries.ts"
import {
  ada,
  applyAll,
  dieAt,
  endState,
  expireLease,
  fill,
  planOf,
  rig,
  testServers,
  type SimRig,
} from "./rig.fixture.ts"
import { seeded } from "./simulator.fixture.ts"

testServers()

let undisturbed: unknown
let passes: string[]

async function started(seed = 1): Promise<{ r: SimRig; planId: string }> {
  const r = await rig(seed)
  await fill(r)
  const plan = await planOf(r)
  await applyPlan(ada, plan.id, { confirm: [], beyond_limit: false })
  return { r, planId: plan.id }
}

beforeAll(async () => {
  const { r, planId } = await started()
  const { passed } = dieAt(Number.POSITIVE_INFINITY)
  await runApplies(r.world)
  useCrashHook(null)
  passes = passed
  undisturbed = await endState(r)
  expect((await loadPlan(db(), planId)).status).toBe("applied")
})

describe("an apply that is killed", () => {
  test("the undisturbed run makes each object once and passes every named crash point", () => {
    expect(new Set(passes)).toEqual(
      new Set([
        ...applyCrashpoints,
        "secret.before_issue",
        "secret.after_issue",
        "secret.after_issue_saved",
        "secret.before_canary",
        "secret.after_canary",
      ]),
    )
    expect(undisturbed).toMatchObject({
      made: expect.arrayContaining([expect.stringContaining(",1]")]),
      remoteSecrets: ['["T-order",1]'],
    })
  })

  test("killed at any crash point and resumed by another process it ends as if nothing had happened; the zombie changes nothing", async () => {
    expect(passes.length).toBeGreaterThan(20)
    for (let n = 1; n <= passes.length; n++) {
      const { r, planId } = await started()
      const death = dieAt(n)
      const first = runApplies(r.world)
      const where = await death.died
      useCrashHook(null)
      await expireLease(r)
      await runApplies(r.world)
      const label = `killed at pass ${n}, ${where}`
      expect((await loadPlan(db(), planId)).status, label).toBe("applied")
      expect(await endState(r), label).toEqual(undisturbed)
      death.haunt()
      await first
      expect(await endState(r), `${label}, then the zombie`).toEqual(undisturbed)
      expect((await planOf(r)).changes, label).toEqual([])
    }
  }, 240_000)
})

describe("a provider that misbehaves", () => {
  const seeds = Array.from({ length: 20 }, (_, i) => i + 1)

  async function stormy(seed: number, faults: SimRig["sim"]["faults"]): Promise<void> {
    const { r, planId } = await started(seed)
    r.sim.faults = faults
    r.sim.random = seeded(seed)
    await runApplies(r.world)
    for (let i = 0; i < 20; i++) {
      const { status } = await loadPlan(db(), planId)
      if (status === "applied") break
      expect(["partially_applied", "failed"]).toContain(status)
      await resumePlan(ada, planId)
      await runApplies(r.world)
    }
    r.sim.faults = {}
    await db().clientSecret.updateMany({ where: { providerId: r.providerId }, data: { error: {} } })
    await withLease(r.providerId, (lease) => settleSecrets(r.providerId, systemActor("test"), r.world, lease))
    expect(await endState(r), `seed ${seed}`).toEqual(undisturbed)
  }

  test("done, then an error: nothing is made twice (F20)", async () => {
    for (const seed of seeds) await stormy(seed, { doneThenError: 0.3, errorBefore: 0.1 })
  }, 120_000)

  test("429 nine times of ten does not fail the apply (F19)", async () => {
    for (const seed of seeds.slice(0, 4)) {
      const { r, planId } = await started(seed)
      r.sim.faults = { throttle: 0.9 }
      await runApplies(r.world)
      expect((await loadPlan(db(), planId)).status, `seed ${seed}`).toBe("applied")
    }
  }, 120_000)

  test("what is not visible yet is not made again (F22)", async () => {
    for (const seed of seeds.slice(0, 10)) await stormy(seed, { doneThenError: 0.4, lagMs: 60 })
  }, 120_000)

  test("a provider that is down stops the plan at once; resume finishes it", async () => {
    const { r, planId } = await started()
    r.sim.down = true
    await runApplies(r.world)
    const failed = await loadPlan(db(), planId)
    expect(failed.status).toBe("failed")
    expect(failed.changes.map(({ status }) => status)).toEqual(["failed", ...Array<string>(2).fill("skipped")])
    expect(failed.changes[0]?.error).toMatchObject({ code: "unavailable" })
    r.sim.down = false
    await resumePlan(ada, planId)
    await runApplies(r.world)
    expect((await loadPlan(db(), planId)).status).toBe("applied")
    expect(await endState(r)).toEqual(undisturbed)
  })

  test("plans twice over are empty after an apply under faults that healed", async () => {
    const r = await rig(7)
    await fill(r)
    expect((await applyAll(r)).status).toBe("applied")
    expect((await applyAll(r)).changes).toEqual([])
  })
})
