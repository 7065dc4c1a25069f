import { randomBytes, randomUUID } from "node:crypto"
import { afterAll, beforeAll, expect, test } from "vitest"
import { systemActor } from "../auth/system.ts"
import { newId } from "../base/id.ts"
import { db } from "../db/client.ts"
import { testDatabase, type TestDatabase } from "../db/testing.ts"
import { ingest } from "../events/ingest.ts"
import { useKey } from "../vault/key.ts"
import { listSecrets } from "./queries.ts"
import { noteSecretUses } from "./seen.ts"

let database: TestDatabase
let clientId: string
const source = randomUUID()
const marks = { used: `fp_${randomUUID()}`, tried: `fp_${randomUUID()}` }

beforeAll(async () => {
  database = await testDatabase()
  useKey(randomBytes(32))
  const providerId = newId()
  clientId = newId()
  const [issuer, tokenEndpoint, jwksUri] = ["https://idp.example", "https://idp.example/t", "https://idp.example/k"]
  await db().provider.create({
    // Nothing can be opened from these settings: a list that asked the provider would fail.
    data: {
      id: providerId,
      kind: "nowhere",
      name: "p",
      environment: "t",
      issuer,
      tokenEndpoint,
      jwksUri,
      settings: {},
    },
  })
  await db().client.create({
    data: { id: clientId, name: "svc", displayName: "svc", owner: "o", authMethod: "client_secret_basic", tags: [] },
  })
  for (const fingerprint of Object.values(marks))
    await db().clientSecret.create({
      data: { id: newId(), clientId, providerId, remoteId: fingerprint, state: "live", fingerprint },
    })
})
afterAll(() => database.drop())

const issued = (fingerprint: string, secondsAgo: number, more: object = {}) =>
  JSON.stringify({
    event: "token_issued",
    event_id: randomUUID(),
    client_id: "svc",
    timestamp: new Date(Date.now() - secondsAgo * 1000).toISOString(),
    secret_fingerprint: fingerprint,
    ...more,
  })
const seen = async () => {
  const { items } = await listSecrets(systemActor("test"), clientId, { all: false, limit: 50, after: null })
  return Object.fromEntries(items.map((item) => [item.fingerprint, item.last_seen_at]))
}

test("the list tells each secret's last use out of our own tables, and our own tries are none", async () => {
  const now = new Date()
  const last = issued(marks.used, 60)
  await ingest(source, [issued(marks.used, 600), last, issued(marks.tried, 5, { extra: { purpose: "canary" } })], {
    now,
  })
  expect(await seen()).toEqual({ [marks.used]: null, [marks.tried]: null })
  await noteSecretUses()
  expect(await seen()).toEqual({
    [marks.used]: (JSON.parse(last) as { timestamp: string }).timestamp,
    [marks.tried]: null,
  })
})

test("a late event never turns the last use back, a later one moves it, and a second look changes nothing", async () => {
  const before = await seen()
  await ingest(source, [issued(marks.used, 3_000)], { now: new Date() })
  await noteSecretUses()
  expect(await seen()).toEqual(before)
  const newest = issued(marks.used, 1)
  await ingest(source, [newest], { now: new Date() })
  await noteSecretUses()
  await noteSecretUses()
  expect((await seen())[marks.used]).toBe((JSON.parse(newest) as { timestamp: string }).timestamp)
})
