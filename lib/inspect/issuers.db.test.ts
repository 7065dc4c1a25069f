/** Tokens of a provider that has an issuer per audience: an Okta org, from the registry to the verdict. */
import { randomBytes } from "node:crypto"
import { afterAll, beforeAll, expect, test } from "vitest"
import { guardedFetch, useOutgoing } from "../base/http.ts"
import { startFakeOkta, type FakeOkta } from "../connectors/fakes/okta/fake.ts"
import { testDatabase, type TestDatabase } from "../db/testing.ts"
import { closeBoss } from "../queue/boss.ts"
import { runApplies } from "../sync/apply.ts"
import { createPlan } from "../sync/create-plan.ts"
import { ada, addAudience, addClient, addGrant, apiOf, rigOf, type Rig } from "../sync/rig.fixture.ts"
import { applyPlan } from "../sync/start-apply.ts"
import { ecSigner, sign } from "../token/token.fixture.ts"
import { useKey } from "../vault/key.ts"
import { accessTokenHolder } from "./access.ts"
import { fetchToken } from "./fetch.ts"
import { inspect } from "./queries.ts"

let database: TestDatabase
let fake: FakeOkta
let rig: Rig
let token = ""
const asked: string[] = []
beforeAll(async () => {
  database = await testDatabase()
  useKey(randomBytes(32))
  const guarded = guardedFetch({ allowHosts: ["127.0.0.1", "localhost"] })
  useOutgoing((url, init) => {
    asked.push(String(url))
    return guarded(url, init)
  })
  fake = await startFakeOkta()
  rig = await rigOf("okta", fake.settings)
  const { providerId } = rig
  await addAudience(rig, "pay", ["payments:read"])
  const client = await addClient(rig, "order", { auth_method: "client_secret_basic" })
  await addGrant(rig, "order", "pay", ["payments:read"])
  const plan = await createPlan(ada, { provider_ids: [providerId] })
  await applyPlan(ada, plan.id, { confirm: [], beyond_limit: false })
  await runApplies()
  const wanted = { client: client.id, provider_id: providerId, audience: apiOf(rig, "pay"), scopes: ["payments:read"] }
  token = (await fetchToken(ada, wanted)).access_token ?? ""
})
afterAll(async () => {
  await closeBoss()
  await fake.stop()
  await database.drop()
})

const own = () => `${fake.url}/oauth2/${[...fake.org.servers.keys()][0] ?? ""}`

test("a token of an audience's own issuer is checked against that issuer's keys, and its client is known", async () => {
  for (const provider of [{}, { provider_id: rig.providerId }]) {
    expect(await inspect(ada, { token, ...provider })).toMatchObject({
      verdict: "valid",
      claims: { iss: own() },
      registry: {
        provider: { id: rig.providerId },
        client: { name: `${rig.tag}-order` },
        keys: { from: "issuer", url: `${own()}/v1/keys` },
      },
    })
  }
  expect(await accessTokenHolder(token, apiOf(rig, "pay"))).toMatchObject({ clientName: `${rig.tag}-order` })
})

test("the provider is asked once for many tokens, and never at an address that a token names", async () => {
  await inspect(ada, { token })
  asked.length = 0
  const signer = ecSigner("e1")
  const claims = { aud: apiOf(rig, "pay"), cid: `${rig.tag}-order`, iat: 1, exp: 9_999_999_999 }
  for (const iss of [`${fake.url}/oauth2/other`, "https://elsewhere.example", `${own()}/`]) {
    const forged = sign(signer, { alg: "ES256", kid: "e1", jku: `${iss}/keys` }, { ...claims, iss })
    expect(await inspect(ada, { token: forged })).toMatchObject({
      verdict: "unverified",
      registry: { provider: null, keys: null },
    })
  }
  expect(asked).toEqual([])
  const posing = sign(signer, { alg: "ES256", kid: "e1" }, { ...claims, iss: own() })
  expect(await inspect(ada, { token: posing })).toMatchObject({ verdict: "invalid" })
})
