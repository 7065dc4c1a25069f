/** Auth0 through the whole of Grantry: registry, plan, apply killed anywhere, canary, drift with its author, adoption. */
import { expect, test } from "vitest"
import { db } from "../db/client.ts"
import { probeProvider } from "../providers/probe.ts"
import { getProvider, testProvider } from "../providers/queries.ts"
import { revealSecret } from "../secrets/commands.ts"
import { listSecrets } from "../secrets/queries.ts"
import { confirmRotation, onRevealed } from "../rotation/commands.ts"
import { startRotation } from "../rotation/start.ts"
import { runApplies } from "./apply.ts"
import { createPlan } from "./create-plan.ts"
import { adoptImport, importProvider } from "./import.ts"
import { listDrift, loadPlan } from "./queries.ts"
import { readProvider } from "./read.ts"
import { killedAtEveryPass } from "./killed.fixture.ts"
import { ada, apiOf, rigOf, started, testServers, type Rig } from "./rig.fixture.ts"
import { startFakeAuth0, type FakeAuth0 } from "../connectors/fakes/auth0/fake.ts"
import { newId, writeLog } from "../connectors/fakes/auth0/state.ts"

const { stopAtEnd } = testServers()

async function connected(): Promise<{ fake: FakeAuth0; rig: Rig }> {
  const fake = stopAtEnd(await startFakeAuth0())
  return { fake, rig: await rigOf("auth0", fake.settings) }
}

/** What stands in the tenant, without its ids: equal for equal histories. */
const held = ({ tenant }: FakeAuth0) => ({
  clients: [...tenant.clients.values()].map(({ name, grant_types }) => ({ name, grant_types })),
  apis: [...tenant.apis.values()].filter((api) => !api.is_system).map(({ id: _id, ...api }) => api),
  grants: [...tenant.grants.values()].map(({ audience, scope }) => ({ audience, scope })).slice(1),
})

test("from the registry to a tenant: plan, apply, a live secret, a token with exactly the granted scope, an empty second plan", async () => {
  const { fake, rig } = await connected()
  const { providerId } = rig
  await probeProvider(providerId)
  expect(await getProvider(ada, providerId)).toMatchObject({
    status: "healthy",
    issuer: `${fake.url}/`,
    sealed: ["client_secret"],
    settings: { base_url: fake.url, client_id: fake.settings.client_id },
  })
  expect(await testProvider(ada, providerId)).toMatchObject({ ok: true })
  const { planId, client } = await started(rig)
  await runApplies()
  expect((await loadPlan(db(), planId)).status).toBe("applied")
  const [secret] = (await listSecrets(ada, client.id, { all: false, limit: 50, after: null })).items
  expect(secret).toMatchObject({ state: "live", provider_id: providerId })
  const { client_id, client_secret, token_endpoint } = await revealSecret(
    ada,
    client.id,
    secret?.id ?? "",
    async () => {},
  )
  expect(fake.tenant.clients.get(client_id)?.name).toBe("Orders")
  const answer = await fetch(token_endpoint, {
    method: "POST",
    body: new URLSearchParams({
      grant_type: "client_credentials",
      client_id,
      client_secret,
      audience: apiOf(rig, "pay"),
    }),
  })
  expect([answer.status, await answer.json()]).toEqual([200, expect.objectContaining({ scope: "payments:write" })])
  expect(await createPlan(ada, { provider_ids: [providerId] })).toMatchObject({ changes: [], kept: [] })
})

test("an apply killed at any point and resumed leaves one of each in the tenant, as if nothing had happened", async () => {
  const begin = async () => {
    const { fake, rig } = await connected()
    return { fake, rig, planId: (await started(rig)).planId }
  }
  const undisturbed = await killedAtEveryPass(begin, ({ fake }) => held(fake))
  expect(undisturbed).toMatchObject({ held: { clients: [{}, { name: "Orders" }], apis: [{}], grants: [{}] } })
}, 240_000)

