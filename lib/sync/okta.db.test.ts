/** Okta through the whole of Grantry: registry, plan, apply killed anywhere, drift with its author, adoption. */
import { expect, test } from "vitest"
import { db } from "../db/client.ts"
import { probeProvider } from "../providers/probe.ts"
import { getProvider, testProvider } from "../providers/queries.ts"
import { revealSecret } from "../secrets/commands.ts"
import { listSecrets } from "../secrets/queries.ts"
import { runApplies } from "./apply.ts"
import { createPlan } from "./create-plan.ts"
import { adoptImport, importProvider } from "./import.ts"
import { listDrift, loadPlan } from "./queries.ts"
import { readProvider } from "./read.ts"
import { killedAtEveryPass } from "./killed.fixture.ts"
import { ada, apiOf, rigOf, started, testServers, type Rig } from "./rig.fixture.ts"
import { startFakeOkta, type FakeOkta } from "../connectors/fakes/okta/fake.ts"
import type { FakeApp } from "../connectors/fakes/okta/state.ts"
import { newApp, newPolicy, newRule } from "../connectors/okta/org.fixture.ts"

const { stopAtEnd } = testServers()

async function connected(): Promise<{ fake: FakeOkta; rig: Rig }> {
  const fake = stopAtEnd(await startFakeOkta())
  return { fake, rig: await rigOf("okta", fake.settings) }
}

/** What stands in the org, without its ids and times: equal for equal histories. */
const held = ({ org, settings }: FakeOkta) => ({
  apps: [...org.apps.values()]
    .filter(({ clientId }) => clientId !== settings.client_id)
    .map(({ clientId, status, body, secrets }) => ({
      clientId,
      status,
      label: body.label,
      secrets: secrets.length,
    })),
  servers: [...org.servers.values()].map(({ status, body: { description: _marker, ...body }, scopes, policies }) => ({
    status,
    body,
    scopes: scopes.filter(({ system }) => !system).map((scope) => scope.body),
    policies: policies.map(({ body: { description: _mark, ...policy }, rules }) => ({
      policy,
      rules: rules.map((rule) => rule.body),
    })),
  })),
})

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
  const begin = async () => {
    const { fake, rig } = await connected()
    return { fake, rig, planId: (await started(rig, "client_secret_basic")).planId }
  }
  const undisturbed = await killedAtEveryPass(begin, ({ fake }) => held(fake))
  expect(undisturbed).toMatchObject({ held: { apps: [{ secrets: 1 }], servers: [{ policies: [{ rules: [{}] }] }] } })
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
