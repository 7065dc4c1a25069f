import { expect, test } from "vitest"
import { fakeInitialToken, startFakeOidc } from "../connectors/fakes/oidc/server.ts"
import { db } from "../db/client.ts"
import { probeProvider } from "../providers/probe.ts"
import { startRotation } from "../rotation/start.ts"
import { stopClient } from "../sync/at-once.ts"
import { ada, applyAll, fill, rigOf, testServers } from "../sync/rig.fixture.ts"
import { handlers } from "./handlers.ts"

const { stopAtEnd } = testServers()

test("the worker's apply ends a rotation with its client: on dynamic registration the kill switch waits for none, and not for a grant that cannot be taken away alone", async () => {
  const server = stopAtEnd(await startFakeOidc({ newSecretOnPut: true, rotatesToken: true }))
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
