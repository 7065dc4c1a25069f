/** An apply that is killed at every crash point, for every kind of provider that needs nothing beside itself. */
import { randomBytes } from "node:crypto"
import { afterAll, beforeAll } from "vitest"
import { guardedFetch, useOutgoing } from "../base/http.ts"
import { testDatabase, type TestDatabase } from "../db/testing.ts"
import { closeBoss } from "../queue/boss.ts"
import { useKey } from "../vault/key.ts"
import { killedAnywhere } from "./killed.fixture.ts"
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

/** Their own suites kill at every pass; here each named point is enough. */
const killedElsewhere = ["auth0", "cognito", "entra", "okta"]

for (const [kind, start] of Object.entries({ ...subjects, local }))
  killedAnywhere(kind, start, !killedElsewhere.includes(kind))
