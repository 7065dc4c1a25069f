import { randomBytes } from "node:crypto"
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from "vitest"
import { permissionsOfRole } from "../auth/permissions.ts"
import type { Actor } from "../auth/actor.ts"
import { useCrashHook } from "../base/crashpoint.ts"
import { Refused } from "../base/errors.ts"
import { newId } from "../base/id.ts"
import { db } from "../db/client.ts"
import { testDatabase, type TestDatabase } from "../db/testing.ts"
import { revealSecret } from "../secrets/commands.ts"
import { useKey } from "../vault/key.ts"
import {
  abortRotation,
  confirmRotation,
  emergencyRevoke,
  extendRotation,
  onRevealed,
  resumeRotation,
  retireRotation,
  saveRotation,
} from "./commands.ts"
import { getRotation, listRotations } from "./queries.ts"
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
  await db().provider.create({
    data: {
      id: provider,
      kind: "local",
      name: "local",
      environment: "test",
      issuer: "https://idp.example",
      tokenEndpoint: "https://idp.example/token",
      jwksUri: "https://idp.example/jwks",
      settings: {},
    },
  })
})
beforeEach(() => {
  sim = new Simulator()
})
afterEach(() => useCrashHook(null))
afterAll(() => database.drop())

let serial = 0
const fresh = () => placedClient(sim, provider, `service-${++serial}`)
const start = (clientId: string, more: object = {}) =>
  startRotation(ada, clientId, { provider_id: provider, confirm: false, grace_seconds: 0, ...more }, sim.world)
const fetchState = async (id: string) => (await db().rotation.findUniqueOrThrow({ where: { id } })).state
const fingerprintOf = async (id: string | null) =>
  (await db().clientSecret.findUniqueOrThrow({ where: { id: id ?? "" } })).fingerprint
const refusal = async (run: Promise<unknown>): Promise<Refused> => {
  const error = await run.then(
    () => null,
    (e: unknown) => e,
  )
  if (!(error instanceof Refused)) throw new Error(`expected a refusal, got ${String(error)}`)
  return error
}

/** The service takes the new secret and uses it. */
async function deliverTo(client: { id: string; name: string }, rotationId: string): Promise<void> {
  const { newSecretId } = await db().rotation.findUniqueOrThrow({ where: { id: rotationId } })
  const revealed = await revealSecret(ada, client.id, newSecretId ?? "", onRevealed, sim.world.open)
  sim.holds.get(client.name)?.add(revealed.client_secret)
  sim.uses.set(revealed.fingerprint, new Date())
}
const logIsComplete = () => {
  sim.complete = new Date(Date.now() + 1_000)
}

