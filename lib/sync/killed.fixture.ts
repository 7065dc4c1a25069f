/** An apply that is killed at every crash point it passes, on one kind of provider, with the real engine and connector. */
import { randomBytes } from "node:crypto"
import { setTimeout as delay } from "node:timers/promises"
import { afterAll, afterEach, beforeAll, describe, expect, test } from "vitest"
import { useCrashHook } from "../base/crashpoint.ts"
import { isPort } from "../connectors/port.ts"
import { db } from "../db/client.ts"
import { openConnector, type OpenConnector } from "../providers/open.ts"
import { applyCrashpoints, runApplies } from "./apply.ts"
import type { Subject } from "./kinds.fixture.ts"
import { loadPlan } from "./queries.ts"
import { ada, dieAt, expireLease, fill, planOf, rigOf, type Rig } from "./rig.fixture.ts"
import { applyPlan } from "./start-apply.ts"
import { realWorld } from "./world.ts"

/** A provider of this kind, and names of its own. */
export async function connect(kind: string, { settings }: Subject): Promise<Rig> {
  const world = { ...realWorld(), open: prompt, sleep: (ms: number) => delay(Math.min(ms, 5)) }
  return { ...(await rigOf(kind, settings, world)), tag: `f${randomBytes(4).toString("hex")}` }
}

/** A server under test shows a write at once, so a resumed apply need not wait for what may still come. */
const prompt: OpenConnector = async (id) => {
  const connector = await openConnector(id)
  const { write } = connector
  return isPort(write) && write.readLagMs !== undefined
    ? { ...connector, write: { ...write, readLagMs: Math.min(write.readLagMs, 100) } }
    : connector
}

/** What stands at the provider under the rig's names, without ids: twice where there are two. */
export async function standing({ providerId, tag }: Rig): Promise<readonly object[]> {
  const { write } = await openConnector(providerId)
  const seen = isPort(write) ? await write.observe() : []
  return seen
    .filter(({ key }) => key.includes(tag))
    .map(({ kind, key, marked, fields }) => ({ kind, key, marked, fields }))
    .sort((a, b) => (a.kind + a.key < b.kind + b.key ? -1 : 1))
}

/** `wide` kills at every pass; otherwise once at every named point, and at its last pass too. */
export function killedAnywhere(kind: string, start: () => Promise<Subject>, wide = true): void {
  describe(`an apply to ${kind}`, () => {
    let subject: Subject
    beforeAll(async () => {
      subject = await start()
    }, 240_000)
    afterEach(() => useCrashHook(null))
    afterAll(async () => {
      await subject?.stop()
    })

    interface Begun {
      readonly r: Rig
      readonly planId: string
      readonly before: Readonly<Record<string, number>>
    }
    async function begun(): Promise<Begun> {
      const r = await connect(kind, subject)
      await fill(r)
      const before = await subject.counts()
      const plan = await planOf(r)
      await applyPlan(ada, plan.id, { confirm: plan.changes.map(({ id }) => id), beyond_limit: false })
      return { r, planId: plan.id, before }
    }

    async function endState({ r, before }: Begun): Promise<unknown> {
      const { providerId } = r
      const placements = await db().placement.findMany({
        where: { providerId },
        orderBy: [{ kind: "asc" }, { key: "asc" }],
      })
      const secrets = await db().clientSecret.findMany({ where: { providerId } })
      const after = await subject.counts()
      const state = {
        more: Object.fromEntries(Object.entries(after).map(([sort, many]) => [sort, many - (before[sort] ?? 0)])),
        standing: await standing(r),
        placements: placements.map(({ kind: one, key, origin, applied }) => ({ one, key, origin, applied })),
        secrets: secrets.map(({ state: now, remoteId }) => ({ now, there: remoteId !== null })),
      }
      return JSON.parse(JSON.stringify(state).replaceAll(r.tag, "T")) as unknown
    }

    test("that is killed at any crash point and resumed ends as if nothing had happened: no orphan, no double", async () => {
      const first = await begun()
      const { passed } = dieAt(Number.POSITIVE_INFINITY)
      await runApplies(first.r.world)
      useCrashHook(null)
      const done = await loadPlan(db(), first.planId)
      expect(done.status, JSON.stringify(done.changes.map(({ error }) => error))).toBe("applied")
      const undisturbed = await endState(first)
      expect(undisturbed).toMatchObject({ secrets: [{ now: "live", there: true }] })
      expect(new Set(passed).isSupersetOf(new Set<string>([...applyCrashpoints, ...secretCrashpoints]))).toBe(true)
      for (const n of wide ? passed.map((_, i) => i + 1) : endsOf(passed)) {
        const run = await begun()
        const death = dieAt(n)
        const dying = runApplies(run.r.world)
        const label = `killed at pass ${n}, ${await death.died}`
        useCrashHook(null)
        await expireLease(run.r)
        await runApplies(run.r.world)
        expect((await loadPlan(db(), run.planId)).status, label).toBe("applied")
        expect(await endState(run), label).toEqual(undisturbed)
        death.haunt()
        await dying
        expect(await endState(run), `${label}, then the zombie`).toEqual(undisturbed)
        expect((await planOf(run.r)).changes, label).toEqual([])
      }
    }, 480_000)
  })
}

const secretCrashpoints = [
  "secret.before_issue",
  "secret.after_issue",
  "secret.after_issue_saved",
  "secret.before_canary",
  "secret.after_canary",
]

/** The first and the last pass of every name, from 1. */
const endsOf = (passed: readonly string[]): readonly number[] =>
  [...new Set(passed.flatMap((name) => [passed.indexOf(name) + 1, passed.lastIndexOf(name) + 1]))].sort((a, b) => a - b)
