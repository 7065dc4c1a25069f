/** Okta through the whole of Grantry: registry, plan, apply killed anywhere, drift with its author, adoption. */
import { randomBytes } from "node:crypto"
import { afterAll, afterEach, beforeAll, expect, test } from "vitest"
import { useCrashHook } from "../base/crashpoint.ts"
import { guardedFetch, useOutgoing } from "../base/http.ts"
import { db } from "../db/client.ts"
import { testDatabase, type TestDatabase } from "../db/testing.ts"
import { probeProvider } from "../providers/probe.ts"
import { getProvider, testProvider } from "../providers/queries.ts"
import { closeBoss } from "../queue/boss.ts"
import { revealSecret } from "../secrets/commands.ts"
import { listSecrets } from "../secrets/queries.ts"
import { runApplies } from "./apply.ts"
import { createPlan } from "./create-plan.ts"
import { adoptImport, importProvider } from "./import.ts"
import { listDrift, loadPlan } from "./queries.ts"
import { readProvider } from "./read.ts"
import { ada, apiOf, dieAt, expireLease, rigOf, started, type Rig } from "./rig.fixture.ts"
import { useKey } from "../vault/key.ts"
import { startFakeOkta, type FakeOkta } from "../connectors/fakes/okta/fake.ts"
import type { FakeApp } from "../connectors/fakes/okta/state.ts"
import { newApp, newPolicy, newRule } from "../connectors/okta/org.fixture.ts"

let database: TestDatabase
const fakes: FakeOkta[] = []
beforeAll(async () => {
  database = await testDatabase()
  useKey(randomBytes(32))
  useOutgoing(guardedFetch({ allowHosts: ["127.0.0.1", "localhost"] }))
})
afterEach(() => useCrashHook(null))
afterAll(async () => {
  await closeBoss()
  for (const fake of fakes) await fake.stop()
  await database.drop()
})

async function connected(): Promise<{ fake: FakeOkta; rig: Rig }> {
  const fake = await startFakeOkta()
  fakes.push(fake)
  return { fake, rig: await rigOf("okta", fake.settings) }
}

/** What stands in the org, without its ids and times: equal for equal histories. */
const held = ({ org, settings }: FakeOkta, { tag }: Rig): unknown =>
  JSON.parse(
    JSON.stringify({
      apps: [...org.apps.values()]
        .filter(({ clientId }) => clientId !== settings.client_id)
        .map(({ clientId, status, body, secrets }) => ({
          clientId,
          status,
          label: body.label,
          secrets: secrets.length,
        })),
      servers: [...org.servers.values()].map(
        ({ status, body: { description: _marker, ...body }, scopes, policies }) => ({
          status,
          body,
          scopes: scopes.filter(({ system }) => !system).map((scope) => scope.body),
          policies: policies.map(({ body: { description: _mark, ...policy }, rules }) => ({
            policy,
            rules: rules.map((rule) => rule.body),
          })),
        }),
      ),
    }).replaceAll(tag, "T"),
  )

function appOf({ org }: FakeOkta, name: string): FakeApp {
  const app = [...org.apps.values()].find(({ clientId }) => clientId === name)
  if (!app) throw new Error(`no app ${name}`)
  return app
}

async function byHand(
  { url, apiToken }: FakeOkta,
  method: string,
  path: string,
  json?: unknown,
): Promise<{ id?: string }> {
  const answer = await fetch(`${url}${path}`, {
    method,
    headers: { authorization: `SSWS ${apiToken}`, "content-type": "application/json" },
    ...(json === undefined ? {} : { body: JSON.stringify(json) }),
  })
  if (!answer.ok) throw new Error(`${method} ${path}: ${answer.status}`)
  return (await answer.json()) as { id?: string }
}

async function tokenAnswer(secret: { client_id: string; client_secret: string; token_endpoint: string }) {
  const credentials = Buffer.from(`${secret.client_id}:${secret.client_secret}`).toString("base64")
  const answer = await fetch(secret.token_endpoint, {
    method: "POST",
    headers: { authorization: `Basic ${credentials}` },
    body: new URLSearchParams({ grant_type: "client_credentials", scope: "payments:write" }),
  })
  return { status: answer.status, body: (await answer.json()) as { scope?: string } }
}

