/** Where a provider makes a new client with its grants in one call (`WritePort.grantsComeWithClient`). */
import { expect, test } from "vitest"
import { ConnectorError } from "../connectors/connector-error.ts"
import { grantKey, type DesiredObject } from "../connectors/objects.ts"
import { db } from "../db/client.ts"
import { runApplies } from "./apply.ts"
import { killedAtEveryPass } from "./killed.fixture.ts"
import { loadPlan } from "./queries.ts"
import {
  ada,
  addAudience,
  addClient,
  addGrant,
  apiOf,
  endState,
  planOf,
  rig,
  testServers,
  worldWith,
  type SimRig,
} from "./rig.fixture.ts"
import { applyPlan, resumePlan } from "./start-apply.ts"
import type { SyncWorld } from "./world.ts"

testServers()

async function begin(): Promise<{ rig: SimRig; planId: string }> {
  const r = await rig()
  r.sim.grantsComeWithClient = true
  r.sim.parallel = 2
  for (const name of ["pay", "mail"]) await addAudience(r, name)
  await addClient(r, "order")
  for (const name of ["pay", "mail"]) await addGrant(r, "order", name)
  const { id } = await planOf(r)
  await applyPlan(ada, id, { confirm: [], beyond_limit: false })
  return { rig: r, planId: id }
}

const ends = async (planId: string) =>
  Object.fromEntries((await loadPlan(db(), planId)).changes.map(({ kind, key, status }) => [`${kind} ${key}`, status]))

const written = ({ sim, tag }: SimRig) =>
  sim.calls.filter((call) => /^(create|update|remove)/.test(call)).map((call) => call.replaceAll(tag, "T"))

test("one call makes a client and its grants; each has its intent and its result in the journal and the trail", async () => {
  const { rig: r, planId } = await begin()
  await runApplies(r.world)
  const calls = written(r)
  // The audiences run side by side.
  expect(calls.slice(0, 2).toSorted()).toEqual([
    "create audience https://mail.T.example",
    "create audience https://pay.T.example",
  ])
  expect(calls.slice(2)).toEqual(["create client T-order"])
  expect((await loadPlan(db(), planId)).status).toBe("applied")
  const changes = await db().planChange.findMany({ where: { planId } })
  expect(changes.map(({ attempt, status }) => [attempt, status])).toEqual(changes.map(() => [1, "done"]))
  const told = (action: string) =>
    db().trailEntry.count({ where: { action, targetId: { in: changes.map(({ id }) => id) } } })
  expect([await told("change.intent"), await told("change.done"), await told("change.failed")]).toEqual([5, 5, 0])
  expect((await planOf(r)).changes).toEqual([])
})

test("a grant that did not come along is made by its own step", async () => {
  const { rig: r, planId } = await begin()
  r.sim.leftBehind.add(grantKey(`${r.tag}-order`, apiOf(r, "mail")))
  await runApplies(r.world)
  expect((await loadPlan(db(), planId)).status).toBe("applied")
  expect(written(r).slice(2)).toEqual(["create client T-order", "create grant T-order https://mail.T.example"])
})

/** The rig's world, in which the provider refuses to make such objects. */
const refusing = (r: SimRig, doomed: (object: DesiredObject) => boolean): SyncWorld =>
  worldWith(r, ({ create }) => ({
    create: async (object, marker, grants) => {
      if (doomed(object)) throw new ConnectorError("invalid", "create", "no such name")
      return await create(object, marker, grants)
    },
  }))

test("a client that is refused leaves its grants untried", async () => {
  const { rig: r, planId } = await begin()
  await runApplies(refusing(r, ({ kind }) => kind === "client"))
  const end = await ends(planId)
  expect(Object.entries(end).map(([id, status]) => [id.split(" ")[0], status])).toEqual([
    ["audience", "done"],
    ["audience", "done"],
    ["client", "failed"],
    ["grant", "skipped"],
    ["grant", "skipped"],
  ])
})

test("a grant that first comes along when its client is tried again has its intent in the trail like any other", async () => {
  const { rig: r, planId } = await begin()
  await runApplies(refusing(r, ({ kind, key }) => kind === "client" || key === apiOf(r, "mail")))
  await resumePlan(ada, planId)
  await runApplies(r.world)
  expect((await loadPlan(db(), planId)).status).toBe("applied")
  const changes = await db().planChange.findMany({ where: { planId }, orderBy: { ordinal: "asc" } })
  const intents = await Promise.all(
    changes.map(({ id }) => db().trailEntry.count({ where: { action: "change.intent", targetId: id } })),
  )
  expect(intents).toEqual([1, 1, 1, 1, 1])
})

test("what came along with a client that was taken over in part is done, and told so", async () => {
  const { rig: r, planId } = await begin()
  const forgetful = worldWith(r, ({ create }) => ({
    create: async (object, marker, grants) => {
      const made = await create(object, marker, grants)
      return object.kind === "client" ? { ...made, fields: { ...made.fields, owner: "" } } : made
    },
  }))
  await runApplies(forgetful)
  const { status, changes } = await loadPlan(db(), planId)
  expect([status, changes.map((change) => [change.kind, change.status])]).toEqual([
    "partially_applied",
    [
      ["audience", "done"],
      ["audience", "done"],
      ["client", "failed"],
      ["grant", "done"],
      ["grant", "done"],
    ],
  ])
  expect(await db().placement.count({ where: { providerId: r.providerId } })).toBe(5)
})

test("killed at any point and resumed: one client with each of its grants, once", async () => {
  const undisturbed = await killedAtEveryPass(begin, (run) => endState(run.rig))
  const once: unknown = expect.stringMatching(/,1\]$/)
  expect(undisturbed).toMatchObject({ held: { made: [once, once, once, once, once] } })
}, 240_000)