test("a rotation in place: revealed first, switched on a yes, proven once the tenant knows it, and the old value dies", async () => {
  const { fake, rig } = await connected()
  const { client } = await started(rig)
  await runApplies()
  const [first] = (await listSecrets(ada, client.id, { all: false, limit: 9, after: null })).items
  const old = await revealSecret(ada, client.id, first?.id ?? "", async () => {})
  const ask = { provider_id: rig.providerId, grace_seconds: 0 }
  await expect(startRotation(ada, client.id, { ...ask, confirm: false })).rejects.toMatchObject({
    code: "downtime_confirmation_needed",
    evidence: { strategy: "in_place", downtime_seconds: 30 },
  })
  const { id, newSecretId } = await startRotation(ada, client.id, { ...ask, confirm: true })
  const next = await revealSecret(ada, client.id, newSecretId ?? "", onRevealed)
  const works = async (secret: string) =>
    (
      await fetch(old.token_endpoint, {
        method: "POST",
        body: new URLSearchParams({
          grant_type: "client_credentials",
          client_id: old.client_id,
          client_secret: secret,
          audience: apiOf(rig, "pay"),
        }),
      })
    ).status === 200
  expect([await works(old.client_secret), await works(next.client_secret)]).toEqual([true, false])
  fake.tenant.modes.secretLagMs = 1_500
  expect((await confirmRotation(ada, id)).state).toBe("done")
  expect([await works(old.client_secret), await works(next.client_secret)]).toEqual([true, true])
  fake.clock.advance(31_000)
  expect([await works(old.client_secret), await works(next.client_secret)]).toEqual([false, true])
})

test("what somebody changed in the dashboard is drift with its author", async () => {
  const { fake, rig } = await connected()
  const { client } = await started(rig)
  await runApplies()
  const theirs = [...fake.tenant.clients.values()].find(({ name }) => name === "Orders")
  if (!theirs) throw new Error("not applied")
  theirs.grant_types = []
  writeLog(fake.tenant, "sapi", {
    user_id: "auth0|7",
    details: {
      request: {
        method: "patch",
        path: `/api/v2/clients/${theirs.client_id}`,
        auth: { user: { user_id: "auth0|7", name: "Mallory" } },
      },
      response: { statusCode: 200, body: {} },
    },
  })
  await readProvider(rig.providerId)
  const { items } = await listDrift(ada, rig.providerId, { all: false, limit: 9, after: null })
  expect(items).toMatchObject([
    {
      kind: "client",
      key: client.name,
      fields: [{ field: "enabled", applied: true, found: false }],
      actor: { id: "auth0|7", name: "Mallory" },
    },
  ])
})

test("what a tenant holds already is adopted as it is: the first plan after it is empty, and nothing was written", async () => {
  const { fake, rig } = await connected()
  const { tenant } = fake
  const client_id = newId()
  const own = tenant.clients.get(fake.settings.client_id)
  if (!own) throw new Error("no application")
  tenant.clients.set(client_id, { ...own, client_id, name: `${rig.tag}-legacy`, client_metadata: {} })
  const identifier = apiOf(rig, "legacy")
  tenant.apis.set("api-1", {
    id: "api-1",
    identifier,
    name: "Legacy",
    is_system: false,
    scopes: [{ value: "legacy:read" }],
    signing_alg: "RS256",
    token_lifetime: 86_400,
    token_dialect: "access_token",
    subject_type_authorization: {},
  })
  tenant.grants.set("cgr_1", {
    id: "cgr_1",
    client_id,
    audience: identifier,
    scope: ["legacy:read"],
    subject_type: "client",
    allow_all_scopes: false,
    is_system: false,
  })
  const found = await importProvider(ada, rig.providerId)
  expect(found.found.map(({ kind, key }) => [kind, key]).toSorted(([a = ""], [b = ""]) => a.localeCompare(b))).toEqual([
    ["audience", identifier],
    ["client", `${rig.tag}-legacy`],
  ])
  await adoptImport(ada, found.id, [`${rig.tag}-legacy`, identifier])
  const before = JSON.stringify([...tenant.clients.values()])
  expect(await createPlan(ada, { provider_ids: [rig.providerId] })).toMatchObject({ changes: [], kept: [] })
  expect(JSON.stringify([...tenant.clients.values()])).toBe(before)
  expect(tenant.logs.filter(({ type }) => type === "sapi")).toEqual([])
})
