import { describe, expect, test } from "vitest"
import { useCrashHook } from "../base/crashpoint.ts"
import { newId } from "../base/id.ts"
import { splitGrantKey } from "../connectors/objects.ts"
import { db } from "../db/client.ts"
import { saveClient } from "../registry/clients/commands.ts"
import { clientPatch } from "../registry/schema.ts"
import { clientsGone } from "../rotation/client-gone.ts"
import { getRotation } from "../rotation/queries.ts"
import { startRotation } from "../rotation/start.ts"
import { eventUseLog } from "../rotation/use-log.ts"
import { runApplies } from "./apply.ts"
import { stopClient } from "./at-once.ts"
import { loadPlan } from "./queries.ts"
import {
  addClient,
  ada,
  apiOf,
  applyAll,
  dieAt,
  expireLease,
  fill,
  planOf,
  refusal,
  rig,
  testServers,
  type SimRig,
} from "./rig.fixture.ts"
import { applyPlan, resumePlan } from "./start-apply.ts"
import type { SyncWorld } from "./world.ts"

testServers()

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
const ending = ({ world }: SimRig): SyncWorld => ({ ...world, clientsGone })

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
  await runApplies(ending(one.r))
  expect((await loadPlan(db(), id)).changes).toMatchObject([cannot])
  expect(one.r.sim.objects.has(`client ${one.name}`)).toBe(true)
})

