import { randomBytes } from "node:crypto"
import { afterAll, afterEach, beforeAll, expect, test, vi } from "vitest"
import { useCrashHook } from "../base/crashpoint.ts"
import { db } from "../db/client.ts"
import { testDatabase, type TestDatabase } from "../db/testing.ts"
import { closeBoss } from "../queue/boss.ts"
import { saveClient } from "../registry/clients/commands.ts"
import { clientPatch } from "../registry/schema.ts"
import { revealSecret } from "../secrets/commands.ts"
import { useKey } from "../vault/key.ts"
import { runApplies } from "./apply.ts"
import { loadPlan } from "./queries.ts"
import { addAudience, addClient, addGrant, ada, apiOf, applyAll, fill, planOf, rig, type Rig } from "./rig.fixture.ts"
import { applyPlan } from "./start-apply.ts"

let database: TestDatabase
beforeAll(async () => {
  database = await testDatabase()
  useKey(randomBytes(32))
})
afterEach(() => useCrashHook(null))
afterAll(async () => {
  await closeBoss()
  await database.drop()
})

const rename = async (r: Rig, to: string) => {
  const { id } = await db().client.findUniqueOrThrow({ where: { name: `${r.tag}-order` } })
  await saveClient(ada, id, clientPatch.parse({ display_name: to }), null)
  return id
}
const told = async (r: Rig) =>
  (await applyAll(r)).outcome.map(({ client, is, why }) => [client.slice(r.tag.length + 1), is, why])

test("after an apply a token of each changed client is as planned, or the plan says what is not, or why none was tried", async () => {
  const r = await rig()
  await fill(r)
  await addAudience(r, "mail")
  await addGrant(r, "order", "mail", ["read", "write"])
  await addClient(r, "bare")
  expect((await planOf(r)).outcome).toEqual([])
  expect(await told(r)).toEqual([
    ["bare", "not_tried", "It has no grant there, so no token can be asked for."],
    ["order", "pass", "Tokens for 2 audiences fetched with the new state are as planned."],
  ])
  r.sim.misissues = { aud: "https://other.example", exp: 9_999_999_999 }
  await rename(r, "Second")
  const [[, is, why] = []] = await told(r)
  expect(is).toBe("mismatch")
  expect(why).toContain(`its audience is https://other.example instead of ${apiOf(r, "pay")}`)
  expect(why).toMatch(/it lives for \d+ s instead of 900 s/)
  r.sim.misissues = {}
  r.sim.secrets.clear()
  await rename(r, "Third")
  expect(await told(r)).toEqual([["order", "mismatch", expect.stringContaining("invalid_client")]])
})

test("a secret that was handed over is not here any more: nothing is tried, and nothing else changes", async () => {
  const r = await rig()
  await fill(r)
  await applyAll(r)
  const id = await rename(r, "Second")
  const secret = await db().clientSecret.findFirstOrThrow({ where: { clientId: id } })
  await revealSecret(ada, id, secret.id, async () => {}, r.world.open)
  const tokens = r.sim.tokens
  expect(await told(r)).toEqual([
    ["order", "not_tried", "Grantry holds no secret of it: it was handed over, or there is none."],
  ])
  expect(r.sim.tokens).toBe(tokens)
})

const begin = async (r: Rig): Promise<string> => {
  const { id } = await planOf(r)
  await applyPlan(ada, id, { confirm: [], beyond_limit: false })
  return id
}
const shown = async (id: string) => {
  const { status, outcome } = await loadPlan(db(), id)
  return [status, ...outcome.map(({ is }) => is)]
}

test("a token endpoint that does not answer holds up neither its plan nor the next one on that provider", async () => {
  const r = await rig()
  await fill(r)
  await applyAll(r)
  await rename(r, "Second")
  const first = await begin(r)
  const answer = Promise.withResolvers<void>()
  const slow = runApplies({ ...r.world, fetch: (...call) => answer.promise.then(() => r.world.fetch(...call)) })
  await vi.waitFor(async () => expect(await shown(first)).toEqual(["applied", "waiting"]), 5_000)
  await rename(r, "Third")
  const second = await begin(r)
  await runApplies(r.world)
  expect(await shown(second)).toEqual(["applied", "pass"])
  answer.resolve()
  await slow
  expect((await loadPlan(db(), first)).outcome).toMatchObject([
    { is: "not_tried", why: expect.stringContaining("Another plan has changed this provider since") },
  ])
})

test("killed before the tokens the plan stands finished, and the next sweep fetches them", async () => {
  const r = await rig()
  await fill(r)
  useCrashHook((name) => (name === "apply.before_canary" ? new Promise(() => {}) : undefined))
  const id = await begin(r)
  void runApplies(r.world)
  await vi.waitFor(async () => expect(await shown(id)).toEqual(["applied", "waiting"]), 5_000)
  useCrashHook(null)
  await runApplies(r.world)
  expect(await shown(id)).toEqual(["applied", "pass"])
})
