/** The contract of sync, for every kind of provider that needs nothing beside itself. */
import { afterAll, beforeAll } from "vitest"
import { randomBytes } from "node:crypto"
import { guardedFetch, useOutgoing } from "../base/http.ts"
import { testDatabase, type TestDatabase } from "../db/testing.ts"
import { closeBoss } from "../queue/boss.ts"
import { useKey } from "../vault/key.ts"
import { syncContract } from "./connector-contract.ts"
import { localSubject } from "../playground/idp/subject.fixture.ts"
import { subjects } from "./kinds.fixture.ts"

let database: TestDatabase
beforeAll(async () => {
  database = await testDatabase()
  useKey(randomBytes(32))
  useOutgoing(guardedFetch({ allowHosts: ["127.0.0.1"] }))
})
afterAll(async () => {
  await closeBoss()
  await database.drop()
})

const local = () => localSubject(database.url)

for (const [kind, start] of Object.entries({ ...subjects, local })) syncContract(kind, start)
