/** The contract of sync, and an apply killed at every named crash point, on a real Keycloak. */
import { randomBytes } from "node:crypto"
import { afterAll, beforeAll } from "vitest"
import { guardedFetch, useOutgoing } from "../base/http.ts"
import { testRealm } from "../connectors/keycloak/realm.fixture.ts"
import { samples } from "../connectors/keycloak/samples.fixture.ts"
import { serverUnderTest } from "../connectors/keycloak/server.fixture.ts"
import { testDatabase, type TestDatabase } from "../db/testing.ts"
import { closeBoss } from "../queue/boss.ts"
import { useKey } from "../vault/key.ts"
import { syncContract } from "./connector-contract.ts"
import { killedAnywhere } from "./killed.fixture.ts"
import type { Subject } from "./kinds.fixture.ts"

let database: TestDatabase
beforeAll(async () => {
  database = await testDatabase()
  useKey(randomBytes(32))
  useOutgoing(guardedFetch({ allowHosts: ["127.0.0.1", "localhost"], timeoutMs: 20_000 }))
})
afterAll(async () => {
  await closeBoss()
  await database?.drop()
})

async function keycloak(): Promise<Subject> {
  const realm = await testRealm(serverUnderTest())
  const many = async (path: string): Promise<number> => ((await realm.admin("GET", path)).body as unknown[]).length
  return {
    settings: { ...realm.settings },
    samples,
    behind: () => realm.behind,
    counts: async () => ({
      clients: await many("/clients?max=10000"),
      scopes: await many("/client-scopes"),
      users: await many("/users?max=10000"),
    }),
    async meddle(name) {
      const { body } = await realm.admin("GET", `/clients?clientId=${name}`)
      const [client] = body as { id: string }[]
      await realm.admin("PUT", `/clients/${client?.id}`, { consentRequired: true, attributes: {} })
    },
    stop: () => realm.remove(),
  }
}

syncContract("keycloak", keycloak)
killedAnywhere("keycloak", keycloak)
