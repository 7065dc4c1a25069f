import { randomBytes } from "node:crypto"
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from "vitest"
import type { Actor } from "../auth/actor.ts"
import { permissionsOfRole } from "../auth/permissions.ts"
import { useCrashHook } from "../base/crashpoint.ts"
import { Refused } from "../base/errors.ts"
import { newId } from "../base/id.ts"
import { db } from "../db/client.ts"
import { testDatabase, type TestDatabase } from "../db/testing.ts"
import { revealSecret } from "../secrets/commands.ts"
import { listSecrets } from "../secrets/queries.ts"
import { OAuthError } from "../oauth/errors.ts"
import { fingerprint } from "../vault/fingerprint.ts"
import { useKey } from "../vault/key.ts"
import { abortRotation, confirmRotation, onRevealed, resumeRotation } from "./commands.ts"
import { states } from "./machine.ts"
import { getRotation, listRotations, rotationsInTrouble } from "./queries.ts"
import { advance, advanceRotations } from "./run.ts"
import { placedClient, Simulator } from "./simulator.fixture.ts"
import { startRotation } from "./start.ts"
import type { RotationWorld } from "./world.ts"

let database: TestDatabase
let provider: string
let sim: Simulator
const ada: Actor = {
  kind: "user",
  id: newId(),
  name: "Ada",
  permissions: new Set(permissionsOfRole.operator),
  sourceId: null,
  authenticatedAt: new Date(),
  requestId: null,
}

beforeAll(async () => {
  database = await testDatabase()
  useKey(randomBytes(32))
  provider = newId()
  const [issuer, tokenEndpoint, jwksUri] = ["https://idp.example", "https://idp.example/t", "https://idp.example/k"]
  await db().provider.create({
    data: { id: provider, kind: "x", name: "p", environment: "t", issuer, tokenEndpoint, jwksUri, settings: {} },
  })
})
beforeEach(() => {
  sim = new Simulator()
})
afterEach(() => useCrashHook(null))
afterAll(() => database.drop())

let serial = 0
const fresh = () => placedClient(sim, provider, `svc-${++serial}`)
const start = (clientId: string, more: object = {}) =>
  startRotation(ada, clientId, { provider_id: provider, confirm: false, grace_seconds: 0, ...more }, sim.world)
const due = (id: string) => db().rotation.updateMany({ where: { id }, data: { nextAttemptAt: null } })
const reveal = (clientId: string, secretId: string | null) =>
  revealSecret(ada, clientId, secretId ?? "", onRevealed, sim.world.open)
const revealable = async (clientId: string) =>
  (await listSecrets(ada, clientId, { all: false, limit: 9, after: null }, sim.world.open)).items
    .filter((secret) => secret.revealable)
    .map(({ id }) => id)
const refusal = async (run: Promise<unknown>): Promise<Refused> => {
  const error: unknown = await run.catch((thrown: unknown) => thrown)
  if (error instanceof Refused) return error
  throw new Error(`expected a refusal, got ${String(error)}`)
}

describe("a provider that chooses the value", () => {
  beforeEach(() => {
    sim.chooser = "provider"
    sim.clientIdOf = (name) => `app-${name}`
  })

  test("its value is sealed with the remote id, proves itself by a token, and is revealed with the provider's client_id", async () => {
    const client = await fresh()
    const { id, state, newSecretId } = await start(client.id)
    expect(state).toBe("verified")
    const made = sim.secrets.get(client.name)?.at(-1)
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
    sim.faults.push("lost_answer")
    const { id } = await start(client.id)
    expect(sim.secrets.get(client.name)).toHaveLength(2)
    const orphan = sim.secrets.get(client.name)?.at(-1)?.remoteId
    await due(id)
    await advance(id, sim.world)
    const [old, made, ...more] = sim.secrets.get(client.name) ?? []
    expect([old?.remoteId, more, made?.remoteId === orphan]).toEqual([client.oldRemoteId, [], false])
    expect((await getRotation(ada, id, sim.world)).state).toBe("verified")
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
    await advance(id, sim.world)
    expect(sim.secrets.get(client.name)).toHaveLength(2)
    expect((await getRotation(ada, id, sim.world)).state).toBe("verified")
  })

  test("an abort after a lost answer finds it by its marker and leaves only the old one", async () => {
    const client = await fresh()
    sim.faults.push("lost_answer")
    const { id } = await start(client.id)
    await abortRotation(ada, id, { world: sim.world })
    await due(id)
    await advance(id, sim.world)
    expect(sim.secrets.get(client.name)?.map(({ remoteId }) => remoteId)).toEqual([client.oldRemoteId])
  })
})

