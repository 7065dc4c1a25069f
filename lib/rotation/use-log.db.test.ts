import { randomUUID } from "node:crypto"
import { afterAll, beforeAll, expect, test } from "vitest"
import { testDatabase, type TestDatabase } from "../db/testing.ts"
import { ingest } from "../events/ingest.ts"
import { ownPurposes } from "../events/words.ts"
import { eventUseLog } from "./use-log.ts"

let database: TestDatabase
beforeAll(async () => {
  database = await testDatabase()
})
afterAll(() => database.drop())

test("whoever calls itself a canary while using the old secret is still seen using it, but is no service with the new one", async () => {
  const fingerprint = `fp_${randomUUID()}`
  const at = new Date(Date.now() - 60_000)
  for (const purpose of ownPurposes) {
    const line = {
      event: "token_issued",
      client_id: "svc",
      timestamp: at.toISOString(),
      secret_fingerprint: fingerprint,
    }
    await ingest(randomUUID(), [JSON.stringify({ ...line, extra: { purpose } })], { now: new Date() })
  }
  expect(await eventUseLog.lastUse([fingerprint])).toEqual(at)
  expect(await eventUseLog.lastServiceUse([fingerprint])).toBeNull()
  expect(await eventUseLog.lastUse([`fp_${randomUUID()}`])).toBeNull()
})
