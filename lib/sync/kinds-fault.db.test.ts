/** An apply that is killed at every crash point, for every kind of provider that needs nothing beside itself. */
import { randomBytes } from "node:crypto"
import { afterAll, beforeAll } from "vitest"
import { guardedFetch, useOutgoing } from "../base/http.ts"
import { localBehind, localSamples } from "../connectors/local/samples.fixture.ts"
import { testDatabase, type TestDatabase } from "../db/testing.ts"
import { startTestIdp } from "../playground/idp/testing.ts"
import { closeBoss } from "../queue/boss.ts"
import { useKey } from "../vault/key.ts"
import { killedAnywhere } from "./killed.fixture.ts"
import { subjects, type Subject } from "./kinds.fixture.ts"

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

async function local(): Promise<Subject> {
  const { idp, settings, admin } = await startTestIdp(database.url)
  return {
    settings: { issuer: settings.issuer, admin_token: settings.admin_token },
    samples: localSamples,
    behind: () => localBehind(admin),
    // A name can be taken once there: two of a kind cannot be.
    counts: () => ({}),
    stop: () => idp.close(),
  }
}

/** Their own suites kill at every pass; here each named point is enough. */
const killedElsewhere = ["auth0", "cognito", "entra", "okta"]

for (const [kind, start] of Object.entries({ ...subjects, local }))
  killedAnywhere(kind, start, !killedElsewhere.includes(kind))