describe("one rotation with overlap", () => {
  test("issue, canary, reveal, observe, retire: without one moment in which the service is bare", async () => {
    const client = await fresh()
    const started = await start(client.id)
    expect(started.state).toBe("verified")
    await deliverTo(client, started.id)
    expect(await fetchState(started.id)).toBe("grace")
    expect((await getRotation(ada, started.id, sim.world)).gate).toMatchObject({ open: false, grade: "A" })
    logIsComplete()
    await advanceRotations(sim.world)
    const detail = await getRotation(ada, started.id, sim.world)
    expect([detail.state, detail.gate.open, detail.actions]).toEqual(["done", true, []])
    expect(detail.secrets.map((s) => [s.role, s.state])).toEqual([
      ["old", "retired"],
      ["new", "live"],
    ])
    expect(sim.secrets.get(client.name)?.map((s) => s.fingerprint)).toEqual([await fingerprintOf(started.newSecretId)])
    expect([sim.bare, sim.mostLive]).toEqual([[], 2])
    expect(detail.steps.at(-1)).toMatchObject({ step: "pack", phase: "result" })
    expect(JSON.stringify(detail)).not.toContain(sim.secrets.get(client.name)?.[0]?.value)
  })

  test("each transition has exactly one trail entry, in order", async () => {
    const client = await fresh()
    const { id } = await start(client.id)
    await deliverTo(client, id)
    logIsComplete()
    await advance(id, sim.world)
    const entries = await db().trailEntry.findMany({ where: { targetId: id }, orderBy: { seq: "asc" } })
    expect(entries.map((e) => [e.action, (e.after as { state: string }).state])).toEqual([
      ["rotation.create", "planned"],
      ["rotation.advance", "intent"],
      ["rotation.advance", "created"],
      ["rotation.advance", "verified"],
      ["rotation.confirm", "published"],
      ["rotation.advance", "cut_over"],
      ["rotation.advance", "grace"],
      ["rotation.retire", "grace"],
      ["rotation.advance", "old_revoked"],
      ["rotation.advance", "done"],
    ])
  })

  test("confirming is delivery too, and a second time changes nothing", async () => {
    const { id } = await start((await fresh()).id)
    expect((await confirmRotation(ada, id, sim.world)).state).toBe("grace")
    const again = await confirmRotation(ada, id, sim.world)
    expect(again.state).toBe("grace")
  })

  test("retiring is refused with the gate while the old secret is in use; an override needs its reason and is kept", async () => {
    const client = await fresh()
    const { id } = await start(client.id, { grace_seconds: 600 })
    await deliverTo(client, id)
    sim.uses.set(await fingerprintOf(client.oldSecretId), new Date())
    logIsComplete()
    const error = await refusal(retireRotation(ada, id, undefined, sim.world))
    expect([error.status, error.code]).toEqual([409, "gate_closed"])
    expect(error.evidence).toMatchObject({ gate: { open: false, grade: "A" } })
    await advanceRotations(sim.world)
    expect(await fetchState(id)).toBe("grace")
    const done = await retireRotation(ada, id, { reason: "the old host is gone" }, sim.world)
    expect([done.state, done.override]).toMatchObject(["done", { reason: "the old host is gone", by: "Ada" }])
    const entry = await db().trailEntry.findFirstOrThrow({ where: { targetId: id, action: "rotation.retire" } })
    expect(entry.reason).toBe("the old host is gone")
  })

  test("with the gate open a person may retire before grace is over, and extending moves its end", async () => {
    const client = await fresh()
    const { id } = await start(client.id, { grace_seconds: 0 })
    await deliverTo(client, id)
    const before = await getRotation(ada, id, sim.world)
    const extended = await extendRotation(ada, id, 3_600)
    expect(extended.graceUntil?.getTime()).toBeGreaterThan(Date.parse(before.grace_until ?? "") + 3_500_000)
    logIsComplete()
    await advanceRotations(sim.world)
    expect(await fetchState(id)).toBe("grace")
    expect((await retireRotation(ada, id, undefined, sim.world)).state).toBe("done")
  })

  test("a gate that shuts between the decision and the call keeps the old secret alive", async () => {
    const client = await fresh()
    const { id } = await start(client.id)
    await deliverTo(client, id)
    logIsComplete()
    useCrashHook((name) => {
      if (name === "rotation.intent_retire_old") sim.gap = "the source was silent."
    })
    const row = await retireRotation(ada, id, undefined, sim.world)
    expect([row.state, row.retireRequestedAt, sim.secrets.get(client.name)?.length]).toEqual(["grace", null, 2])
    sim.gap = null
    useCrashHook(null)
    expect((await retireRotation(ada, id, undefined, sim.world)).state).toBe("done")
  })

  describe("retiring what the end of grace has retired a moment before", () => {
    const trail = (id: string) => db().trailEntry.findMany({ where: { targetId: id }, orderBy: { seq: "asc" } })

    test("answers with the rotation as it is, and the trail tells it once", async () => {
      const client = await fresh()
      const { id } = await start(client.id)
      await deliverTo(client, id)
      logIsComplete()
      await advanceRotations(sim.world)
      const before = await trail(id)
      for (const override of [undefined, { reason: "in a hurry" }])
        expect(await retireRotation(ada, id, override, sim.world)).toMatchObject({ state: "done", override: null })
      expect(await trail(id)).toEqual(before)
    })

    test("where only the pack is missing, it is made and nothing else is told", async () => {
      const client = await fresh()
      const { id } = await start(client.id)
      await deliverTo(client, id)
      logIsComplete()
      const packing = Promise.withResolvers<void>()
      useCrashHook((name) => {
        if (name !== "rotation.before_pack") return undefined
        packing.resolve()
        return new Promise<void>(() => {})
      })
      void advance(id, sim.world)
      await packing.promise
      useCrashHook(null)
      await db().lease.updateMany({ where: { subjectId: id }, data: { until: new Date(0) } })
      expect(await fetchState(id)).toBe("old_revoked")
      const before = await trail(id)
      expect((await retireRotation(ada, id, undefined, sim.world)).state).toBe("done")
      expect((await trail(id)).slice(before.length).map((e) => e.action)).toEqual(["rotation.advance"])
    })

    test.each([
      [{ state: "verified" }, "not_in_grace"],
      [{ state: "stuck", stuckFrom: "grace" }, "not_in_grace"],
      [{ state: "aborted" }, "rotation_over"],
      [{ state: "done", strategy: "in_place" }, "rotation_over"],
    ])("but is refused where it did not: %j", async (data, code) => {
      const { id } = await start((await fresh()).id)
      await db().rotation.update({ where: { id }, data })
      const asked = retireRotation(ada, id, { reason: "now" }, sim.world)
      expect(await refusal(asked)).toMatchObject({ code, status: 409 })
    })
  })

  test("an abort before the cut-over leaves only the old secret, at the provider and here", async () => {
    const client = await fresh()
    const { id, newSecretId } = await start(client.id)
    expect((await abortRotation(ada, id, { reason: "not today", world: sim.world })).state).toBe("aborted")
    expect(sim.secrets.get(client.name)?.map((s) => s.remoteId)).toEqual([client.oldRemoteId])
    expect(await db().clientSecret.findUniqueOrThrow({ where: { id: newSecretId ?? "" } })).toMatchObject({
      state: "retired",
      sealed: null,
    })
    expect(await db().clientSecret.findUniqueOrThrow({ where: { id: client.oldSecretId } })).toMatchObject({
      state: "live",
    })
    const { id: second } = await start(client.id)
    await deliverTo(client, second)
    expect((await refusal(abortRotation(ada, second, { world: sim.world }))).code).toBe("too_late_to_abort")
  })

  test("an emergency ends the old secret at once, as soon as the new one is proven", async () => {
    const client = await fresh()
    const { id } = await start(client.id)
    const row = await emergencyRevoke(ada, id, "found in a public log", sim.world)
    expect([row.state, row.emergency]).toEqual(["done", true])
    expect(sim.secrets.get(client.name)?.map((s) => s.fingerprint)).toEqual([await fingerprintOf(row.newSecretId)])
  })

  test("the secret is not handed over before it fetched a token", async () => {
    const client = await fresh()
    await db().placement.deleteMany({ where: { kind: "grant", key: { startsWith: `${client.name} ` } } })
    const row = await start(client.id)
    expect([row.state, row.attempts]).toEqual(["created", 1])
    expect((await refusal(confirmRotation(ada, row.id, sim.world))).code).toBe("not_verified_yet")
    expect((await refusal(revealSecret(ada, client.id, row.newSecretId ?? "", onRevealed, sim.world.open))).code).toBe(
      "not_verified_yet",
    )
    expect(await db().clientSecret.findUniqueOrThrow({ where: { id: row.newSecretId ?? "" } })).toMatchObject({
      revealedAt: null,
    })
  })
})

