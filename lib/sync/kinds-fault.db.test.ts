/** An apply that is killed at every crash point, for kinds of provider that keep what they know in Grantry's memory or in a bundle. */
import { randomBytes } from "node:crypto"
import { setTimeout as delay } from "node:timers/promises"
import { afterAll, afterEach, beforeAll, describe, expect, test } from "vitest"
import { useCrashHook } from "../base/crashpoint.ts"
import { guardedFetch, useOutgoing } from "../base/http.ts"
import { fakeInitialToken, startFakeOidc } from "../connectors/fakes/oidc/server.ts"
import { startOpeniddictTwin, twinBundleToken, twinIntrospector } from "../connectors/fakes/openiddict/server.ts"
import { db } from "../db/client.ts"
import { testDatabase, type TestDatabase } from "../db/testing.ts"
import { createProvider } from "../providers/commands.ts"
import { closeBoss } from "../queue/boss.ts"
import { useKey } from "../vault/key.ts"
import { runApplies } from "./apply.ts"
import { loadPlan } from "./queries.ts"
import { ada, dieAt, expireLease, fill, planOf, type Rig } from "./rig.fixture.ts"
import { applyPlan } from "./start-apply.ts"
import { realWorld } from "./world.ts"

interface Started {
  readonly settings: Record<string, unknown>
  /** What stands at the provider under names with this tag, without what differs from run to run. */
  held(tag: string): unknown
  stop(): Promise<void>
}

const kinds: Readonly<Record<string, () => Promise<Started>>> = {
  async oidc() {
    const server = await startFakeOidc({ rotatesToken: true })
    return {
      settings: { issuer: server.url, initial_access_token: fakeInitialToken },
      held: (tag) =>
        [...server.clients.values()]
          .filter(({ metadata }) => String(metadata.client_name).startsWith(tag))
          .map(({ metadata: { client_name, scope } }) => ({ client_name, scope })),
      stop: server.stop,
    }
  },
  async openiddict() {
    const twin = await startOpeniddictTwin()
    return {
      settings: {
        issuer: twin.url,
        client_id: twinIntrospector.id,
        client_secret: twinIntrospector.secret,
        bundle_url: `${twin.url}/grantry`,
        bundle_token: twinBundleToken,
      },
      held(tag) {
        const { applications, resources } = twin.state()
        return [
          ...applications
            .filter(({ clientId }) => clientId.startsWith(tag))
            .map(({ clientId, permissions }) => ({
              clientId,
              permissions: permissions.filter((one) => !one.startsWith("scp:")),
              scopes: permissions.filter((one) => one.startsWith("scp:")).length,
            })),
          ...resources.filter(({ identifier }) => identifier.includes(tag)).map(({ identifier }) => identifier),
        ]
      },
      stop: twin.stop,
    }
  },
}

let database: TestDatabase
beforeAll(async () => {
  database = await testDatabase()
  useKey(randomBytes(32))
  useOutgoing(guardedFetch({ allowHosts: ["127.0.0.1"] }))
})
afterEach(() => useCrashHook(null))
afterAll(async () => {
  await closeBoss()
  await database.drop()
})

describe.each(Object.entries(kinds))("an apply to %s", (kind, start) => {
  let provider: Started
  beforeAll(async () => {
    provider = await start()
  })
  afterAll(async () => {
    await provider.stop()
  })

  async function begun(): Promise<{ r: Rig; planId: string }> {
    const tag = `f${randomBytes(4).toString("hex")}`
    const { settings } = provider
    const { id: providerId } = await createProvider(ada, { kind, name: tag, environment: "test", settings })
    const world = { ...realWorld(), sleep: (ms: number) => delay(Math.min(ms, 5)) }
    const r: Rig = { providerId, tag, world, sim: undefined as never }
    await fill(r)
    const plan = await planOf(r)
    await applyPlan(ada, plan.id, { confirm: plan.changes.map(({ id }) => id), beyond_limit: false })
    return { r, planId: plan.id }
  }

  async function endState({ providerId, tag }: Rig): Promise<unknown> {
    const placements = await db().placement.findMany({
      where: { providerId },
      orderBy: [{ kind: "asc" }, { key: "asc" }],
    })
    const secrets = await db().clientSecret.findMany({ where: { providerId } })
    const state = {
      held: provider.held(tag),
      placements: placements.map(({ kind: one, key, applied }) => ({ one, key, applied })),
      secrets: secrets.map(({ state: now, remoteId }) => ({ now, there: remoteId !== null })),
    }
    return JSON.parse(JSON.stringify(state).replaceAll(tag, "T")) as unknown
  }

  test("that is killed at any crash point and resumed ends as if nothing had happened: no orphan, no double", async () => {
    const first = await begun()
    const { passed } = dieAt(Number.POSITIVE_INFINITY)
    await runApplies(first.r.world)
    useCrashHook(null)
    expect((await loadPlan(db(), first.planId)).status).toBe("applied")
    const undisturbed = await endState(first.r)
    expect(undisturbed).toMatchObject({ secrets: [{ now: "live", there: true }] })
    expect(passed.length).toBeGreaterThan(20)
    for (let n = 1; n <= passed.length; n++) {
      const { r, planId } = await begun()
      const death = dieAt(n)
      const dying = runApplies(r.world)
      const where = await death.died
      useCrashHook(null)
      await expireLease(r)
      await runApplies(r.world)
      const label = `killed at pass ${n}, ${where}`
      expect((await loadPlan(db(), planId)).status, label).toBe("applied")
      expect(await endState(r), label).toEqual(undisturbed)
      death.haunt()
      await dying
      expect(await endState(r), `${label}, then the zombie`).toEqual(undisturbed)
      expect((await planOf(r)).changes, label).toEqual([])
    }
  }, 240_000)
})
