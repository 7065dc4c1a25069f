/** A registry, a simulated provider and the room's own commands, for tests against a real Postgres. */
import { randomBytes } from "node:crypto"
import { setTimeout as delay } from "node:timers/promises"
import { afterAll, afterEach, beforeAll, expect } from "vitest"
import type { Actor } from "../auth/actor.ts"
import { allPermissions } from "../auth/permissions.ts"
import { useCrashHook } from "../base/crashpoint.ts"
import { Refused } from "../base/errors.ts"
import { guardedFetch, useOutgoing } from "../base/http.ts"
import { newId } from "../base/id.ts"
import { isPort } from "../connectors/port.ts"
import type { WritePort } from "../connectors/write-port.ts"
import { db } from "../db/client.ts"
import { testDatabase, type TestDatabase } from "../db/testing.ts"
import { createProvider } from "../providers/commands.ts"
import { closeBoss } from "../queue/boss.ts"
import { createAudience } from "../registry/audiences/commands.ts"
import { createClient } from "../registry/clients/commands.ts"
import { createGrant } from "../registry/grants/commands.ts"
import { audienceInput, clientInput, grantInput } from "../registry/schema.ts"
import { useKey } from "../vault/key.ts"
import { runApplies } from "./apply.ts"
import { createPlan } from "./create-plan.ts"
import { applyPlan } from "./start-apply.ts"
import type { PlanWire } from "./schema.ts"
import { loadPlan } from "./queries.ts"
import { showTokens } from "./show-tokens.ts"
import { seeded, Simulator } from "./simulator.fixture.ts"
import { realWorld, type SyncWorld } from "./world.ts"

export const ada: Actor = {
  kind: "user",
  id: newId(),
  name: "Ada",
  permissions: new Set(allPermissions),
  sourceId: null,
  authenticatedAt: new Date(),
  requestId: null,
}

/**
 * For the top of a test file: a database and a key of its own, nobody who dies, and calls to this machine let through. What
 * is given to `stopAtEnd` is stopped after the last test.
 */
export function testServers(): {
  readonly database: () => TestDatabase
  readonly stopAtEnd: <T extends { stop(): Promise<unknown> }>(started: T) => T
} {
  let database: TestDatabase
  const running: { stop(): Promise<unknown> }[] = []
  beforeAll(async () => {
    database = await testDatabase()
    useKey(randomBytes(32))
    useOutgoing(guardedFetch({ allowHosts: ["127.0.0.1", "localhost"] }))
  })
  afterEach(() => useCrashHook(null))
  afterAll(async () => {
    await closeBoss()
    for (const one of running) await one.stop()
    await database.drop()
  })
  return {
    database: () => database,
    stopAtEnd(started) {
      running.push(started)
      return started
    },
  }
}

let serial = 0

/** A provider that tests register for, plan and apply to. */
export interface Rig {
  readonly providerId: string
  readonly world: SyncWorld
  /** Prefix of every name of this rig, so that rigs share a database. */
  readonly tag: string
}

export interface SimRig extends Rig {
  readonly sim: Simulator
}

/** Connects a provider of a real kind, as a person would, and answers its rig. */
export async function rigOf(
  kind: string,
  settings: Readonly<Record<string, unknown>>,
  world: SyncWorld = realWorld(),
): Promise<Rig> {
  const tag = `${kind.replaceAll("_", "-")}-${++serial}`
  const { id: providerId } = await createProvider(ada, {
    kind,
    name: tag,
    environment: "test",
    settings: { ...settings },
  })
  return { providerId, tag, world }
}

export async function rig(seed = 1): Promise<SimRig> {
  const sim = new Simulator()
  sim.random = seeded(seed)
  const providerId = newId()
  const tag = `t${++serial}`
  await db().provider.create({
    data: {
      id: providerId,
      kind: "simulator",
      name: tag,
      environment: "test",
      issuer: sim.issuer,
      tokenEndpoint: `${sim.issuer}/token`,
      jwksUri: `${sim.issuer}/jwks`,
      settings: {},
    },
  })
  const world: SyncWorld = {
    open: async () => sim.connector(),
    fetch: sim.fetch,
    sleep: (ms) => delay(Math.min(ms, 15)),
    random: seeded(seed + 1),
  }
  return { sim, providerId, world, tag }
}

/** The rig's world, in which some calls to its provider are others. */
export const worldWith = ({ sim, world }: SimRig, calls: (real: WritePort) => Partial<WritePort>): SyncWorld => ({
  ...world,
  open: async () => {
    const connector = sim.connector()
    const { write } = connector
    return isPort(write) ? { ...connector, write: { ...write, ...calls(write) } } : connector
  },
})

/** One world for several rigs: each provider is its own. */
export const worldOf = (rigs: readonly SimRig[]): SyncWorld => ({
  open: async (id) => {
    const found = rigs.find(({ providerId }) => providerId === id)
    if (!found) throw new Error(`no rig for ${id}`)
    return found.sim.connector()
  },
  fetch: (...call) => (rigs[0] ? rigs[0].world.fetch(...call) : Promise.reject(new Error("no rig"))),
  sleep: (ms) => delay(Math.min(ms, 15)),
  random: seeded(1),
})