test("from the registry to an org: plan, apply, a live secret at the audience's own issuer, an empty second plan", async () => {
  const { fake, rig } = await connected()
  const { providerId } = rig
  await probeProvider(providerId)
  expect(await getProvider(ada, providerId)).toMatchObject({
    status: "healthy",
    issuer: fake.url,
    sealed: ["private_key_jwk"],
    settings: { base_url: fake.url, client_id: fake.settings.client_id },
  })
  expect(await testProvider(ada, providerId)).toMatchObject({ ok: true })
  const { planId, client } = await started(rig, "client_secret_basic")
  await runApplies()
  expect((await loadPlan(db(), planId)).status).toBe("applied")
  const [secret] = (await listSecrets(ada, client.id, { all: false, limit: 50, after: null })).items
  expect(secret).toMatchObject({ state: "live", provider_id: providerId })
  const revealed = await revealSecret(ada, client.id, secret?.id ?? "", async () => {})
  expect(revealed.client_id).toBe(client.name)
  const server = [...fake.org.servers.keys()][0] ?? ""
  expect(appOf(fake, client.name).secrets.map(({ value }) => value)).toEqual([revealed.client_secret])
  expect(revealed).toMatchObject({
    issuer: `${fake.url}/oauth2/${server}`,
    token_endpoint: `${fake.url}/oauth2/${server}/v1/token`,
  })
  expect(await tokenAnswer(revealed)).toMatchObject({ status: 200, body: { scope: "payments:write" } })
  expect(await createPlan(ada, { provider_ids: [providerId] })).toMatchObject({ changes: [], kept: [] })
})

test("an apply killed at any point and resumed leaves one of each in the org, as if nothing had happened", async () => {
  const first = await connected()
  await started(first.rig)
  const { passed } = dieAt(Number.POSITIVE_INFINITY)
  await runApplies()
  useCrashHook(null)
  const undisturbed = held(first.fake, first.rig)
  expect(undisturbed).toMatchObject({ apps: [{ secrets: 1 }], servers: [{ policies: [{ rules: [{}] }] }] })
  expect(passed.length).toBeGreaterThan(20)
  for (let n = 1; n <= passed.length; n++) {
    const { fake, rig } = await connected()
    const { planId } = await started(rig, "client_secret_basic")
    const death = dieAt(n)
    const dying = runApplies()
    const where = `killed at pass ${n}, ${await death.died}`
    useCrashHook(null)
    await expireLease(rig)
    await runApplies()
    expect((await loadPlan(db(), planId)).status, where).toBe("applied")
    expect(held(fake, rig), where).toEqual(undisturbed)
    death.haunt()
    await dying
    expect(held(fake, rig), `${where}, then the zombie`).toEqual(undisturbed)
    expect((await createPlan(ada, { provider_ids: [rig.providerId] })).changes, where).toEqual([])
  }
}, 240_000)

test("what somebody changed in the console is drift with its author", async () => {
  const { fake, rig } = await connected()
  const { client } = await started(rig, "client_secret_basic")
  await runApplies()
  await byHand(fake, "POST", `/api/v1/apps/${appOf(fake, client.name).id}/lifecycle/deactivate`)
  await readProvider(rig.providerId)
  const { items } = await listDrift(ada, rig.providerId, { all: false, limit: 9, after: null })
  expect(items).toMatchObject([
    {
      kind: "client",
      key: client.name,
      fields: [{ field: "enabled", applied: true, found: false }],
      actor: { id: "00uadmin", name: "Ada Admin" },
    },
  ])
})

test("what an org holds already is adopted as it is: the first plan after it is empty, and nothing was written", async () => {
  const { fake, rig } = await connected()
  const name = `${rig.tag}-legacy`
  const identifier = apiOf(rig, "legacy")
  const servers = "/api/v1/authorizationServers"
  await byHand(
    fake,
    "POST",
    "/api/v1/apps",
    newApp(name, { display_name: name, owner: "", auth_method: "client_secret_basic" }),
  )
  const { id = "" } = await byHand(fake, "POST", servers, { name: "Legacy", audiences: [identifier] })
  await byHand(fake, "POST", `${servers}/${id}/scopes`, { name: "legacy:read" })
  const policy = await byHand(fake, "POST", `${servers}/${id}/policies`, newPolicy("legacy", [name]))
  await byHand(fake, "POST", `${servers}/${id}/policies/${policy.id ?? ""}/rules`, newRule(["legacy:read"], 60))
  const found = await importProvider(ada, rig.providerId)
  expect(found.found.map(({ kind, key }) => `${kind} ${key}`).toSorted()).toEqual([
    `audience ${identifier}`,
    `client ${name}`,
  ])
  await adoptImport(ada, found.id, [name, identifier])
  const before = JSON.stringify([...fake.org.apps.values()].map(({ body }) => body))
  expect(await createPlan(ada, { provider_ids: [rig.providerId] })).toMatchObject({ changes: [], kept: [] })
  expect(JSON.stringify([...fake.org.apps.values()].map(({ body }) => body))).toBe(before)
})