describe("what may not start", () => {
  test("a second rotation of one client on one provider, also when both come at once", async () => {
    const client = await fresh()
    const both = await Promise.allSettled([start(client.id), start(client.id), start(client.id)])
    expect(both.filter((o) => o.status === "fulfilled")).toHaveLength(1)
    // The losers see the winner's row, or, a moment earlier or later, its secret in the making.
    for (const o of both)
      if (o.status === "rejected")
        expect(["rotation_in_flight", "secret_pending"]).toContain((o.reason as Refused).code)
    expect(sim.secrets.get(client.name)).toHaveLength(2)
  })

  test("one that would exceed the provider's live secrets, in place without confirmation, without a secret, with keys, disabled", async () => {
    const client = await fresh()
    sim.liveMax = 1
    expect((await refusal(start(client.id))).evidence).toMatchObject({ live_max: 1 })
    sim.strategy = "in_place"
    expect((await refusal(start(client.id))).code).toBe("downtime_confirmation_needed")
    Object.assign(sim, { strategy: "overlap", liveMax: 3 })
    await db().client.update({ where: { id: client.id }, data: { enabled: false } })
    expect((await refusal(start(client.id))).code).toBe("client_disabled")
    await db().client.update({ where: { id: client.id }, data: { enabled: true, authMethod: "private_key_jwt" } })
    expect((await refusal(start(client.id))).code).toBe("uses_keys")
    const bare = await fresh()
    sim.secrets.set(bare.name, [])
    await db().clientSecret.deleteMany({ where: { clientId: bare.id } })
    expect((await refusal(start(bare.id))).code).toBe("no_secret")
  })

  test("a foreign secret is shown and outlives the rotation", async () => {
    const client = await fresh()
    const foreign = { remoteId: "foreign", value: "x", fingerprint: "fp_other", createdAt: new Date(0).toISOString() }
    sim.secrets.get(client.name)?.push(foreign)
    const { id } = await start(client.id)
    const detail = await getRotation(ada, id, sim.world)
    expect(detail.steps[0]?.detail).toMatchObject({ foreign_secrets: ["foreign"] })
    await emergencyRevoke(ada, id, undefined, sim.world)
    expect(sim.secrets.get(client.name)?.some((s) => s.remoteId === "foreign")).toBe(true)
  })
})

