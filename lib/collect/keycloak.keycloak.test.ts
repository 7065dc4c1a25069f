/** Tokens of a real Keycloak, from its log to the event search. */
import { randomBytes } from "node:crypto"
import { afterAll, beforeAll, expect, test } from "vitest"
import { guardedFetch, useOutgoing } from "../base/http.ts"
import { testRealm, type TestRealm } from "../connectors/keycloak/realm.fixture.ts"
import { serverUnderTest } from "../connectors/keycloak/server.fixture.ts"
import { db } from "../db/client.ts"
import { ingestPool } from "../db/ingest.ts"
import { testDatabase, type TestDatabase } from "../db/testing.ts"
import { searchEvents } from "../events/search.ts"
import { createProvider } from "../providers/commands.ts"
import { closeBoss } from "../queue/boss.ts"
import { onRevealed } from "../rotation/commands.ts"
import { revealSecret } from "../secrets/commands.ts"
import { ada, addAudience, addClient, addGrant, apiOf, applyAll, type Rig } from "../sync/rig.fixture.ts"
import { realWorld as syncWorld } from "../sync/world.ts"
import { useKey } from "../vault/key.ts"
import { readDueLogs } from "./due.ts"
import { logOf } from "./queries.ts"

let database: TestDatabase
let realm: TestRealm
let rig: Rig
beforeAll(async () => {
  database = await testDatabase()
  useKey(randomBytes(32))
  useOutgoing(guardedFetch({ allowHosts: ["127.0.0.1", "localhost"] }))
  realm = await testRealm(serverUnderTest())
  const settings = { ...realm.settings }
  const { id } = await createProvider(ada, { kind: "keycloak", name: "Keycloak EU", environment: "test", settings })
  rig = { providerId: id, tag: "kc", world: syncWorld() }
})
afterAll(async () => {
  await closeBoss()
  await realm?.remove()
  await database?.drop()
})

async function readAgain(): Promise<void> {
  await ingestPool().query("update provider_log set next_poll_at = clock_timestamp()")
  await readDueLogs()
}

test("a token that a real Keycloak issues, and one that it refuses, are found as our client's events, once each however often the log is read", async () => {
  await addAudience(rig, "pay", ["payments:write"])
  const client = await addClient(rig, "order")
  await addGrant(rig, "order", "pay", ["payments:write"])
  expect(await applyAll(rig)).toMatchObject({ status: "applied" })
  const secret = await db().clientSecret.findFirstOrThrow({ where: { clientId: client.id } })
  const { client_id, client_secret } = await revealSecret(ada, client.id, secret.id, onRevealed)
  await readDueLogs()
  expect((await realm.token(client_id, client_secret, { scope: "payments:write" })).status).toBe(200)
  expect((await realm.token(client_id, "wrong", { scope: "payments:write" })).status).toBe(401)
  for (let i = 0; i < 3; i++) await readAgain()

  const source = await db().source.findUniqueOrThrow({ where: { providerId: rig.providerId } })
  const mine = { source: [source.id], client_id: [client.name] }
  const { items } = await searchEvents(ada, mine, { limit: 50, cursor: undefined })
  const [refused, issued] = items
  expect(refused).toMatchObject({
    event: "token_issued",
    validation_result: "failure",
    failure_reason: "invalid_client",
    auth_server: "Keycloak EU",
  })
  expect(issued).toMatchObject({
    event: "token_issued",
    validation_result: "success",
    audience: apiOf(rig, "pay"),
    scopes: expect.arrayContaining(["payments:write"]) as string[],
    jti: expect.stringMatching(/./) as string,
    duration_ms: null,
  })
  expect(new Set(items.map(({ event_id }) => event_id)).size).toBe(items.length)
  const log = await logOf(ada, source.id)
  expect(log).toMatchObject({
    name: "Keycloak EU",
    error: null,
    duplicates: 0,
    rejected: 0,
    every_seconds: 15,
    provenance: { client_id: "observed", audience: "derived", secret_fingerprint: "absent" },
  })
  expect(log.behind_seconds).toBeGreaterThan(50)
  expect(log.behind_seconds).toBeLessThan(90)
})