describe("the kill switch where disabling means deleting", () => {
  /** A client with an API on a provider that holds no disabled client (dynamic registration). */
  async function registered() {
    const r = await rig()
    r.sim.shape = (desired) => {
      const off = desired.flatMap(({ kind, key, fields }) =>
        kind === "client" && fields.enabled === false ? [key] : [],
      )
      const client = ({ kind, key }: (typeof desired)[number]) => (kind === "grant" ? splitGrantKey(key).client : key)
      return { objects: desired.filter((object) => !off.includes(client(object))), notes: [] }
    }
    await fill(r)
    expect((await applyAll(r)).status).toBe("applied")
    return { r, client: await db().client.findUniqueOrThrow({ where: { name: `${r.tag}-order` } }) }
  }
  type Registered = Awaited<ReturnType<typeof registered>>
  const rotationWorld = (r: SimRig) => ({ ...r.world, log: eventUseLog })
  const rotate = ({ r, client }: Registered) =>
    startRotation(ada, client.id, { provider_id: r.providerId, confirm: false }, rotationWorld(r))
  const stands = ({ r, client }: Registered, more: { readonly state: string }) => {
    const row = { clientId: client.id, providerId: r.providerId, strategy: "overlap", evidenceGrade: "A" }
    return db().rotation.create({ data: { id: newId(), createdBy: "test", ...row, ...more } })
  }
  const endOf = async (clientId: string) => ({
    rotations: (
      await db().rotation.findMany({ where: { clientId }, include: { steps: { where: { step: "client_gone" } } } })
    ).map(({ state, stuckWhy, finishedAt, steps }) => [state, stuckWhy, finishedAt !== null, steps.length]),
    trail: await db().trailEntry.findMany({
      where: { action: "rotation.abort", targetName: { startsWith: (await nameOf(clientId)) ?? "?" } },
      select: { actorName: true, reason: true, after: true },
    }),
    secrets: (await db().clientSecret.findMany({ where: { clientId } })).map(({ state, sealed }) => [state, sealed]),
  })
  const nameOf = async (id: string) => (await db().client.findUnique({ where: { id } }))?.name
  const ended = (r: SimRig) => {
    const why = `${r.tag}-order was deleted on ${r.tag}, and every secret with it: there is nothing left to rotate.`
    return {
      rotations: [["aborted", why, true, 1]],
      trail: [{ actorName: "Grantry (apply)", reason: why, after: { state: "aborted", by: "client_gone" } }],
      secrets: [
        ["retired", null],
        ["retired", null],
      ],
    }
  }

  test("waits for no rotation: the client goes at once, and its rotation ends with the reason, in the journal and in the trail", async () => {
    const one = await registered()
    const { r, client } = one
    expect((await rotate(one)).state).toBe("verified")
    const { plan } = await stopClient(ada, client.id, r.world)
    expect(plan.changes.map(({ verb, kind }) => [verb, kind])).toEqual([
      ["delete", "grant"],
      ["delete", "client"],
    ])
    await runApplies(ending(r))
    expect((await loadPlan(db(), plan.id)).status).toBe("applied")
    expect([...r.sim.objects.keys()]).toEqual([`audience ${apiOf(r, "pay")}`])
    expect(await endOf(client.id)).toEqual(ended(r))
    const { id } = await db().rotation.findFirstOrThrow({ where: { clientId: client.id } })
    const shown = await getRotation(ada, id, rotationWorld(r))
    expect([shown.ended_why, shown.stuck_why, shown.actions]).toEqual([ended(r).rotations[0]?.[1], null, []])
  })

  test("enabled again it is registered anew, with a secret of its own, and can be rotated", async () => {
    const one = await registered()
    const { r, client } = one
    await rotate(one)
    await stopClient(ada, client.id, r.world)
    await runApplies(ending(r))
    await saveClient(ada, client.id, clientPatch.parse({ enabled: true }), null)
    expect((await applyAll(r)).status).toBe("applied")
    expect((await rotate(one)).state).toBe("verified")
  })

  test.each([
    { state: "created" },
    { state: "grace", retireRequestedAt: new Date() },
    { state: "verified", abortRequestedAt: new Date() },
    { state: "published", strategy: "in_place", confirmedAt: new Date() },
    { state: "cut_over", strategy: "in_place" },
    { state: "stuck", stuckFrom: "cut_over", stuckWhy: "No token." },
  ])("from any state: $state", async (more) => {
    const one = await registered()
    const { r, client } = one
    await stands(one, more)
    const { plan } = await stopClient(ada, client.id, r.world)
    await runApplies(ending(r))
    expect((await loadPlan(db(), plan.id)).status).toBe("applied")
    expect((await endOf(client.id)).rotations).toEqual(ended(r).rotations)
  })

  test("killed at any pass of that apply, the rotation is over exactly when the deletion is written down, and once", async () => {
    for (let n = 1; ; n++) {
      const one = await registered()
      const { r, client } = one
      await stands(one, { state: "verified" })
      const { plan } = await stopClient(ada, client.id, r.world)
      const death = dieAt(n)
      const dying = runApplies(ending(r))
      const at = await Promise.race([death.died, dying.then(() => null)])
      useCrashHook(null)
      const { changes } = await loadPlan(db(), plan.id)
      const isWritten = changes.find(({ kind }) => kind === "client")?.status === "done"
      const [rotation] = (await endOf(client.id)).rotations
      expect(rotation?.[0], `killed at pass ${n}, ${at}`).toBe(isWritten ? "aborted" : "verified")
      await expireLease(r)
      await runApplies(ending(r))
      death.haunt()
      await dying
      expect(await endOf(client.id), `killed at pass ${n}, ${at}`).toEqual({
        ...ended(r),
        secrets: [["retired", null]],
      })
      if (at === null) break
    }
  }, 240_000)

  test("a rotation at work as its client goes writes nothing any more, not even a value that was made meanwhile", async () => {
    const one = await registered()
    const { r, client } = one
    const asleep = Promise.withResolvers<void>()
    const reached = Promise.withResolvers<void>()
    useCrashHook((place) => {
      if (place !== "secret.after_issue") return undefined
      reached.resolve()
      return asleep.promise
    })
    const rotating = rotate(one)
    await reached.promise
    useCrashHook(null)
    await stopClient(ada, client.id, r.world)
    await runApplies(ending(r))
    expect(await endOf(client.id)).toEqual(ended(r))
    asleep.resolve()
    await rotating
    expect(await endOf(client.id)).toEqual(ended(r))
    expect(await db().clientSecret.count({ where: { clientId: client.id, remoteId: null } })).toBe(1)
  })

  test("a world in which nobody ends rotations holds the delete as before", async () => {
    const one = await registered()
    await rotate(one)
    const { plan } = await stopClient(ada, one.client.id, one.r.world)
    await runApplies(one.r.world)
    expect((await loadPlan(db(), plan.id)).changes.find(({ kind }) => kind === "client")).toMatchObject(cannot)
  })
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