describe("a user whose sign-in is older than five minutes (T14)", () => {
  const stale = (): Actor => ({ ...ada, authenticatedAt: new Date(Date.now() - 6 * 60_000) })

  test("starts, reveals, retires and revokes nothing before the password was confirmed; an API token may", async () => {
    const client = await fresh()
    const input = { provider_id: provider, confirm: false, grace_seconds: 0 }
    expect((await refusal(startRotation(stale(), client.id, input, sim.world))).code).toBe("step_up_needed")
    expect(await db().rotation.count({ where: { clientId: client.id } })).toBe(0)
    const { id, newSecretId } = await start(client.id)
    const asked = [
      revealSecret(stale(), client.id, newSecretId ?? "", onRevealed, sim.world.open),
      retireRotation(stale(), id, { reason: "now" }, sim.world),
      emergencyRevoke(stale(), id, "now", sim.world),
    ]
    for (const one of asked) expect(await refusal(one)).toMatchObject({ code: "step_up_needed", status: 403 })
    expect(await fetchState(id)).toBe("verified")
    const token: Actor = { ...stale(), kind: "token", authenticatedAt: null }
    const all = new Set([...ada.permissions, "secrets:reveal" as const])
    const revealed = await revealSecret(
      { ...token, permissions: all },
      client.id,
      newSecretId ?? "",
      onRevealed,
      sim.world.open,
    )
    expect(revealed.secret_id).toBe(newSecretId)
  })
})

