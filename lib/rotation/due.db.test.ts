/** The list of rotations, and which of them wait for a person. */
import { describe, expect, test } from "vitest"
import { newId } from "../base/id.ts"
import { db } from "../db/client.ts"
import { ada } from "../registry/commands.fixture.ts"
import { confirmRotation } from "./commands.ts"
import { states } from "./machine.ts"
import { getRotation, listRotations, rotationsInTrouble } from "./queries.ts"
import { rotationStage } from "./stage.fixture.ts"

const stage = rotationStage()
const { fresh, start, reveal } = stage

describe("due", () => {
  const dueIds = async () => (await listRotations(ada, { state: "due", limit: 200 })).items.map(({ id }) => id)

  test("who closes the page after the switch leaves a sign: until the new secret is revealed the client is due, in trouble and named, though the rotation is done", async () => {
    Object.assign(stage.sim, { strategy: "in_place", chooser: "provider" })
    const client = await fresh()
    const { id, newSecretId } = await start(client.id, { confirm: true })
    const without = async () => [
      (await getRotation(ada, id, stage.sim.world)).client_without_secret,
      (await listRotations(ada, { client: client.name, limit: 1 })).items[0]?.client_without_secret,
      (await dueIds()).includes(id),
      (await rotationsInTrouble(ada, new Date())).some((one) => one.id === id && one.client_without_secret),
    ]
    await confirmRotation(ada, id, stage.sim.world)
    expect([(await getRotation(ada, id, stage.sim.world)).client_without_secret, await dueIds()]).toEqual([
      false,
      expect.arrayContaining([id]),
    ])
    expect((await confirmRotation(ada, id, stage.sim.world)).state).toBe("done")
    expect(await without()).toEqual([true, true, true, true])
    await db().client.update({ where: { id: client.id }, data: { enabled: false } })
    expect(await without()).toEqual([false, false, false, false])
    await db().client.update({ where: { id: client.id }, data: { enabled: true } })
    await reveal(client.id, newSecretId)
    expect(await without()).toEqual([false, false, false, false])
  })

  test("in any state, exactly what waits for a person, is overdue or left its client without a secret is due", async () => {
    const [past, ahead] = [new Date(0), new Date(Date.now() + 3_600_000)]
    const situations = states.flatMap((state) =>
      (["overlap", "in_place"] as const).flatMap((strategy) =>
        [
          {},
          { nextAttemptAt: ahead },
          { abortRequestedAt: past },
          { confirmedAt: past },
          { emergency: true },
          { graceUntil: past },
          { graceUntil: ahead },
        ].map((more) => ({ state, strategy, ...more })),
      ),
    )
    const made: string[] = []
    for (const situation of situations) {
      const { id: clientId } = await db().client.create({
        data: { id: newId(), name: `due-${made.length}`, displayName: "d", owner: "t", authMethod: "x", tags: [] },
      })
      const id = newId()
      made.push(id)
      const row = { id, clientId, providerId: stage.provider, evidenceGrade: "D", createdBy: "test" }
      await db().rotation.create({ data: { ...row, ...situation } })
    }
    const { items } = await listRotations(ada, { limit: 1_000 })
    const waiting = items.filter(
      (r) =>
        r.overdue ||
        r.client_without_secret ||
        (r.waits_for !== null && ["delivery", "confirmation", "person"].includes(r.waits_for)),
    )
    const due = (await listRotations(ada, { state: "due", limit: 1_000 })).items
    expect(items.length).toBeGreaterThanOrEqual(made.length)
    expect(due).toEqual(waiting)
    expect([due.length > 20, due.length < items.length]).toEqual([true, true])
    await db().rotation.deleteMany({ where: { id: { in: made } } })
  })
})

describe("the list", () => {
  test("newest first, in pages, by state and client", async () => {
    const before = await start((await fresh()).id)
    const client = await fresh()
    const { id } = await start(client.id)
    const first = await listRotations(ada, { limit: 1 })
    expect(first.items[0]).toMatchObject({ id, client: client.name, waits_for: "delivery" })
    const second = await listRotations(ada, { limit: 1, after: first.next ?? [] })
    expect(second.items[0]?.id).toBe(before.id)
    expect(
      (await listRotations(ada, { limit: 10, client: client.name, state: "in_flight" })).items.map((r) => r.id),
    ).toEqual([id])
    expect((await listRotations(ada, { limit: 10, client: client.name, state: "done" })).items).toEqual([])
  })
})