export const apiOf = ({ tag }: Rig, name: string): string => `https://${name}.${tag}.example`

export async function addAudience(
  r: Rig,
  name: string,
  scopes: readonly string[] = ["read", "write"],
): Promise<string> {
  const audience = await createAudience(
    ada,
    audienceInput.parse({ identifier: apiOf(r, name), name, scopes: scopes.map((scope) => ({ name: scope })) }),
  )
  return audience.id
}

export async function addClient(r: Rig, name: string, more: object = {}): Promise<{ id: string; name: string }> {
  return createClient(
    ada,
    clientInput.parse({ name: `${r.tag}-${name}`, owner: "team", provider_ids: [r.providerId], ...more }),
  )
}

export const addGrant = (r: Rig, client: string, audience: string, scopes: readonly string[] = ["read"]) =>
  createGrant(
    ada,
    grantInput.parse({ client: `${r.tag}-${client}`, audience: apiOf(r, audience), scopes, reason: "test" }),
  )

/** One API, one client, one grant: each kind once. */
export async function fill(r: Rig): Promise<void> {
  await addAudience(r, "pay")
  await addClient(r, "order")
  await addGrant(r, "order", "pay")
}

/** Two APIs and three clients, each granted both: enough to run side by side. */
export async function fillWide(r: Rig): Promise<void> {
  for (const name of ["pay", "mail"]) await addAudience(r, name)
  for (const name of ["a", "b", "c"]) {
    await addClient(r, name)
    for (const audience of ["pay", "mail"]) await addGrant(r, name, audience)
  }
}

export const planOf = (r: Rig): Promise<PlanWire> => createPlan(ada, { provider_ids: [r.providerId] }, r.world)

/** Plans, says yes to all that asks, applies, fetches the tokens, and answers the finished plan. */
export async function applyAll(r: Rig): Promise<PlanWire> {
  const plan = await planOf(r)
  await applyPlan(ada, plan.id, { confirm: plan.changes.map(({ id }) => id), beyond_limit: true })
  await runApplies(r.world)
  await showTokens(r.world)
  return loadPlan(db(), plan.id)
}

/** A rig with each kind once, applied. */
export async function filled(): Promise<SimRig> {
  const r = await rig()
  await fill(r)
  expect((await applyAll(r)).status).toBe("applied")
  return r
}

/** What stands where, without ids, names of the rig and times: equal for equal histories. */
export async function endState(r: SimRig): Promise<unknown> {
  const bare = (text: string) => text.replaceAll(r.tag, "T")
  const placements = await db().placement.findMany({ where: { providerId: r.providerId } })
  const secrets = await db().clientSecret.findMany({
    where: { providerId: r.providerId },
    include: { client: { select: { name: true } } },
  })
  const sort = (list: readonly unknown[]) => list.map((item) => bare(JSON.stringify(item))).sort()
  return {
    objects: sort([...r.sim.objects.values()].map(({ kind, key, marked, fields }) => ({ kind, key, marked, fields }))),
    made: sort([...r.sim.made.entries()]),
    placements: sort(placements.map(({ kind, key, origin, applied }) => ({ kind, key, origin, applied }))),
    secrets: sort(
      secrets.map((secret) => ({ client: secret.client.name, state: secret.state, there: secret.remoteId !== null })),
    ),
    remoteSecrets: sort([...r.sim.secrets.entries()].map(([client, list]) => [client, list.length])),
  }
}

/** The process dies at the n-th crash point (from 1): nothing of it runs on, as under SIGKILL, until `haunt` lets it wake as a zombie. */
export function dieAt(n: number): {
  readonly died: Promise<string>
  readonly haunt: () => void
  readonly passed: string[]
} {
  const passed: string[] = []
  const woken = Promise.withResolvers<void>()
  const { promise: died, resolve: tell } = Promise.withResolvers<string>()
  useCrashHook((name) => {
    passed.push(name)
    if (passed.length < n) return undefined
    tell(name)
    return woken.promise
  })
  return { died, haunt: woken.resolve, passed }
}

/** The clock of a dead holder's lease runs out. */
export const expireLease = ({ providerId }: Rig) =>
  db().$executeRaw`update lease set until = clock_timestamp() where subject_id = ${providerId}::uuid`

export async function refusal(run: Promise<unknown>): Promise<Refused> {
  const error = await run.then(
    () => null,
    (thrown: unknown) => thrown,
  )
  if (error instanceof Refused) return error
  throw new Error(`expected a refusal, got ${String(error)}`)
}

/** One audience with two scopes, one client, one grant of one of them; planned and set to applying. */
export async function started(
  r: Rig,
  auth_method = "client_secret_post",
): Promise<{ planId: string; client: { id: string; name: string } }> {
  await addAudience(r, "pay", ["payments:read", "payments:write"])
  const client = await addClient(r, "order", { display_name: "Orders", auth_method })
  await addGrant(r, "order", "pay", ["payments:write"])
  const plan = await createPlan(ada, { provider_ids: [r.providerId] })
  const confirm = plan.changes.flatMap((change) => (change.needs_confirmation ? [change.id] : []))
  await applyPlan(ada, plan.id, { confirm, beyond_limit: false })
  return { planId: plan.id, client }
}