describe("trouble", () => {
  test("a lost answer loses nothing: the same secret is found, none is made twice", async () => {
    const client = await fresh()
    sim.faults.push("lost_answer")
    const row = await start(client.id)
    expect([row.state, row.trouble]).toMatchObject(["intent", { code: "lost_answer" }])
    await db().rotation.update({ where: { id: row.id }, data: { nextAttemptAt: null } })
    await advance(row.id, sim.world)
    expect([await fetchState(row.id), sim.secrets.get(client.name)?.length]).toEqual(["verified", 2])
  })

  test("an abort finds and removes a secret whose answer was lost", async () => {
    const client = await fresh()
    sim.faults.push("lost_answer")
    const row = await start(client.id)
    expect(sim.secrets.get(client.name)).toHaveLength(2)
    expect((await abortRotation(ada, row.id, { world: sim.world })).state).toBe("aborted")
    expect(sim.secrets.get(client.name)?.map((s) => s.remoteId)).toEqual([client.oldRemoteId])
  })

  test("two people moving the end of grace: the second is told", async () => {
    const { id } = await start((await fresh()).id)
    const inGrace = await confirmRotation(ada, id, sim.world)
    const until = new Date(Date.now() + 3_600_000).toISOString()
    expect((await saveRotation(ada, id, { grace_until: until }, inGrace.version)).graceUntil?.toISOString()).toBe(until)
    expect((await refusal(saveRotation(ada, id, { grace_until: until }, inGrace.version))).status).toBe(412)
    expect((await refusal(saveRotation(ada, id, { grace_until: "2020-01-01T00:00:00Z" }, null))).status).toBe(422)
  })

  test("what waiting cannot mend is stuck, says why, and goes on when a person resumes it", async () => {
    sim.faults.push("refuse")
    const row = await start((await fresh()).id)
    expect([row.state, row.stuckFrom, row.stuckWhy]).toEqual(["stuck", "intent", "The provider refuses this secret."])
    expect((await resumeRotation(ada, row.id, sim.world)).state).toBe("verified")
  })

  test("F26: when the trail refuses, the transition does not happen", async () => {
    const client = await fresh()
    const { id } = await start(client.id)
    await db().$executeRawUnsafe(
      `create function refuse() returns trigger language plpgsql as 'begin raise exception ''no room''; end'`,
    )
    await db().$executeRawUnsafe("create trigger refuse before insert on trail_entry execute function refuse()")
    const commands = {
      confirm: () => confirmRotation(ada, id, sim.world),
      abort: () => abortRotation(ada, id, { world: sim.world }),
      emergency: () => emergencyRevoke(ada, id, undefined, sim.world),
      reveal: () => deliverTo(client, id),
    }
    const before = await db().rotation.findUniqueOrThrow({ where: { id }, include: { steps: true } })
    for (const [name, run] of Object.entries(commands)) {
      await expect(run(), name).rejects.toThrow()
      expect(await db().rotation.findUniqueOrThrow({ where: { id }, include: { steps: true } }), name).toEqual(before)
    }
    await db().$executeRawUnsafe("drop trigger refuse on trail_entry")
    expect(sim.secrets.get(client.name)).toHaveLength(2)
    expect((await confirmRotation(ada, id, sim.world)).state).toBe("grace")
  })
})

