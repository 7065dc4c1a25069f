import { randomBytes } from "node:crypto"
import { afterAll, beforeAll, expect, test } from "vitest"
import { db } from "../db/client.ts"
import { testDatabase, type TestDatabase } from "../db/testing.ts"
import { closeBoss } from "../queue/boss.ts"
import { saveClient } from "../registry/clients/commands.ts"
import { clientPatch } from "../registry/schema.ts"
import { revealSecret } from "../secrets/commands.ts"
import { useKey } from "../vault/key.ts"
import { addAudience, addClient, addGrant, ada, apiOf, applyAll, fill, planOf, rig, type Rig } from "./rig.fixture.ts"

let database: TestDatabase
beforeAll(async () => {
  database = await testDatabase()
  useKey(randomBytes(32))
})
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
