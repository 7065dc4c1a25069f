import { afterAll, beforeAll, expect, test } from "vitest"
import { startGoAuthkitTwin, twinPermission } from "../../lib/connectors/fakes/go_authkit/idp.ts"
import { startResourceService } from "../../lib/playground/fleet/resource.ts"
import { ask, rootToken, startEdge } from "./edge.fixture.ts"
import { GET as search, POST as send } from "./v1/events/route.ts"

let edge: Awaited<ReturnType<typeof startEdge>>
beforeAll(async () => {
  edge = await startEdge()
})
afterAll(() => edge.stop())

test("the log of the resource service is a source: sent as it is, it tells which calls were refused and why, once each", async () => {
  const idp = await startGoAuthkitTwin()
  const log: object[] = []
  const service = await startResourceService({
    host: "127.0.0.1",
    issuer: idp.url,
    introspectionToken: twinPermission,
    onEvent: () => undefined,
    onLog: (line) => log.push(line),
    authServer: "go-authkit",
  })
  for (const user of [null, "user", "admin2"]) {
    const headers: Record<string, string> = user === null ? {} : { authorization: `Bearer ${await idp.token(user)}` }
    await fetch(`${service.url}/admin`, { headers })
  }
  await service.close()
  await idp.stop()

  const path = "/api/v1/events?format=go-authkit"
  const bad = { event: "token_validated", event_id: "own", timestamp: "not a time" }
  expect((await ask(send, path, { token: rootToken, body: [...log, bad] })).body).toMatchObject({
    received: 4,
    stored: 3,
    duplicates: 0,
    rejected: [{ index: log.length, code: "bad_timestamp" }],
  })
  expect((await ask(send, path, { token: rootToken, body: log })).body).toMatchObject({ stored: 0, duplicates: 3 })
  const { items } = (await ask(search, "/api/v1/events", { token: rootToken })).body as { items: object[] }
  expect(items.toReversed()).toMatchObject([
    { resource: "GET /admin", validation_result: "failure", failure_reason: "missing_token" },
    { resource: "GET /admin", validation_result: "failure", failure_reason: "insufficient_scope" },
    { resource: "GET /admin", validation_result: "success" },
  ])
})