describe("F18: killed at every crash point", () => {
  /** Runs until the nth crash point is hit; the run is then never heard of again, as under kill -9. Null: it was not hit. */
  async function until(nth: number, run: () => Promise<unknown>): Promise<string | null> {
    let hits = 0
    const dead = new Promise<string>((resolve) => {
      useCrashHook((name) => {
        if (hits++ !== nth) return
        resolve(name)
        return new Promise<void>(() => {})
      })
    })
    const died = await Promise.race([dead, run().then(() => null)])
    useCrashHook(null)
    return died
  }
  const leaseEnds = async () => {
    await db().lease.updateMany({ data: { until: new Date(0) } })
    await db().rotation.updateMany({ data: { nextAttemptAt: null } })
  }
  const trailOf = async (id: string) =>
    (await db().trailEntry.findMany({ where: { targetId: id }, orderBy: { seq: "asc" } })).map(
      (e) => `${e.action} ${(e.after as { state: string }).state}`,
    )

  async function story(killAt: { phase: "start" | "end" | "abort"; nth: number } | null, ending: "retire" | "abort") {
    sim = new Simulator()
    const client = await fresh()
    const dies = async (phase: "start" | "end" | "abort", run: () => Promise<unknown>): Promise<string | null> => {
      if (killAt?.phase !== phase) return run().then(() => null)
      const name = await until(killAt.nth, run)
      await leaseEnds()
      return name
    }
    let died = await dies("start", () => start(client.id))
    const { id } = await db().rotation.findFirstOrThrow({ where: { clientId: client.id } })
    await advance(id, sim.world)
    if (ending === "abort") {
      died = (await dies("abort", () => abortRotation(ada, id, { world: sim.world }))) ?? died
      await advance(id, sim.world)
    } else {
      await deliverTo(client, id)
      logIsComplete()
      died = (await dies("end", () => advance(id, sim.world))) ?? died
      await advance(id, sim.world)
    }
    const row = await db().rotation.findUniqueOrThrow({ where: { id } })
    const live = sim.secrets.get(client.name) ?? []
    const expected = ending === "abort" ? await fingerprintOf(client.oldSecretId) : await fingerprintOf(row.newSecretId)
    return {
      died,
      state: row.state,
      live: live.map((s) => s.fingerprint === expected),
      bare: sim.bare,
      mostLive: sim.mostLive,
      trail: await trailOf(id),
      unretired: await db().clientSecret.count({ where: { clientId: client.id, state: { not: "retired" } } }),
    }
  }

  const endings = [
    { ending: "retire" as const, phases: ["start", "end"] as const, state: "done" },
    { ending: "abort" as const, phases: ["abort"] as const, state: "aborted" },
  ]
  test.each(endings)(
    "it ends as if it had not been killed: $ending",
    async ({ ending, phases, state }) => {
      const whole = await story(null, ending)
      expect(whole).toMatchObject({ died: null, state, live: [true], bare: [], mostLive: 2, unretired: 1 })
      const places: string[] = []
      for (const phase of phases) {
        for (let nth = 0; ; nth++) {
          const killed = await story({ phase, nth }, ending)
          expect({ ...killed, died: null }, `killed at ${phase} ${nth}: ${killed.died}`).toEqual(whole)
          if (killed.died === null) break
          places.push(killed.died)
        }
      }
      // The walk stops at the first place that is not hit, so it saw them all; the list guards against a walk over nothing.
      const named =
        ending === "retire"
          ? [
              "rotation.taken",
              "rotation.before_seal",
              "rotation.after_seal",
              "rotation.before_issue",
              "secret.after_issue",
              "rotation.saved_issue",
              "secret.after_canary",
              "rotation.saved_verify",
              "rotation.before_retire",
              "secret.after_retire",
              "rotation.saved_retire_old",
              "rotation.before_pack",
              "rotation.after_pack",
            ]
          : [
              "rotation.taken",
              "rotation.before_remove_new",
              "secret.after_retire",
              "rotation.after_remove_new",
              "rotation.saved_remove_new",
            ]
      expect(places).toEqual(expect.arrayContaining(named))
    },
    240_000,
  )

  /** Starts a rotation that falls asleep at a place, and answers how to wake it and what stands in our tables. */
  async function asleepAt(place: string) {
    const client = await fresh()
    let wake = () => {}
    const asleep = new Promise<void>((resolve) => {
      wake = resolve
    })
    let slept = false
    useCrashHook((name) => {
      if (name !== place || slept) return
      slept = true
      return asleep
    })
    const sleeper = start(client.id)
    while (!slept) await new Promise((r) => setTimeout(r, 5))
    const { id } = await db().rotation.findFirstOrThrow({ where: { clientId: client.id } })
    const everything = async () => ({
      rotation: await db().rotation.findUniqueOrThrow({ where: { id }, include: { steps: true } }),
      secrets: await db().clientSecret.findMany({ where: { clientId: client.id }, orderBy: { id: "asc" } }),
      trail: await trailOf(id),
      live: sim.secrets.get(client.name)?.length,
      asked: sim.asked,
    })
    const wakeUp = async () => {
      wake()
      await sleeper
    }
    return { id, everything, wakeUp }
  }
  const places = [
    "rotation.intent_issue",
    "rotation.before_issue",
    "secret.before_issue",
    "secret.after_issue",
    "rotation.after_issue",
    "rotation.intent_verify",
    "secret.before_canary",
    "secret.after_canary",
    "rotation.after_verify",
  ]

  test.each(places)("a process that slept at %s while another finished its work writes nothing", async (place) => {
    const { id, everything, wakeUp } = await asleepAt(place)
    await leaseEnds()
    await advance(id, sim.world)
    const before = await everything()
    expect(before).toMatchObject({ rotation: { state: "verified" }, live: 2 })
    await wakeUp()
    expect(await everything()).toEqual(before)
  })

  test.each(places)("a process whose lease was taken at %s writes nothing and calls nobody", async (place) => {
    const { id, everything, wakeUp } = await asleepAt(place)
    const before = await everything()
    await db().lease.update({
      where: { subjectId: id },
      data: { holder: newId(), until: new Date(Date.now() + 60_000) },
    })
    await wakeUp()
    expect(await everything()).toEqual(before)
    await leaseEnds()
    await advance(id, sim.world)
    expect(await everything()).toMatchObject({ rotation: { state: "verified" }, live: 2 })
  })

  test.each(["rotation.before_retire", "secret.before_retire"])(
    "a process whose lease was taken at %s ends no secret",
    async (place) => {
      const client = await fresh()
      const { id } = await start(client.id)
      await deliverTo(client, id)
      logIsComplete()
      const reached = Promise.withResolvers<void>()
      const asleep = Promise.withResolvers<void>()
      useCrashHook((name) => {
        if (name !== place) return undefined
        reached.resolve()
        return asleep.promise
      })
      const sleeper = advance(id, sim.world)
      await reached.promise
      useCrashHook(null)
      await db().lease.update({
        where: { subjectId: id },
        data: { holder: newId(), until: new Date(Date.now() + 60_000) },
      })
      asleep.resolve()
      await sleeper
      expect([await fetchState(id), sim.secrets.get(client.name)?.length]).toEqual(["grace", 2])
      await leaseEnds()
      await advance(id, sim.world)
      expect([await fetchState(id), sim.secrets.get(client.name)?.length]).toEqual(["done", 1])
    },
  )

  test("an effect that takes longer than the lease keeps it: nobody takes over meanwhile", async () => {
    const client = await fresh()
    const world: RotationWorld = { ...sim.world, pace: { leaseMs: 400, renewMs: 100 } }
    let entered = 0
    useCrashHook((name) => {
      if (name !== "rotation.before_issue") return
      entered++
      return new Promise<void>((resolve) => setTimeout(resolve, 1_500))
    })
    const slow = startRotation(ada, client.id, { provider_id: provider, confirm: false, grace_seconds: 0 }, world)
    while (entered === 0) await new Promise((r) => setTimeout(r, 5))
    const { id } = await db().rotation.findFirstOrThrow({ where: { clientId: client.id } })
    for (let i = 0; i < 8; i++) {
      await advance(id, world)
      await new Promise((r) => setTimeout(r, 120))
    }
    expect((await slow).state).toBe("verified")
    expect([entered, sim.secrets.get(client.name)?.length, await db().lease.count()]).toEqual([1, 2, 0])
  })
})

describe("the list", () => {
  test("newest first, in pages, by state and client", async () => {
    const client = await fresh()
    const { id } = await start(client.id)
    const first = await listRotations(ada, { limit: 1 })
    expect(first.items[0]).toMatchObject({ id, client: client.name, waits_for: "delivery" })
    const second = await listRotations(ada, { limit: 1, after: first.next ?? [] })
    expect(second.items[0]?.id).not.toBe(id)
    expect(
      (await listRotations(ada, { limit: 10, client: client.name, state: "in_flight" })).items.map((r) => r.id),
    ).toEqual([id])
    expect((await listRotations(ada, { limit: 10, client: client.name, state: "done" })).items).toEqual([])
  })
})