describe("in place", () => {
  test("the refusal says for how long, in the provider's own sentence, read afresh", async () => {
    const client = await fresh()
    sim.strategyOf = async () => ({ is: "in_place", why: "The policy is off.", downtimeSeconds: 30 })
    const error = await refusal(start(client.id))
    expect([error.code, error.evidence]).toMatchObject([
      "downtime_confirmation_needed",
      { strategy: "in_place", downtime_seconds: 30, why: "The policy is off." },
    ])
    expect(error.message).toContain("30 s")
    sim.strategyOf = async () => ({ is: "overlap", why: "The policy is on.", downtimeSeconds: 0 })
    expect(await start(client.id)).toMatchObject({ strategy: "overlap", state: "verified" })
  })

  test("the service holds the new value before the switch: revealed first, switched on a yes, proven after", async () => {
    sim.strategy = "in_place"
    const client = await fresh()
    const { id, newSecretId } = await start(client.id, { confirm: true })
    expect(await revealable(client.id)).toEqual([newSecretId])
    const shown = await reveal(client.id, newSecretId)
    sim.holds.get(client.name)?.add(shown.client_secret)
    expect((await getRotation(ada, id, sim.world)).state).toBe("published")
    expect((await confirmRotation(ada, id, sim.world)).state).toBe("done")
    expect([sim.secrets.get(client.name)?.map(({ value }) => value), sim.bare]).toEqual([[shown.client_secret], []])
  })

  test("the old one ends as in any rotation: its value is gone, its version moved, the trail and the pack say retired", async () => {
    sim.strategy = "in_place"
    const client = await fresh()
    await db().clientSecret.update({ where: { id: client.oldSecretId }, data: { sealed: { v: 1 } } })
    const before = await db().clientSecret.findUniqueOrThrow({ where: { id: client.oldSecretId } })
    const { id, newSecretId } = await start(client.id, { confirm: true })
    const shown = await reveal(client.id, newSecretId)
    sim.holds.get(client.name)?.add(shown.client_secret)
    await confirmRotation(ada, id, sim.world)
    const after = await db().clientSecret.findUniqueOrThrow({ where: { id: client.oldSecretId } })
    expect(after).toMatchObject({ state: "retired", sealed: null, version: before.version + 1 })
    const said = await db().trailEntry.findMany({ where: { action: "secret.retire", targetId: client.id } })
    expect(said.map((entry) => entry.after)).toMatchObject([{ secret_id: client.oldSecretId, state: "retired" }])
    const { steps } = await getRotation(ada, id, sim.world)
    expect(steps.at(-1)?.detail).toMatchObject({ secrets: [{ role: "old", state: "retired" }, { role: "new" }] })
  })

  test("a switch that the provider refuses ended nothing: it may be aborted, and the old secret lives on", async () => {
    sim.strategy = "in_place"
    const client = await fresh()
    const { id, newSecretId } = await start(client.id, { confirm: true })
    await reveal(client.id, newSecretId)
    sim.faults.push("refuse")
    expect(await confirmRotation(ada, id, sim.world)).toMatchObject({ state: "stuck", confirmedAt: null })
    expect((await getRotation(ada, id, sim.world)).actions).toEqual(["abort", "resume"])
    expect((await resumeRotation(ada, id, sim.world)).state).toBe("published")
    expect((await getRotation(ada, id, sim.world)).waits_for).toBe("confirmation")
    expect((await abortRotation(ada, id, { world: sim.world })).state).toBe("aborted")
    expect([sim.secrets.get(client.name)?.map(({ remoteId }) => remoteId), sim.bare]).toEqual([
      [client.oldRemoteId],
      [],
    ])
  })

  describe("a refusal after which the provider may hold the new secret", () => {
    /** The service holds both, and a person is about to say so. */
    async function ready() {
      sim.strategy = "in_place"
      const client = await fresh()
      const { id, newSecretId } = await start(client.id, { confirm: true })
      const { client_secret } = await reveal(client.id, newSecretId)
      sim.holds.get(client.name)?.add(client_secret)
      return { id, name: client.name, value: client_secret }
    }
    const ways: Readonly<Record<string, (id: string) => Promise<unknown>>> = {
      "the answer was lost, and then every look is refused": async (id) => {
        sim.faults.push("lost_answer")
        await confirmRotation(ada, id, sim.world)
        sim.lists = "forbidden"
        await due(id)
        await advance(id, sim.world)
      },
      "the answer was lost, the list does not show it yet, and the same value is refused": async (id) => {
        sim.faults.push("lost_answer", "refuse")
        sim.lists = "none_yet"
        await confirmRotation(ada, id, sim.world)
        await due(id)
        await advance(id, sim.world)
      },
      "killed right after the call, and then every look is refused": async (id) => {
        const killed = new Promise<void>((resolve) => {
          useCrashHook((place) => {
            if (place !== "secret.after_issue") return undefined
            resolve()
            return new Promise<void>(() => {})
          })
        })
        void confirmRotation(ada, id, sim.world)
        await killed
        useCrashHook(null)
        await db().lease.updateMany({ where: { subjectId: id }, data: { until: new Date(0) } })
        sim.lists = "forbidden"
        await advance(id, sim.world)
      },
      "killed in a second attempt, after a first that was not taken": async (id) => {
        sim.faults.push("busy")
        await confirmRotation(ada, id, sim.world)
        await ways["killed right after the call, and then every look is refused"]?.(await dueNow(id))
      },
      "the write was taken, and the look that follows it is refused": async (id) => {
        sim.faults.push("no_look")
        await confirmRotation(ada, id, sim.world)
      },
    }
    const dueNow = async (id: string) => {
      await due(id)
      return id
    }

    test.each(Object.keys(ways))("%s: no abort may end it, and a person's resume finds it", async (way) => {
      const { id, name, value } = await ready()
      await ways[way]?.(id)
      const shown = await getRotation(ada, id, sim.world)
      expect([shown.state, shown.actions]).toEqual(["stuck", ["resume"]])
      expect((await refusal(abortRotation(ada, id, { world: sim.world }))).code).toBe("too_late_to_abort")
      expect(sim.secrets.get(name)?.map((held) => held.value)).toEqual([value])
      sim.lists = "all"
      expect((await resumeRotation(ada, id, sim.world)).state).toBe("done")
      expect([sim.secrets.get(name)?.map((held) => held.value), sim.bare]).toEqual([[value], []])
    })

    test.each(["the first look", "the call after one that came too soon"])(
      "but %s that is refused has ended nothing: it may be aborted",
      async (which) => {
        const { id } = await ready()
        if (which === "the first look") sim.lists = "forbidden"
        else sim.faults.push("busy", "refuse")
        await confirmRotation(ada, id, sim.world)
        await due(id)
        await advance(id, sim.world)
        expect((await getRotation(ada, id, sim.world)).actions).toEqual(["abort", "resume"])
        sim.lists = "all"
        expect((await abortRotation(ada, id, { world: sim.world })).state).toBe("aborted")
        expect(sim.bare).toEqual([])
      },
    )
  })

  test("from the switch on the old secret is told as ended, and a canary that fails keeps the new one from nobody", async () => {
    sim.strategy = "in_place"
    const client = await fresh()
    const { id, newSecretId } = await start(client.id, { confirm: true })
    await confirmRotation(ada, id, sim.world)
    const down = { ...sim.world, fetch: async () => Promise.reject(new OAuthError("unreachable", "No answer.")) }
    expect((await confirmRotation(ada, id, down)).state).toBe("cut_over")
    await db().rotation.update({ where: { id }, data: { attempts: 13, nextAttemptAt: null } })
    await advance(id, down)
    const shown = await getRotation(ada, id, sim.world)
    expect([shown.state, shown.secrets.map(({ role, state, revealable }) => [role, state, revealable])]).toEqual([
      "stuck",
      [
        ["old", "retired", false],
        ["new", "pending", true],
      ],
    ])
    const { client_secret } = await reveal(client.id, newSecretId)
    expect(sim.secrets.get(client.name)?.map(({ value }) => value)).toEqual([client_secret])
    expect((await resumeRotation(ada, id, sim.world)).state).toBe("done")
  })

  test("a value that the provider chooses is there to be revealed after the switch only, and the refusal says so", async () => {
    Object.assign(sim, { strategy: "in_place", chooser: "provider" })
    const client = await fresh()
    const { id, newSecretId } = await start(client.id, { confirm: true })
    expect(await revealable(client.id)).toEqual([])
    const early = await refusal(reveal(client.id, newSecretId))
    expect([early.code, early.message]).toEqual(["secret_not_issued", expect.stringContaining("confirm the switch")])
    await confirmRotation(ada, id, sim.world)
    expect((await confirmRotation(ada, id, sim.world)).state).toBe("done")
    expect(await revealable(client.id)).toEqual([newSecretId])
    const shown = await reveal(client.id, newSecretId)
    expect(sim.secrets.get(client.name)?.map(({ value }) => value)).toEqual([shown.client_secret])
  })
})

