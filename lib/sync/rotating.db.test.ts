import { randomBytes } from "node:crypto"
import { afterAll, beforeAll, expect, test } from "vitest"
import { newId } from "../base/id.ts"
import { db } from "../db/client.ts"
import { testDatabase, type TestDatabase } from "../db/testing.ts"
import { closeBoss } from "../queue/boss.ts"
import { saveClient } from "../registry/clients/commands.ts"
import { clientPatch } from "../registry/schema.ts"
import { startRotation } from "../rotation/start.ts"
import { eventUseLog } from "../rotation/use-log.ts"
import { useKey } from "../vault/key.ts"
import { runApplies } from "./apply.ts"
import { loadPlan } from "./queries.ts"
import { addClient, ada, applyAll, planOf, refusal, rig, type SimRig } from "./rig.fixture.ts"
import { applyPlan, resumePlan } from "./start-apply.ts"

let database: TestDatabase
beforeAll(async () => {
  database = await testDatabase()
  useKey(randomBytes(32))
})
afterAll(async () => {
  await closeBoss()
  await database.drop()
})

interface Placed {
  readonly r: SimRig
  readonly id: string
  readonly name: string
}
async function placed(): Promise<Placed> {
  const r = await rig()
  const client = await addClient(r, "order")
  expect((await applyAll(r)).status).toBe("applied")
  return { r, ...client }
}
const begin = async (r: SimRig): Promise<string> => {
  const { id, changes } = await planOf(r)
  await applyPlan(ada, id, { confirm: changes.map((change) => change.id), beyond_limit: true })
  return id
}
const flying = ({ r, id }: Placed) =>
  db().rotation.create({
    data: {
      id: newId(),
      clientId: id,
      providerId: r.providerId,
      state: "grace",
      strategy: "overlap",
      evidenceGrade: "A",
      createdBy: "test",
    },
  })
const cannot = { status: "failed", error: { code: "rotating" } }

test("a rotation that began after the plan was made keeps the client's credentials until it is over; the rest is done", async () => {
  const one = await placed()
  const { r, id, name } = one
  const other = await addClient(r, "other")
  await saveClient(ada, id, clientPatch.parse({ auth_method: "client_secret_post" }), null)
  const { id: planId } = await planOf(r)
  const rotation = await flying(one)
  await applyPlan(ada, planId, { confirm: [], beyond_limit: false })
  await runApplies(r.world)
  const plan = await loadPlan(db(), planId)
  expect(plan.status).toBe("partially_applied")
  expect(plan.changes.find(({ key }) => key === name)).toMatchObject(cannot)
  expect(plan.changes.find(({ key }) => key === other.name)).toMatchObject({ status: "done" })
  expect(r.sim.objects.get(`client ${name}`)?.fields.auth_method).toBe("client_secret_basic")
  await db().rotation.update({ where: { id: rotation.id }, data: { state: "done" } })
  await resumePlan(ada, planId)
  await runApplies(r.world)
  expect((await loadPlan(db(), planId)).status).toBe("applied")
})

test("nor is a client deleted under a rotation, nor does a name or an owner wait for one", async () => {
  const one = await placed()
  await saveClient(ada, one.id, clientPatch.parse({ display_name: "Second" }), null)
  const named = await planOf(one.r)
  await flying(one)
  await applyPlan(ada, named.id, { confirm: [], beyond_limit: false })
  await runApplies(one.r.world)
  expect((await loadPlan(db(), named.id)).status).toBe("applied")
  await db().rotation.deleteMany({ where: { clientId: one.id } })
  await saveClient(ada, one.id, clientPatch.parse({ provider_ids: [] }), null)
  const { id, changes } = await planOf(one.r)
  await flying(one)
  await applyPlan(ada, id, { confirm: changes.map((change) => change.id), beyond_limit: true })
  await runApplies(one.r.world)
  expect((await loadPlan(db(), id)).changes).toMatchObject([cannot])
  expect(one.r.sim.objects.has(`client ${one.name}`)).toBe(true)
})

test("no rotation begins while a plan that changes its client is at work", async () => {
  const { r, id } = await placed()
  const secret = await db().clientSecret.findFirstOrThrow({ where: { clientId: id } })
  await db().clientSecret.update({ where: { id: secret.id }, data: { state: "live" } })
  const start = () =>
    startRotation(ada, id, { provider_id: r.providerId, confirm: false }, { ...r.world, log: eventUseLog })
  await saveClient(ada, id, clientPatch.parse({ auth_method: "client_secret_post" }), null)
  await begin(r)
  expect((await refusal(start())).code).toBe("plan_applying")
  expect(await db().rotation.count({ where: { clientId: id } })).toBe(0)
  await runApplies(r.world)
  expect(await start()).toMatchObject({ clientId: id })
})
