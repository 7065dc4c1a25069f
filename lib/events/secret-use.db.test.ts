import { createHash } from "node:crypto"
import { afterAll, beforeAll, expect, test } from "vitest"
import { newId } from "../base/id.ts"
import { ingestPool } from "../db/ingest.ts"
import { testDatabase, type TestDatabase } from "../db/testing.ts"
import { floodWords } from "./flood.fixture.ts"
import { ingest } from "./ingest.ts"
import { dimensionFields } from "./row.ts"
import { secretLastSeen, secretUsesReceived } from "./secret-use.ts"

let database: TestDatabase
beforeAll(async () => {
  database = await testDatabase()
  await floodWords(["secret", "purpose"])
})
afterAll(() => database.drop())

const source = newId()
const hourAgo = Date.now() - 3_600_000
const use = (secret: string, second: number, more: object = {}) =>
  ingest(source, [
    JSON.stringify({
      event: "token_issued",
      client_id: "order-service",
      timestamp: new Date(hourAgo + second * 1_000).toISOString(),
      secret_fingerprint: secret,
      ...more,
    }),
  ])
const at = (second: number) => new Date(hourAgo + second * 1_000)

test("a use counts where its secret found no room among the words any more, and Grantry's own try does not", async () => {
  await use("first", 1)
  await use("first", 2)
  await use("first", 3, { purpose: "canary" })
  await use("second", 4)
  await use("third", 5, { purpose: "canary" })
  const services = { servicesOnly: true }
  expect(await secretLastSeen(["first", "unseen"], new Date(0), services)).toEqual(
    new Map([["first", { last_seen: at(2), count: 2 }]]),
  )
  expect(await secretLastSeen(["first", "third"], new Date(0))).toEqual(
    new Map([
      ["first", { last_seen: at(3), count: 3 }],
      ["third", { last_seen: at(5), count: 1 }],
    ]),
  )
  expect(await secretLastSeen(["first"], at(3), services)).toEqual(new Map())
  expect(await secretUsesReceived(new Date(0))).toEqual(
    new Map([
      ["first", at(2)],
      ["second", at(4)],
    ]),
  )
})

test("a secret that one process kept inline and another among the words is one secret", async () => {
  await use("both", 10)
  // What the other process did, which had counted the words before.
  const digest = createHash("sha256").update("both").digest().subarray(0, 16)
  await ingestPool().query("insert into dimension (field, digest, value) values ($1, $2, 'both')", [
    dimensionFields.indexOf("secret"),
    digest,
  ])
  await use("both", 11)
  expect(await secretLastSeen(["both"], new Date(0))).toEqual(new Map([["both", { last_seen: at(11), count: 2 }]]))
  expect((await secretUsesReceived(new Date(0))).get("both")).toEqual(at(11))
})
