/** What was committed though its answer was lost: on a real Postgres, by a wire that loses it. */
import { randomBytes } from "node:crypto"
import { afterAll, afterEach, beforeAll, expect, test, vi } from "vitest"
import { systemActor } from "../auth/system.ts"
import { log } from "../base/log.ts"
import { db } from "../db/client.ts"
import { wiredDatabase } from "../db/losing-wire.fixture.ts"
import { isDatabaseTrouble } from "../db/trouble.ts"
import { closeBoss } from "../queue/boss.ts"
import { LeaseLost, withLease } from "../queue/lease.ts"
import { settleSecrets } from "../secrets/settle.ts"
import { useKey } from "../vault/key.ts"
import { runApplies } from "./apply.ts"
import { journalOf, stepsOf, type JournalStep } from "./journal.ts"
import { loadPlan } from "./queries.ts"
import { ada, endState, expireLease, fillWide, planOf, rig, type SimRig } from "./rig.fixture.ts"
import { applyPlan } from "./start-apply.ts"

const wire = wiredDatabase()
beforeAll(async () => {
  useKey(randomBytes(32))
})
afterEach(async () => {
  vi.restoreAllMocks()
  // A sweep takes every plan that is applying.
  await db().plan.updateMany({ where: { status: "applying" }, data: { status: "discarded" } })
})
afterAll(async () => {
  await closeBoss()
})

async function started(): Promise<{ r: SimRig; planId: string }> {
  const r = await rig(1)
  r.sim.parallel = 3
  await fillWide(r)
  const { id } = await planOf(r)
  await applyPlan(ada, id, { confirm: [], beyond_limit: false })
  return { r, planId: id }
}

const told = (action: string, steps: readonly JournalStep[]) =>
  db().trailEntry.count({ where: { action, targetId: { in: steps.map(({ id }) => id) } } })
const errorsOf = async (writes: readonly Promise<unknown>[]) =>
  (await Promise.allSettled(writes)).map((end) => (end.status === "rejected" ? (end.reason as unknown) : null))

test("entries whose joint commit lost its answer are written once: one intent, one attempt, one failure each", async () => {
  const { r, planId } = await started()
  const steps = await stepsOf(planId, r.providerId)
  await withLease(r.providerId, async (lease) => {
    const journal = journalOf(lease)
    wire().lose(1, "its answer")
    const intents = await errorsOf(steps.map((step) => journal.intent(step, false)))
    expect(intents.map(isDatabaseTrouble)).toEqual(steps.map(() => true))
    wire().lose(1, "its answer")
    const error = { code: "invalid", message: "no" }
    const failures = await errorsOf(steps.map((step) => journal.failure(step, "failed", error)))
    expect(failures.map(isDatabaseTrouble)).toEqual(steps.map(() => true))
  })
  expect([await told("change.intent", steps), await told("change.failed", steps)]).toEqual([steps.length, steps.length])
  const rows = await db().planChange.findMany({ where: { planId } })
  expect(rows.map(({ status, attempt }) => [status, attempt])).toEqual(steps.map(() => ["failed", 1]))
})

test("who has lost the lease is told once for all of them: nothing is tried one by one", async () => {
  const { r, planId } = await started()
  const steps = await stepsOf(planId, r.providerId)
  await withLease(r.providerId, async (lease) => {
    const journal = journalOf(lease)
    await expireLease(r)
    wire().lose(0, "its answer")
    const errors = await errorsOf(steps.map((step) => journal.intent(step, false)))
    expect(errors.every((error) => error instanceof LeaseLost)).toBe(true)
    expect(wire().begun).toBe(1)
  })
  expect(await told("change.intent", steps)).toBe(0)
})

test("an apply that loses the answer to any of its commits ends as if nothing had happened, and the trail tells each step once", async () => {
  vi.spyOn(log, "error").mockImplementation(() => {})
  const sums = async (planId: string, { providerId }: SimRig) => {
    const steps = await stepsOf(planId, providerId)
    const actions = ["change.intent", "change.done", "change.failed"]
    return {
      trail: await Promise.all(actions.map((action) => told(action, steps))),
      finished: await db().trailEntry.count({ where: { action: "plan.finish", targetId: planId } }),
    }
  }
  const calm = await started()
  wire().lose(0, "its answer")
  await runApplies(calm.r.world)
  const { commits } = wire()
  const [undisturbed, once] = [await endState(calm.r), await sums(calm.planId, calm.r)]
  expect([once, commits > 10]).toEqual([{ trail: [11, 11, 0], finished: 1 }, true])
  for (let n = 1; n <= commits; n++) {
    const { r, planId } = await started()
    wire().lose(n, "its answer")
    const label = `lost the answer to commit ${n}`
    for (let sweep = 0; sweep < 3; sweep++)
      await runApplies(r.world).catch((error: unknown) => expect(isDatabaseTrouble(error), label).toBe(true))
    // A secret that was disturbed waits for its next turn.
    await db().clientSecret.updateMany({ where: { providerId: r.providerId }, data: { error: {} } })
    await withLease(r.providerId, (lease) => settleSecrets(r.providerId, systemActor("test"), r.world, lease))
    expect((await loadPlan(db(), planId)).status, label).toBe("applied")
    expect([await endState(r), await sums(planId, r)], label).toEqual([undisturbed, once])
  }
}, 240_000)
