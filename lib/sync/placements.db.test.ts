import { expect, test } from "vitest"
import type { Actor } from "../auth/actor.ts"
import { permissionsOfRole } from "../auth/permissions.ts"
import { newId } from "../base/id.ts"
import { db } from "../db/client.ts"
import { withTx } from "../db/tx.ts"
import { deleteProvider, remainsOf } from "../providers/disconnect.ts"
import { saveClient } from "../registry/clients/commands.ts"
import { clientPatch } from "../registry/schema.ts"
import { runApplies } from "./apply.ts"
import { lockPlanToWrite } from "./frozen.ts"
import { listPlacements, protectPlacement, unmanage } from "./placements.ts"
import { loadPlan } from "./queries.ts"
import { ada, addClient, applyAll, filled, planOf, refusal, testServers, type SimRig } from "./rig.fixture.ts"
import { clientOf } from "./seen.fixture.ts"
import { applyPlan, resumePlan } from "./start-apply.ts"

testServers()

const placementsOf = async ({ providerId }: SimRig) =>
  (await listPlacements(ada, { provider: providerId }, { limit: 50, after: null })).items
const idOf = async (r: SimRig, kind: string) => (await placementsOf(r)).find((one) => one.kind === kind)?.id ?? ""

test("a protected object is in no plan to delete; without protection it is", async () => {
  const r = await filled()
  const id = await idOf(r, "client")
  expect(await protectPlacement(ada, id, { protected: true })).toMatchObject({ protected: true })
  await protectPlacement(ada, id, { protected: true })
  await saveClient(ada, (await clientOf(r)).id, clientPatch.parse({ provider_ids: [] }), null)
  const kept = await planOf(r)
  expect(kept.changes.some(({ kind }) => kind === "client")).toBe(false)
  expect(kept.kept.map(({ kind, code }) => `${kind} ${code}`)).toContain("client protected")
  await protectPlacement(ada, id, { protected: false })
  expect((await planOf(r)).changes.map(({ verb, kind }) => `${verb} ${kind}`)).toContain("delete client")
  expect(await db().trailEntry.count({ where: { action: "placement.protect", targetId: id } })).toBe(2)
})

test("protection is refused while a plan under way is still to delete the object; what it does not delete is protected at any time", async () => {
  const r = await filled()
  const client = await idOf(r, "client")
  await addClient(r, "other")
  await applyAll(r)
  const other = (await placementsOf(r)).find(({ key }) => key === `${r.tag}-other`)?.id ?? ""
  await saveClient(ada, (await clientOf(r)).id, clientPatch.parse({ provider_ids: [] }), null)
  const { id: planId, changes } = await planOf(r)
  // It begins while protection is asked for: whoever comes second sees what the first one did.
  const [begun, hold] = [Promise.withResolvers<void>(), Promise.withResolvers<void>()]
  const start = withTx(async (tx) => {
    await lockPlanToWrite(tx, planId)
    begun.resolve()
    await hold.promise
    await tx.plan.update({ where: { id: planId }, data: { status: "applying" } })
  })
  await begun.promise
  const protecting = refusal(protectPlacement(ada, client, { protected: true }))
  await new Promise((resolve) => setTimeout(resolve, 200))
  hold.resolve()
  await start
  expect([(await protecting).status, (await protecting).code]).toEqual([409, "provider_busy"])
  expect(await protectPlacement(ada, other, { protected: true })).toMatchObject({ protected: true })
  await runApplies(r.world)
  expect((await loadPlan(db(), planId)).changes.map(({ status }) => status)).toEqual(changes.map(() => "done"))
  expect(r.sim.objects.has(`client ${r.tag}-order`)).toBe(false)
  expect((await refusal(protectPlacement(ada, client, { protected: true }))).status).toBe(404)
})

test("a client that is deleted at the provider has its secrets there retired, and the trail says so of each", async () => {
  const r = await filled()
  const before = await db().clientSecret.findFirstOrThrow({ where: { providerId: r.providerId } })
  await saveClient(ada, (await clientOf(r)).id, clientPatch.parse({ provider_ids: [] }), null)
  expect((await applyAll(r)).status).toBe("applied")
  const after = await db().clientSecret.findUniqueOrThrow({ where: { id: before.id } })
  expect(after).toMatchObject({ state: "retired", sealed: null, version: before.version + 1 })
  const said = await db().trailEntry.findMany({ where: { action: "secret.retire", targetId: before.clientId } })
  expect(said.map((entry) => [entry.actorName, entry.before, entry.after])).toEqual([
    ["Grantry (apply)", { state: "live" }, { secret_id: before.id, fingerprint: before.fingerprint, state: "retired" }],
  ])
})

