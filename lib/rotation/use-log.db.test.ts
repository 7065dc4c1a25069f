import { randomUUID } from "node:crypto"
import { afterAll, beforeAll, expect, test } from "vitest"
import { db } from "../db/client.ts"
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

test("a provider's log that names no secret neither proves disuse nor holds a gate back; a gateway that could show one does", async () => {
  const since = new Date(Date.now() - 3_600_000)
  const at = (minutesAgo: number) => new Date(Date.now() - minutesAgo * 60_000)
  const source = async (kind: string, heard: Date) => {
    const id = randomUUID()
    await db().source.create({ data: { id, name: `${kind} ${id}`, kind, createdBy: "test" } })
    await ingest(id, [JSON.stringify({ event: "token_validated", timestamp: heard.toISOString() })])
    return id
  }
  const [gateway, late] = [at(5), at(50)]
  await source("push", gateway)
  await source("provider", late)
  expect(await eventUseLog.completeness("B", since)).toEqual({ until: gateway, gap: null })
  expect(await eventUseLog.completeness("A", since)).toEqual({ until: null, gap: null })
  await source("push", late)
  expect(await eventUseLog.completeness("B", since)).toEqual({ until: late, gap: null })
})
