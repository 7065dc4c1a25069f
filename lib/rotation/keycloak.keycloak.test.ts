/** Rotations on a real Keycloak: with its policy nobody is ever without a secret; without it the cut-over is confirmed first. */
import { randomBytes } from "node:crypto"
import { afterAll, beforeAll, expect, test } from "vitest"
import { guardedFetch, useOutgoing } from "../base/http.ts"
import { testRealm, type TestRealm } from "../connectors/keycloak/realm.fixture.ts"
import { serverUnderTest } from "../connectors/keycloak/server.fixture.ts"
import { db } from "../db/client.ts"
import { testDatabase, type TestDatabase } from "../db/testing.ts"
import { closeBoss } from "../queue/boss.ts"
import { revealSecret } from "../secrets/commands.ts"
import { ada, addAudience, addClient, addGrant, applyAll, rigOf, type Rig } from "../sync/rig.fixture.ts"
import { useKey } from "../vault/key.ts"
import { abortRotation, confirmRotation, onRevealed, retireRotation } from "./commands.ts"
import { startRotation } from "./start.ts"

let database: TestDatabase
let realm: TestRealm
let rig: Rig
let client: { id: string; name: string }
let first = ""

beforeAll(async () => {
  database = await testDatabase()
  useKey(randomBytes(32))
  useOutgoing(guardedFetch({ allowHosts: ["127.0.0.1", "localhost"] }))
  realm = await testRealm(serverUnderTest())
  rig = await rigOf("keycloak", realm.settings)
  await addAudience(rig, "pay", ["pay:read"])
  client = await addClient(rig, "worker")
  await addGrant(rig, "worker", "pay", ["pay:read"])
  expect((await applyAll(rig)).status).toBe("applied")
  first = await revealed((await db().clientSecret.findFirstOrThrow({ where: { clientId: client.id } })).id)
})
afterAll(async () => {
  await closeBoss()
  await realm?.remove()
  await database?.drop()
})

const revealed = async (secretId: string): Promise<string> =>
  (await revealSecret(ada, client.id, secretId, onRevealed)).client_secret
const works = async (secret: string): Promise<boolean> =>
  (await realm.token(client.name, secret, { scope: "pay:read" })).status === 200
const start = (confirm: boolean) =>
  startRotation(ada, client.id, { provider_id: rig.providerId, confirm, grace_seconds: 0 })

test("with the policy both secrets work until the old one is retired, and never none; an abort leaves the old one", async () => {
  const aborted = await start(false)
  expect(aborted).toMatchObject({ state: "verified", strategy: "overlap" })
  await abortRotation(ada, aborted.id, { reason: "not today" })
  expect(await works(first)).toBe(true)

  const rotation = await start(false)
  const second = await revealed(rotation.newSecretId ?? "")
  expect([await works(first), await works(second)]).toEqual([true, true])
  expect(await retireRotation(ada, rotation.id, { reason: "delivered by hand" })).toMatchObject({ state: "done" })
  expect([await works(first), await works(second)]).toEqual([false, true])
  first = second
})

test("without the policy a rotation asks for its cut-over first, hands the new value over, and then switches", async () => {
  const { body } = await realm.admin("GET", "/client-policies/policies")
  await realm.admin("PUT", "/client-policies/policies", { policies: [] })
  try {
    await expect(start(false)).rejects.toMatchObject({ code: "downtime_confirmation_needed" })
    expect(await works(first)).toBe(true)
    const rotation = await start(true)
    expect(rotation.strategy).toBe("in_place")
    // The service holds the new value before the switch.
    const second = await revealed(rotation.newSecretId ?? "")
    expect([await works(first), await works(second)]).toEqual([true, false])
    expect(await confirmRotation(ada, rotation.id)).toMatchObject({ state: "done" })
    expect([await works(first), await works(second)]).toEqual([false, true])
  } finally {
    await realm.admin("PUT", "/client-policies/policies", body)
  }
})
