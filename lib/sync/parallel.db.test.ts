import { expect, test, vi } from "vitest"
import { useCrashHook } from "../base/crashpoint.ts"
import { ConnectorError } from "../connectors/connector-error.ts"
import { db } from "../db/client.ts"
import { runApplies } from "./apply.ts"
import { loadPlan } from "./queries.ts"
import {
  ada,
  addClient,
  dieAt,
  endState,
  expireLease,
  fillWide,
  planOf,
  rig,
  testServers,
  type SimRig,
  worldWith,
} from "./rig.fixture.ts"
import { applyPlan, resumePlan } from "./start-apply.ts"

testServers()

async function started(parallel: number | null, writeMs = 5): Promise<{ r: SimRig; planId: string }> {
  const r = await rig(1)
  r.sim.parallel = parallel
  r.sim.writeMs = writeMs
  await fillWide(r)
  const { id } = await planOf(r)
  await applyPlan(ada, id, { confirm: [], beyond_limit: false })
  return { r, planId: id }
}

test("steps run side by side as far as the provider takes it, one writer for each client, phase after phase, on one read of everything", async () => {
  const one = await started(null, 0)
  await runApplies(one.r.world)
  const many = await started(3, 300)
  many.r.sim.calls.length = 0
  await runApplies(many.r.world)
  expect((await loadPlan(db(), many.planId)).status).toBe("applied")
  expect([one.r.sim.sideBySide, many.r.sim.sideBySide, many.r.sim.crowded]).toEqual([1, 3, []])
  expect(await endState(many.r)).toEqual(await endState(one.r))
  const { calls } = many.r.sim
  const created = calls.filter((call) => call.startsWith("create")).map((call) => call.split(" ")[1])
  expect(created).toEqual([...Array(2).fill("audience"), ...Array(3).fill("client"), ...Array(6).fill("grant")])
  expect(calls.filter((call) => call.startsWith("find"))).toEqual([])
  // Once for the first looks, once after the apply.
  expect(calls.filter((call) => call === "observe")).toHaveLength(2)
})

test("killed while several steps are under way and resumed, it ends as if nothing had happened", async () => {
  const calm = await started(3)
  const { passed } = dieAt(Number.POSITIVE_INFINITY)
  await runApplies(calm.r.world)
  useCrashHook(null)
  const undisturbed = await endState(calm.r)
  for (let n = 3; n <= passed.length; n += 6) {
    const { r, planId } = await started(3)
    const death = dieAt(n)
    const first = runApplies(r.world)
    const where = await death.died
    // What is under way on the wire is answered by nobody.
    await new Promise((resolve) => setTimeout(resolve, 30))
    useCrashHook(null)
    await expireLease(r)
    await runApplies(r.world)
    const label = `killed at pass ${n}, ${where}`
    expect((await loadPlan(db(), planId)).status, label).toBe("applied")
    expect(await endState(r), label).toEqual(undisturbed)
    death.haunt()
    await first
    expect(await endState(r), `${label}, then the zombie`).toEqual(undisturbed)
  }
}, 240_000)

test("what changed behind us after the one read is found by the provider's refusal, and nothing is written over it", async () => {
  const { r, planId } = await started(1)
  const create = r.sim.connector
  Object.defineProperty(r.sim, "connector", {
    value: () => {
      const connector = create()
      const write = connector.write as Extract<typeof connector.write, { observe: unknown }>
      const observe = async () => {
        const seen = await write.observe()
        if (!r.sim.objects.has(`client ${r.tag}-b`)) r.sim.meddle("client", `${r.tag}-b`, { owner: "somebody" })
        return seen
      }
      return { ...connector, write: { ...write, observe } }
    },
  })
  await runApplies(r.world)
  const plan = await loadPlan(db(), planId)
  expect(plan.status).toBe("partially_applied")
  expect(plan.changes.find(({ kind, key }) => kind === "client" && key === `${r.tag}-b`)).toMatchObject({
    status: "failed",
    error: { code: "stale" },
  })
  expect(r.sim.objects.get(`client ${r.tag}-b`)?.fields).toEqual({ owner: "somebody" })
})

/** Six clients for a provider that takes two calls at a time; each create is held until `open`, then `first` has its say. */
async function held(first: () => void, failedLooks = 0) {
  const r = await rig(1)
  r.sim.parallel = 2
  for (const name of ["a", "b", "c", "d", "e", "f"]) await addClient(r, name)
  const { id: planId } = await planOf(r)
  await applyPlan(ada, planId, { confirm: [], beyond_limit: false })
  const sent: string[] = []
  const gate = Promise.withResolvers<void>()
  let looks = 0
  const world = worldWith(r, (real) => ({
    observe: async () => {
      if (++looks <= failedLooks) throw new ConnectorError("unavailable", "observe", "down")
      return await real.observe()
    },
    create: async (object, marker) => {
      sent.push(object.key)
      const isFirst = sent.length === 1
      await gate.promise
      if (isFirst) first()
      return await real.create(object, marker)
    },
  }))
  const over = runApplies(world)
  const statuses = async () =>
    Object.fromEntries(
      [...Map.groupBy((await loadPlan(db(), planId)).changes, ({ status }) => status)].map(([is, all]) => [
        is,
        all.length,
      ]),
    )
  // Everybody has written the intent; two are on the wire, four wait for a place.
  await vi.waitFor(async () => expect([await statuses(), sent.length]).toEqual([{ intent: 6 }, 2]), 10_000)
  return { r, planId, sent, statuses, open: gate.resolve, over }
}
const madeOnce = ({ sim }: SimRig) => [...sim.made.values()].every((times) => times === 1) && sim.made.size === 6

test("a call that waited for its place is not sent when another process has taken over meanwhile", async () => {
  const { r, planId, sent, open, over } = await held(() => {})
  await db().$executeRaw`update lease set holder = gen_random_uuid() where subject_id = ${r.providerId}::uuid`
  open()
  await over
  expect(sent).toHaveLength(2)
  await expireLease(r)
  await runApplies(r.world)
  expect([(await loadPlan(db(), planId)).status, madeOnce(r)]).toEqual(["applied", true])
})

test("once the provider refuses our login, what waited for its place is not sent and says so; resumed it is done", async () => {
  const { r, planId, sent, statuses, open, over } = await held(() => {
    throw new ConnectorError("auth_failed", "create", "no")
  })
  open()
  await over
  expect([sent.length, await statuses()]).toEqual([2, { failed: 1, done: 1, skipped: 4 }])
  const { changes } = await loadPlan(db(), planId)
  expect(changes.filter(({ status }) => status === "skipped").map(({ error }) => error)).toEqual(
    Array(4).fill({ code: "auth_failed", message: "Not tried: the provider stopped answering us." }),
  )
  await resumePlan(ada, planId)
  await runApplies(r.world)
  expect([(await loadPlan(db(), planId)).status, madeOnce(r)]).toEqual(["applied", true])
})

test("of a call that was never sent there is no doubt, not even after a look that failed", async () => {
  const refuse = () => {
    throw new ConnectorError("auth_failed", "create", "no")
  }
  const { statuses, open, over } = await held(refuse, 1)
  open()
  await over
  expect(await statuses()).toEqual({ failed: 1, done: 1, skipped: 4 })
})
