import { beforeEach, describe, expect, test } from "vitest"
import { useCrashHook } from "../base/crashpoint.ts"
import { db } from "../db/client.ts"
import { ada } from "../registry/commands.fixture.ts"
import { fingerprint } from "../vault/fingerprint.ts"
import { abortRotation } from "./commands.ts"
import { getRotation } from "./queries.ts"
import { advance } from "./run.ts"
import { due, rotationStage } from "./stage.fixture.ts"

const stage = rotationStage()
const { fresh, start, reveal } = stage

describe("a provider that chooses the value", () => {
  beforeEach(() => {
    stage.sim.chooser = "provider"
    stage.sim.clientIdOf = (name) => `app-${name}`
  })

  test("its value is sealed with the remote id, proves itself by a token, and is revealed with the provider's client_id", async () => {
    const client = await fresh()
    const { id, state, newSecretId } = await start(client.id)
    expect(state).toBe("verified")
    const made = stage.sim.secrets.get(client.name)?.at(-1)
    const row = await db().clientSecret.findUniqueOrThrow({ where: { id: newSecretId ?? "" } })
    expect([row.remoteId, row.fingerprint]).toEqual([made?.remoteId, fingerprint(made?.value ?? "")])
    const shown = await reveal(client.id, newSecretId)
    expect([shown.client_id, shown.client_secret]).toEqual([`app-${client.name}`, made?.value])
    const trail = JSON.stringify(
      await db().trailEntry.findMany({
        where: { targetId: { in: [client.id, id] } },
        select: { after: true, before: true },
      }),
    )
    expect([trail.includes(row.fingerprint), trail.includes(shown.client_secret)]).toEqual([true, false])
  })

  test("one whose answer was lost is ended by its id and another one is made: no secret that nobody holds stays", async () => {
    const client = await fresh()
    stage.sim.faults.push("lost_answer")
    const { id } = await start(client.id)
    expect(stage.sim.secrets.get(client.name)).toHaveLength(2)
    const orphan = stage.sim.secrets.get(client.name)?.at(-1)?.remoteId
    await due(id)
    await advance(id, stage.sim.world)
    const [old, made, ...more] = stage.sim.secrets.get(client.name) ?? []
    expect([old?.remoteId, more, made?.remoteId === orphan]).toEqual([client.oldRemoteId, [], false])
    expect((await getRotation(ada, id, stage.sim.world)).state).toBe("verified")
  })

  test("killed after the provider made it and before it was kept, the next process leaves exactly one", async () => {
    const client = await fresh()
    let die = true
    useCrashHook((name) => {
      if (name !== "secret.after_issue" || !die) return undefined
      die = false
      throw new Error("killed")
    })
    const { id } = await start(client.id)
    await due(id)
    await advance(id, stage.sim.world)
    expect(stage.sim.secrets.get(client.name)).toHaveLength(2)
    expect((await getRotation(ada, id, stage.sim.world)).state).toBe("verified")
  })

  test("an abort after a lost answer finds it by its marker and leaves only the old one", async () => {
    const client = await fresh()
    stage.sim.faults.push("lost_answer")
    const { id } = await start(client.id)
    await abortRotation(ada, id, { world: stage.sim.world })
    await due(id)
    await advance(id, stage.sim.world)
    expect(stage.sim.secrets.get(client.name)?.map(({ remoteId }) => remoteId)).toEqual([client.oldRemoteId])
  })
})
