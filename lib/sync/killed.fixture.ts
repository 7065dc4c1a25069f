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

interface Begun {
  readonly rig: Rig
  readonly planId: string
}

/** What Grantry holds about the rig's provider. */
async function ours({ providerId }: Rig): Promise<unknown> {
  const placements = await db().placement.findMany({
    where: { providerId },
    orderBy: [{ kind: "asc" }, { key: "asc" }],
  })
  const secrets = await db().clientSecret.findMany({ where: { providerId } })
  return {
    placements: placements.map(({ kind, key, origin, applied }) => ({ kind, key, origin, applied })),
    secrets: secrets.map(({ state, remoteId }) => ({ state, there: remoteId !== null })),
  }
}

/**
 * Begins an apply and lets it end undisturbed; then begins one for each pass (from 1), kills it there, resumes it, and wakes the
 * zombie. All must end as the first did, by what Grantry holds and by what `held` answers. Answers the undisturbed end.
 */
export async function killedAtEveryPass<T extends Begun>(
  begin: () => Promise<T>,
  held: (run: T) => unknown,
): Promise<unknown> {
  const endOf = async (run: T) =>
    JSON.parse(
      JSON.stringify({ ours: await ours(run.rig), held: await held(run) }).replaceAll(run.rig.tag, "T"),
    ) as unknown
  const first = await begin()
  const { passed } = dieAt(Number.POSITIVE_INFINITY)
  await runApplies(first.rig.world)
  useCrashHook(null)
  const done = await loadPlan(db(), first.planId)
  expect(done.status, JSON.stringify(done.changes.map(({ error }) => error))).toBe("applied")
  const undisturbed = await endOf(first)
  expect(undisturbed).toMatchObject({ ours: { secrets: [{ state: "live", there: true }] } })
  expect(new Set(passed).isSupersetOf(new Set<string>([...applyCrashpoints, ...secretCrashpoints]))).toBe(true)
  for (let n = 1; n <= passed.length; n++) {
    const run = await begin()
    const death = dieAt(n)
    const dying = runApplies(run.rig.world)
    const label = `killed at pass ${n}, ${await death.died}`
    useCrashHook(null)
    await expireLease(run.rig)
    await runApplies(run.rig.world)
    expect((await loadPlan(db(), run.planId)).status, label).toBe("applied")
    expect(await endOf(run), label).toEqual(undisturbed)
    death.haunt()
    await dying
    expect(await endOf(run), `${label}, then the zombie`).toEqual(undisturbed)
    expect((await planOf(run.rig)).changes, label).toEqual([])
  }
  return undisturbed
}

/** The suite for one kind, on one server that is started for it. */
export function killedAnywhere(kind: string, start: () => Promise<Subject>): void {
  describe(`an apply to ${kind}`, () => {
    let subject: Subject
    beforeAll(async () => {
      subject = await start()
    }, 240_000)
    afterEach(() => useCrashHook(null))
    afterAll(async () => {
      await subject?.stop()
    })

    async function begin(): Promise<Begun & { readonly before: Readonly<Record<string, number>> }> {
      const rig = await connect(kind, subject)
      await fill(rig)
      const before = await subject.counts()
      const plan = await planOf(rig)
      await applyPlan(ada, plan.id, { confirm: plan.changes.map(({ id }) => id), beyond_limit: false })
      return { rig, planId: plan.id, before }
    }

    test("that is killed at any crash point and resumed ends as if nothing had happened: no orphan, no double", async () => {
      await killedAtEveryPass(begin, async ({ rig, before }) => {
        const after = Object.entries(await subject.counts())
        const more = Object.fromEntries(after.map(([sort, many]) => [sort, many - (before[sort] ?? 0)]))
        return { more, standing: await standing(rig) }
      })
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