test("unmanage forgets a client with its grants and secrets and leaves all of it at the provider; it is foreign from then on", async () => {
  const r = await filled()
  const there = [...r.sim.objects.keys()]
  const secrets = r.sim.secrets.get(`${r.tag}-order`)?.map(({ fingerprint }) => fingerprint)
  const calls = r.sim.calls.length
  const { left, secrets: forgotten } = await unmanage(ada, await idOf(r, "client"), "the platform team runs it now")
  expect([left.map(({ kind }) => kind), forgotten.map(({ fingerprint }) => fingerprint)]).toEqual([
    ["client", "grant"],
    secrets,
  ])
  expect([[...r.sim.objects.keys()], r.sim.calls.length]).toEqual([there, calls])
  expect((await placementsOf(r)).map(({ kind }) => kind)).toEqual(["audience"])
  expect(await db().clientSecret.count({ where: { providerId: r.providerId } })).toBe(0)
  const { changes, kept } = await planOf(r)
  expect([changes.filter(({ kind }) => kind !== "audience"), kept.map(({ kind, code }) => [kind, code])]).toEqual([
    [],
    expect.arrayContaining([
      ["client", "not_ours"],
      ["grant", "not_ours"],
    ]),
  ])
  const entries = await db().trailEntry.findMany({ where: { action: "placement.unmanage" }, orderBy: { seq: "asc" } })
  expect(entries.map(({ targetName, reason }) => [targetName.split(" ")[0], reason])).toEqual([
    ["client", "the platform team runs it now"],
    ["grant", "the platform team runs it now"],
  ])
})

test("a grant goes with its client, an audience not while it is granted, nothing while work is under way, and only by who may", async () => {
  const r = await filled()
  const code = async (kind: string, actor: Actor = ada) => {
    const error = await refusal(unmanage(actor, await idOf(r, kind), null))
    return [error.status, error.code]
  }
  expect(await code("grant")).toEqual([409, "goes_with_its_client"])
  expect(await code("audience")).toEqual([409, "audience_has_grants"])
  expect(await code("client", { ...ada, permissions: new Set(permissionsOfRole.viewer) })).toEqual([403, "forbidden"])
  expect(await code("client", { ...ada, authenticatedAt: new Date(0) })).toEqual([403, "step_up_needed"])
  const rotation = await db().rotation.create({
    data: {
      id: newId(),
      clientId: (await clientOf(r)).id,
      providerId: r.providerId,
      state: "grace",
      strategy: "overlap",
      evidenceGrade: "A",
      createdBy: "test",
    },
  })
  expect(await code("client")).toEqual([409, "rotation_in_flight"])
  await db().rotation.delete({ where: { id: rotation.id } })
  const plan = await planOf(r)
  await db().plan.update({ where: { id: plan.id }, data: { status: "applying" } })
  expect(await code("client")).toEqual([409, "provider_busy"])
})

test("a provider is disconnected with a word on what stays: before, in the refusal, and in the answer", async () => {
  const r = await filled()
  const before = await remainsOf(ada, r.providerId)
  expect(before).toMatchObject({
    counts: { client: 1, audience: 1, grant: 1 },
    live_secrets: [{ client: `${r.tag}-order`, state: "live" }],
    wanted: { clients: 1 },
    in_flight: { plans: 0, rotations: 0 },
  })
  expect(before.sentence).toBe(
    `1 client, 1 audience, 1 grant stay on ${r.tag}, and 1 secret goes on working there. Grantry forgets them.`,
  )
  const refused = await refusal(deleteProvider(ada, r.providerId, null))
  expect([refused.status, refused.code, refused.evidence]).toEqual([409, "provider_in_use", before])
  const tired = { ...ada, authenticatedAt: new Date(0) }
  expect((await refusal(deleteProvider(tired, r.providerId, null, { leave: true }))).code).toBe("step_up_needed")
  const plan = await planOf(r)
  await db().plan.update({ where: { id: plan.id }, data: { status: "applying" } })
  expect((await refusal(deleteProvider(ada, r.providerId, null, { leave: true }))).code).toBe("provider_busy")
  await db().plan.update({ where: { id: plan.id }, data: { status: "discarded" } })
  expect(await deleteProvider(ada, r.providerId, null, { leave: true })).toEqual(before)
  expect(await db().placement.count({ where: { providerId: r.providerId } })).toBe(0)
  expect(r.sim.objects.size).toBe(3)
  const entry = await db().trailEntry.findFirstOrThrow({ where: { action: "provider.delete", targetId: r.providerId } })
  expect(entry.after).toMatchObject({ left_behind: { counts: before.counts, live_secrets: before.live_secrets } })
})

test("no plan begins on a provider that was disconnected: the open ones are discarded with it, no other one starts", async () => {
  const r = await filled()
  const [open, late, failed] = [await planOf(r), await planOf(r), await planOf(r)]
  await db().plan.update({ where: { id: failed.id }, data: { status: "failed" } })
  await deleteProvider(ada, r.providerId, null, { leave: true })
  expect(await db().plan.findUniqueOrThrow({ where: { id: open.id } })).toMatchObject({ status: "discarded" })
  const entry = await db().trailEntry.findFirstOrThrow({ where: { action: "plan.discard", targetId: open.id } })
  expect([entry.actorName, entry.reason]).toEqual(["Ada", `${r.tag} was disconnected.`])
  // One that was computed before the disconnect and stored after it.
  await db().plan.update({ where: { id: late.id }, data: { status: "planned" } })
  expect((await refusal(applyPlan(ada, late.id, { confirm: [], beyond_limit: false }))).code).toBe("provider_gone")
  expect((await refusal(resumePlan(ada, failed.id))).code).toBe("provider_gone")
  expect(await db().plan.count({ where: { status: "applying", providerIds: { has: r.providerId } } })).toBe(0)
})
