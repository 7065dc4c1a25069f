/** Ready code asks each kind of provider in its own words: what it says is sent as it stands, and a token comes. */
import { randomBytes } from "node:crypto"
import { afterAll, beforeAll, describe, expect, test } from "vitest"
import { guardedFetch, useOutgoing } from "../base/http.ts"
import { db } from "../db/client.ts"
import { testDatabase, type TestDatabase } from "../db/testing.ts"
import { closeBoss } from "../queue/boss.ts"
import { heldSecret } from "../secrets/queries.ts"
import { requestParameters } from "../snippets/context.ts"
import { ada, addAudience, addClient, addGrant, apiOf, applyAll, rigOf, type Rig } from "../sync/rig.fixture.ts"
import { subjects, type Subject } from "../sync/kinds.fixture.ts"
import { useKey } from "../vault/key.ts"
import { askOf } from "./ask.ts"

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

/**
 * What is said before the client is there. A provider that chooses the id has none yet; one that does not know the API yet
 * cannot say how to ask for it; the others take our name.
 */
const early: Readonly<Record<keyof typeof subjects, "client_not_placed" | "not_found" | "its final id">> = {
  auth0: "client_not_placed",
  cognito: "client_not_placed",
  entra: "client_not_placed",
  okta: "not_found",
  oidc: "client_not_placed",
  openiddict: "its final id",
}

describe.for(Object.keys(early) as (keyof typeof early)[])("on %s", (kind) => {
  let subject: Subject
  let rig: Rig
  let client: { id: string; name: string }
  beforeAll(async () => {
    subject = await subjects[kind]()
    rig = await rigOf(kind, subject.settings)
    await addAudience(rig, "pay", ["payments:read"])
    client = await addClient(rig, "order", { auth_method: "client_secret_post" })
    await addGrant(rig, "order", "pay", ["payments:read"])
  })
  afterAll(() => subject.stop())

  const ask = () =>
    askOf(ada, client.id, { provider_id: rig.providerId, audience: apiOf(rig, "pay"), scope: ["payments:read"] })

  test("before the client is there it says what this kind can know then; after the apply its words fetch a token", async () => {
    const said = await ask().then(
      ({ client_id }) => client_id,
      (error: { code?: unknown }) => error.code,
    )
    await applyAll(rig)
    const asked = await ask()
    expect(said === asked.client_id ? "its final id" : said).toBe(early[kind])
    const secret = await heldSecret(client.id, rig.providerId)
    const answer = await fetch(asked.token_endpoint, {
      method: "POST",
      body: new URLSearchParams([
        ...requestParameters(asked).map(([name, value]) => [name, value]),
        ["client_id", asked.client_id],
        ["client_secret", secret?.reveal() ?? ""],
      ]),
    })
    expect([answer.status, await answer.json()]).toMatchObject([200, { access_token: expect.any(String) as string }])
  })

  test("without an audience it says how to authenticate and nothing to ask for", async () => {
    const provider = await db().provider.findUniqueOrThrow({ where: { id: rig.providerId } })
    const asked = await askOf(ada, client.id, { provider_id: rig.providerId, scope: [] })
    expect(asked).toMatchObject({ token_endpoint: provider.tokenEndpoint, parameters: {}, audience: null })
  })
})
