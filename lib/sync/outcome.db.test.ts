import { afterEach, expect, test, vi } from "vitest"
import { log } from "../base/log.ts"
import { dayMs } from "../base/time.ts"
import { db } from "../db/client.ts"
import { saveClient } from "../registry/clients/commands.ts"
import { clientPatch } from "../registry/schema.ts"
import { revealSecret } from "../secrets/commands.ts"
import { runApplies } from "./apply.ts"
import { discardPlan } from "./commands.ts"
import { loadPlan } from "./queries.ts"
import {
  addAudience,
  addClient,
  addGrant,
  ada,
  apiOf,
  applyAll,
  fill,
  planOf,
  rig,
  testServers,
  type Rig,
  type SimRig,
} from "./rig.fixture.ts"
import { giveUpTokens, showTokens } from "./show-tokens.ts"
import { applyPlan } from "./start-apply.ts"

testServers()
afterEach(() => vi.restoreAllMocks())

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

/** A first apply with its tokens, then a change that is applied, its tokens not fetched yet. */
async function applied(): Promise<{ r: SimRig; id: string }> {
  const r = await rig()
  await fill(r)
  await applyAll(r)
  await rename(r, "Second")
  const id = await begin(r)
  await runApplies(r.world)
  expect(await shown(id)).toEqual(["applied", "waiting"])
  return { r, id }
}
/** Begins to fetch tokens, which are answered after `answer`. */
function slowly(r: Rig) {
  const [asked, gate] = [Promise.withResolvers<void>(), Promise.withResolvers<void>()]
  const over = showTokens({
    ...r.world,
    fetch: async (...call) => {
      asked.resolve()
      await gate.promise
      return await r.world.fetch(...call)
    },
  })
  return { asked: asked.promise, answer: gate.resolve, over }
}

test("a token endpoint that does not answer holds up neither its plan nor the next one on that provider", async () => {
  const { r, id: first } = await applied()
  const woken = await db().$queryRaw<unknown[]>`select 1 from pgboss.job where name = 'plan.tokens'`
  expect(woken.length).toBeGreaterThan(0)
  const { asked, answer, over } = slowly(r)
  await asked
  await rename(r, "Third")
  const second = await begin(r)
  await runApplies(r.world)
  await showTokens(r.world)
  expect(await shown(second)).toEqual(["applied", "pass"])
  answer()
  await over
  expect((await loadPlan(db(), first)).outcome).toMatchObject([
    { is: "not_tried", why: expect.stringContaining("Another plan has changed this provider since") },
  ])
})

test("a later plan that sent nothing to the provider takes nothing from what the tokens say", async () => {
  const { r, id } = await applied()
  const { asked, answer, over } = slowly(r)
  await asked
  const { id: empty } = await planOf(r)
  await applyPlan(ada, empty, { confirm: [], beyond_limit: false })
  await runApplies(r.world)
  expect(await shown(empty)).toEqual(["applied"])
  await rename(r, "Third")
  const { id: discarded } = await planOf(r)
  await discardPlan(ada, discarded)
  answer()
  await over
  expect(await shown(id)).toEqual(["applied", "pass"])
})

test("killed before the tokens the plan stands finished, and whoever sweeps next fetches them, once", async () => {
  const { r, id } = await applied()
  const { asked } = slowly(r)
  await asked
  const { tokens } = r.sim
  await showTokens(r.world)
  expect([await shown(id), r.sim.tokens]).toEqual([["applied", "waiting"], tokens])
  await db().$executeRaw`update lease set until = clock_timestamp() where subject_id = ${id}::uuid`
  await showTokens(r.world)
  expect([await shown(id), r.sim.tokens]).toEqual([["applied", "pass"], tokens + 1])
})

test("a plan whose tokens cannot even be begun holds up no other's, and the log has the reason", async () => {
  const logged = vi.spyOn(log, "error").mockImplementation(() => {})
  const [broken, { r, id }] = [await applied(), await applied()]
  await db().plan.update({ where: { id: broken.id }, data: { outcome: [{ is: "waiting" }] } })
  await showTokens(r.world)
  expect(await shown(id)).toEqual(["applied", "pass"])
  expect(logged.mock.calls).toMatchObject([[{ plan_id: broken.id }, "the tokens of a plan were not fetched"]])
  await db().plan.update({ where: { id: broken.id }, data: { outcome: [] } })
})

test("tokens that no worker fetched within a day are given up, and the plan says so", async () => {
  const { r, id } = await applied()
  const now = Date.now()
  await giveUpTokens(new Date(now + dayMs - 60_000))
  expect(await shown(id)).toEqual(["applied", "waiting"])
  await db().plan.update({ where: { id }, data: { finishedAt: new Date(now - dayMs) } })
  await showTokens(r.world)
  expect(await shown(id)).toEqual(["applied", "waiting"])
  await giveUpTokens()
  expect((await loadPlan(db(), id)).outcome).toMatchObject([
    { client: `${r.tag}-order`, is: "not_tried", why: "No worker fetched it within a day of the apply." },
  ])
})