describe("due", () => {
  const dueIds = async () => (await listRotations(ada, { state: "due", limit: 200 })).items.map(({ id }) => id)

  test("who closes the page after the switch leaves a sign: until the new secret is revealed the client is due, in trouble and named, though the rotation is done", async () => {
    Object.assign(sim, { strategy: "in_place", chooser: "provider" })
    const client = await fresh()
    const { id, newSecretId } = await start(client.id, { confirm: true })
    const without = async () => [
      (await getRotation(ada, id, sim.world)).client_without_secret,
      (await listRotations(ada, { client: client.name, limit: 1 })).items[0]?.client_without_secret,
      (await dueIds()).includes(id),
      (await rotationsInTrouble(ada, new Date())).some((one) => one.id === id && one.client_without_secret),
    ]
    await confirmRotation(ada, id, sim.world)
    expect([(await getRotation(ada, id, sim.world)).client_without_secret, await dueIds()]).toEqual([
      false,
      expect.arrayContaining([id]),
    ])
    expect((await confirmRotation(ada, id, sim.world)).state).toBe("done")
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
        data: { id: newId(), name: `due-${++serial}`, displayName: "d", owner: "t", authMethod: "x", tags: [] },
      })
      const id = newId()
      made.push(id)
      const row = { id, clientId, providerId: provider, evidenceGrade: "D", createdBy: "test" }
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

test("a provider that takes a while to know its own secret is given that while, and no longer", async () => {
  const client = await fresh()
  sim.settleMs = 400
  expect((await start(client.id)).state).toBe("verified")
  const slow = await fresh()
  sim.settleMs = 0
  const world = {
    ...sim.world,
    fetch: async () => ({
      status: 401,
      headers: new Headers({ "content-type": "application/json" }),
      text: '{"error":"invalid_client"}',
    }),
  }
  const row = await startRotation(ada, slow.id, { provider_id: provider, confirm: false, grace_seconds: 0 }, world)
  expect([row.state, row.attempts]).toEqual(["created", 1])
})

test("a provider that refuses the connection is its own trouble: the attempt counts, and no other rotation waits for it", async () => {
  const [away, near] = [await fresh(), await fresh()]
  const refused = Object.assign(new Error("connect"), { code: "ECONNREFUSED" })
  const world: RotationWorld = {
    ...sim.world,
    fetch: async (url, init) => {
      const who = Buffer.from((init?.headers?.authorization ?? "").replace("Basic ", ""), "base64").toString()
      if (who.startsWith(away.name)) throw new OAuthError("unreachable", "No answer.", { cause: refused })
      return sim.world.fetch(url, init)
    },
  }
  const stopped = await startRotation(ada, away.id, { provider_id: provider, confirm: false, grace_seconds: 0 }, world)
  expect([stopped.state, stopped.attempts]).toEqual(["created", 1])
  const other = await start(near.id)
  await db().rotation.update({ where: { id: other.id }, data: { state: "created" } })
  await db().clientSecret.update({ where: { id: other.newSecretId ?? "" }, data: { state: "pending" } })
  await due(stopped.id)
  await advanceRotations(world)
  expect((await getRotation(ada, stopped.id, world)).trouble).toMatchObject({ attempts: 2 })
  expect((await getRotation(ada, other.id, world)).state).toBe("verified")
})
