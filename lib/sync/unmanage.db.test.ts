import { expect, test } from "vitest"
import { db } from "../db/client.ts"
import { withLease } from "../queue/lease.ts"
import { saveAudience } from "../registry/audiences/commands.ts"
import { saveClient } from "../registry/clients/commands.ts"
import { audiencePatch, clientPatch } from "../registry/schema.ts"
import { runApplies } from "./apply.ts"
import { protectPlacement, unmanage } from "./placements.ts"
import { loadPlan } from "./queries.ts"
import { ada, apiOf, applyAll, fill, filled, planOf, refusal, rig, testServers, type SimRig } from "./rig.fixture.ts"
import { clientOf } from "./seen.fixture.ts"
import { applyPlan, resumePlan } from "./start-apply.ts"

testServers()

const nameOf = ({ tag }: SimRig) => `${tag}-order`
const change = async (r: SimRig, patch: object) =>
  saveClient(ada, (await clientOf(r)).id, clientPatch.parse(patch), null)
const placementOf = ({ providerId }: SimRig, kind: string) => db().placement.findFirst({ where: { providerId, kind } })
const forget = async (r: SimRig) => unmanage(ada, (await placementOf(r, "client"))?.id ?? "", null)
const writes = ({ sim }: SimRig) => sim.calls.filter((call) => /^(create|update|remove) /.test(call)).length

/** A plan that was computed before what happened since, and is applied after it. */
async function applyLate(r: SimRig, id: string) {
  await db().plan.update({ where: { id }, data: { status: "planned" } })
  const { changes } = await loadPlan(db(), id)
  await applyPlan(ada, id, { confirm: changes.map((one) => one.id), beyond_limit: true })
  await runApplies(r.world)
  return loadPlan(db(), id)
}

test("unmanage discards the open plans that touch the client or its grants, and leaves the others", async () => {
  const r = await filled()
  const audience = await db().audience.findUniqueOrThrow({ where: { identifier: apiOf(r, "pay") } })
  await saveAudience(ada, audience.id, audiencePatch.parse({ name: "Payments" }), null)
  const other = await planOf(r)
  await change(r, { display_name: "Second" })
  const touching = await planOf(r)
  await forget(r)
  const status = async (id: string) => (await loadPlan(db(), id)).status
  expect([await status(other.id), await status(touching.id)]).toEqual(["planned", "discarded"])
  const entry = await db().trailEntry.findFirstOrThrow({ where: { action: "plan.discard", targetId: touching.id } })
  expect(entry.reason).toBe(`${nameOf(r)} is not managed there any more.`)
})

test("a plan that was made before writes nothing to what was forgotten since, and does not take it back", async () => {
  const r = await filled()
  await change(r, { display_name: "Second" })
  const { id } = await planOf(r)
  await forget(r)
  const before = writes(r)
  const late = await applyLate(r, id)
  expect(late).toMatchObject({
    status: "stale",
    changes: [{ error: { message: "Since the plan was made, Grantry was told to manage it no more." } }],
  })
  expect([writes(r), await placementOf(r, "client")]).toEqual([before, null])
})

test("a create that arrived in part, was forgotten and is resumed finds an object that is not ours", async () => {
  const r = await rig()
  await fill(r)
  const { id } = await applyAll(r)
  const made = await db().planChange.findFirstOrThrow({ where: { planId: id, kind: "client" } })
  await db().planChange.update({ where: { id: made.id }, data: { status: "failed" } })
  await db().plan.update({ where: { id }, data: { status: "partially_applied" } })
  await forget(r)
  const before = writes(r)
  await resumePlan(ada, id)
  await runApplies(r.world)
  expect([writes(r), await placementOf(r, "client")]).toEqual([before, null])
})

test("what was protected after a plan to delete it was made stays", async () => {
  const r = await filled()
  await change(r, { provider_ids: [] })
  const { id } = await planOf(r)
  await protectPlacement(ada, (await placementOf(r, "client"))?.id ?? "", { protected: true })
  const late = await applyLate(r, id)
  expect(late.changes.find(({ kind }) => kind === "client")).toMatchObject({
    status: "failed",
    error: { code: "stale", message: "Since the plan was made, it was protected." },
  })
  expect(r.sim.objects.has(`client ${nameOf(r)}`)).toBe(true)
})

test("nothing is forgotten while a process works on the provider", async () => {
  const r = await filled()
  await withLease(r.providerId, async () => {
    expect((await refusal(forget(r))).code).toBe("provider_busy")
  })
  expect((await forget(r)).left.map(({ kind }) => kind)).toEqual(["client", "grant"])
  expect(await withLease(r.providerId, async () => "free")).toEqual({ busy: false, result: "free" })
})
