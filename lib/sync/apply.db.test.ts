/** Plans that are applied: what they ask for first, what ends well, in part or not at all. */
import { describe, expect, test } from "vitest"
import { useCrashHook } from "../base/crashpoint.ts"
import { db } from "../db/client.ts"
import { disableClient, saveClient } from "../registry/clients/commands.ts"
import { deleteGrant } from "../registry/grants/commands.ts"
import { runApplies } from "./apply.ts"
import { planAndApply } from "./at-once.ts"
import { approvePlan, discardPlan } from "./commands.ts"
import { applyPlan, resumePlan } from "./start-apply.ts"
import { loadPlan } from "./queries.ts"
import {
  ada,
  addAudience,
  addClient,
  addGrant,
  apiOf,
  applyAll,
  dieAt,
  fill,
  filled,
  planOf,
  refusal,
  rig,
  testServers,
  type SimRig,
} from "./rig.fixture.ts"
import { clientOf } from "./seen.fixture.ts"

testServers()

const yes = { confirm: [], beyond_limit: false }
const statusOf = async (id: string) => (await loadPlan(db(), id)).status

describe("plan and apply", () => {
  test("a plan shows its changes in order, is applied, and the next one is empty", async () => {
    const r = await rig()
    await fill(r)
    const plan = await planOf(r)
    expect(plan).toMatchObject({
      status: "planned",
      kept: [],
      changes: [
        { verb: "create", kind: "audience" },
        { verb: "create", kind: "client" },
        { verb: "create", kind: "grant", projection: { is: "exact" } },
      ],
    })
    expect((await applyPlan(ada, plan.id, yes)).status).toBe("applying")
    await runApplies(r.world)
    const done = await loadPlan(db(), plan.id)
    expect([done.status, done.changes.map(({ status }) => status)]).toEqual(["applied", ["done", "done", "done"]])
    expect(await planOf(r)).toMatchObject({ status: "planned", changes: [], kept: [] })
  })

  test("deletes and widened grants ask for a yes that names them", async () => {
    const r = await filled()
    const grant = await db().grant.findFirstOrThrow({ where: { client: { name: `${r.tag}-order` } } })
    await deleteGrant(ada, grant.id, null)
    const plan = await planOf(r)
    const refused = await refusal(applyPlan(ada, plan.id, yes))
    expect([refused.status, refused.code, refused.evidence.changes]).toEqual([
      409,
      "confirmation_needed",
      [
        expect.objectContaining({ id: plan.changes.find(({ kind }) => kind === "grant")?.id, verb: "delete" }),
        expect.objectContaining({ verb: "delete", kind: "audience" }),
      ],
    ])
    expect(await statusOf(plan.id)).toBe("planned")
    await applyPlan(ada, plan.id, { ...yes, confirm: plan.changes.map(({ id }) => id) })
    await runApplies(r.world)
    expect(await statusOf(plan.id)).toBe("applied")
    r.sim.faults = { widened: new Set([`${r.tag}-order ${apiOf(r, "pay")}`]) }
    await addGrant(r, "order", "pay")
    const widened = await planOf(r)
    expect((await refusal(applyPlan(ada, widened.id, yes))).code).toBe("confirmation_needed")
    expect(widened.changes.find(({ kind }) => kind === "grant")).toMatchObject({
      projection: { is: "widened" },
      needs_confirmation: true,
    })
  })

  test("a provider that moved since the plan is not overwritten (T31)", async () => {
    const r = await filled()
    const client = await clientOf(r)
    await saveClient(ada, client.id, { owner: "new team" }, null)
    const plan = await planOf(r)
    r.sim.meddle("client", client.name, { owner: "somebody else" })
    await applyPlan(ada, plan.id, yes)
    await runApplies(r.world)
    const ended = await loadPlan(db(), plan.id)
    expect([ended.status, ended.changes[0]?.error]).toEqual(["stale", expect.objectContaining({ code: "stale" })])
    expect(r.sim.objects.get(`client ${client.name}`)?.fields.owner).toBe("somebody else")
    expect((await refusal(applyPlan(ada, plan.id, yes))).code).toBe("plan_stale")
  })

  test("what failed has its own result, what hangs on it is skipped, and resume finishes", async () => {
    const r = await rig()
    await fill(r)
    const plan = await planOf(r)
    r.sim.meddle("client", `${r.tag}-order`, { owner: "squatter" })
    await applyPlan(ada, plan.id, yes)
    await runApplies(r.world)
    const part = await loadPlan(db(), plan.id)
    expect([part.status, part.changes.map(({ status }) => status)]).toEqual([
      "partially_applied",
      ["done", "failed", "skipped"],
    ])
    r.sim.meddle("client", `${r.tag}-order`, null)
    expect((await resumePlan(ada, plan.id)).status).toBe("applying")
    await runApplies(r.world)
    expect(await statusOf(plan.id)).toBe("applied")
  })

  test("one apply per provider at a time: the second waits and then runs", async () => {
    const r = await rig()
    await fill(r)
    const first = await planOf(r)
    await addAudience(r, "late")
    await addClient(r, "late")
    await addGrant(r, "late", "late")
    const second = await planOf(r)
    await applyPlan(ada, first.id, yes)
    const hold = dieAt(3)
    const running = runApplies(r.world)
    await hold.died
    useCrashHook(null)
    await applyPlan(ada, second.id, yes)
    const calls = r.sim.calls.length
    await runApplies(r.world)
    expect([r.sim.calls.length, await statusOf(first.id), await statusOf(second.id)]).toEqual([
      calls,
      "applying",
      "applying",
    ])
    hold.haunt()
    await running
    await runApplies(r.world)
    expect(await statusOf(first.id)).toBe("applied")
    // The second was planned before the first ran: what the first made is not made again.
    expect(await statusOf(second.id)).toBe("partially_applied")
    expect([...r.sim.made.values()].every((times) => times === 1)).toBe(true)
  })

  test("only a plan that waits can be approved, discarded or applied; an old or altered one is refused", async () => {
    const r = await rig()
    await addAudience(r, "solo")
    await addClient(r, "solo")
    const plan = await planOf(r)
    expect((await approvePlan(ada, plan.id)).status).toBe("approved")
    expect((await discardPlan(ada, plan.id)).status).toBe("discarded")
    expect((await refusal(applyPlan(ada, plan.id, yes))).code).toBe("plan_discarded")
    const old = await planOf(r)
    await db().plan.update({ where: { id: old.id }, data: { expiresAt: new Date(0) } })
    expect((await refusal(applyPlan(ada, old.id, yes))).code).toBe("plan_expired")
    const altered = await planOf(r)
    await db().planChange.updateMany({ where: { planId: altered.id }, data: { fields: [] } })
    expect((await refusal(applyPlan(ada, altered.id, yes))).code).toBe("plan_altered")
  })

  test("many deletes stop at the limit, even when each was confirmed (T30), and want a fresh sign-in (T14)", async () => {
    const deleting = async (r: SimRig, from: number, to: number) => {
      const names = Array.from({ length: to - from }, (_, i) => `${r.tag}-c${from + i}`)
      await db().client.deleteMany({ where: { name: { in: names } } })
      const plan = await planOf(r)
      return { plan, confirm: plan.changes.map(({ id }) => id) }
    }
    const r = await rig()
    for (let i = 0; i < 12; i++) await addClient(r, `c${i}`)
    await applyAll(r)
    const five = await deleting(r, 0, 5)
    expect(five.plan.deletes_limit).toBe(5)
    const stale = { ...ada, authenticatedAt: new Date(Date.now() - 6 * 60_000) }
    const body = { confirm: five.confirm, beyond_limit: false }
    expect((await refusal(applyPlan(stale, five.plan.id, body))).code).toBe("step_up_needed")
    await applyPlan(ada, five.plan.id, { confirm: five.confirm, beyond_limit: false })
    await runApplies(r.world)
    expect([await statusOf(five.plan.id), r.sim.objects.size]).toEqual(["applied", 7])
    const six = await deleting(r, 5, 11)
    const refused = await refusal(applyPlan(ada, six.plan.id, { confirm: six.confirm, beyond_limit: false }))
    expect([refused.code, refused.evidence]).toEqual(["blast_radius", { deletes: 6, limit: 5 }])
    expect(await statusOf(six.plan.id)).toBe("planned")
    await applyPlan(ada, six.plan.id, { confirm: six.confirm, beyond_limit: true })
    await runApplies(r.world)
    expect(r.sim.objects.size).toBe(1)
  })

  test("a row that was damaged is refused by its column, and nothing is applied from it", async () => {
    const r = await filled()
    const client = await clientOf(r)
    await saveClient(ada, client.id, { owner: "new team" }, null)
    const plan = await planOf(r)
    await applyPlan(ada, plan.id, yes)
    await db().placement.updateMany({ where: { providerId: r.providerId, kind: "client" }, data: { applied: "gone" } })
    expect((await refusal(planOf(r))).evidence).toMatchObject({ column: "placement.applied" })
    await db().planChange.updateMany({ where: { planId: plan.id }, data: { fields: [{ field: "owner" }] } })
    expect((await refusal(loadPlan(db(), plan.id))).code).toBe("stored_data_unreadable")
    await runApplies(r.world)
    expect(r.sim.objects.get(`client ${client.name}`)?.fields.owner).toBe("team")
    const ended = await db().plan.update({ where: { id: plan.id, status: "applying" }, data: { status: "discarded" } })
    expect(ended.id).toBe(plan.id)
  })

  test("disable now plans and applies only that client", async () => {
    const r = await filled()
    await addClient(r, "other")
    const client = await clientOf(r)
    await disableClient(ada, client.id)
    const plan = await planAndApply(ada, [r.providerId], "Disable", {
      only: ({ key }) => key === client.name,
      world: r.world,
    })
    expect([plan.status, plan.changes.map(({ verb, key }) => [verb, key])]).toEqual([
      "applying",
      [["disable", client.name]],
    ])
    await runApplies(r.world)
    expect(r.sim.objects.get(`client ${client.name}`)?.fields.enabled).toBe(false)
    expect(r.sim.objects.has(`client ${r.tag}-other`)).toBe(false)
  })
})
