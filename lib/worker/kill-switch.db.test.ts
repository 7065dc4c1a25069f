import { randomBytes } from "node:crypto"
import { afterAll, beforeAll, expect, test } from "vitest"
import { guardedFetch, useOutgoing } from "../base/http.ts"
import { fakeInitialToken, startFakeOidc, type FakeOidc } from "../connectors/fakes/oidc/server.ts"
import { db } from "../db/client.ts"
import { testDatabase, type TestDatabase } from "../db/testing.ts"
import { probeProvider } from "../providers/probe.ts"
import { closeBoss } from "../queue/boss.ts"
import { startRotation } from "../rotation/start.ts"
import { stopClient } from "../sync/at-once.ts"
import { ada, applyAll, fill, rigOf } from "../sync/rig.fixture.ts"
import { useKey } from "../vault/key.ts"
import { handlers } from "./handlers.ts"

let database: TestDatabase
let server: FakeOidc
beforeAll(async () => {
  database = await testDatabase()
  useKey(randomBytes(32))
  useOutgoing(guardedFetch({ allowHosts: ["127.0.0.1"] }))
  server = await startFakeOidc({ newSecretOnPut: true, rotatesToken: true })
})
afterAll(async () => {
  await closeBoss()
  await server.stop()
  await database.drop()
})

test("the worker's apply ends a rotation with its client: on dynamic registration the kill switch waits for none, and not for a grant that cannot be taken away alone", async () => {
  const r = await rigOf("oidc", { issuer: server.url, initial_access_token: fakeInitialToken })
  await probeProvider(r.providerId)
  await fill(r)
  expect((await applyAll(r)).status).toBe("applied")
  const { id } = await db().client.findUniqueOrThrow({ where: { name: `${r.tag}-order` } })
  const rotation = await startRotation(ada, id, { provider_id: r.providerId, confirm: true })
  expect([rotation.strategy, rotation.state, server.clients.size]).toEqual(["in_place", "intent", 1])
  const { plan } = await stopClient(ada, id)
  await handlers.apply()
  expect(await db().plan.findUniqueOrThrow({ where: { id: plan.id } })).toMatchObject({ status: "applied" })
  expect(server.clients.size).toBe(0)
  const ended = await db().rotation.findUniqueOrThrow({ where: { id: rotation.id } })
  expect([ended.state, ended.stuckWhy]).toEqual(["aborted", expect.stringContaining("nothing left to rotate")])
})
