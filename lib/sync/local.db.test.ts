import { afterAll, beforeAll, expect, test } from "vitest"
import { isPort } from "../connectors/port.ts"
import { db } from "../db/client.ts"
import { startTestIdp, type TestIdp } from "../playground/idp/testing.ts"
import { createProvider } from "../providers/commands.ts"
import { openConnector } from "../providers/open.ts"
import { probeProvider } from "../providers/probe.ts"
import { getProvider, testProvider } from "../providers/queries.ts"
import { revealSecret } from "../secrets/commands.ts"
import { listSecrets } from "../secrets/queries.ts"
import { runApplies } from "./apply.ts"
import { createPlan } from "./create-plan.ts"
import { applyPlan } from "./start-apply.ts"
import { listDrift, loadPlan } from "./queries.ts"
import { readProvider } from "./read.ts"
import { showTokens } from "./show-tokens.ts"
import { ada, addAudience, addClient, addGrant, apiOf, testServers } from "./rig.fixture.ts"
import { realWorld } from "./world.ts"

const { database } = testServers()

let idp: TestIdp
beforeAll(async () => {
  idp = await startTestIdp(database().url)
})
afterAll(() => idp.idp.close())

test("from the registry to a real authorization server: plan, apply, a live secret, a real token with exactly that scope", async () => {
  const { id: providerId } = await createProvider(ada, {
    kind: "local",
    name: "Local",
    environment: "test",
    settings: { issuer: idp.settings.issuer, admin_token: idp.settings.admin_token },
  })
  await probeProvider(providerId)
  expect(await getProvider(ada, providerId)).toMatchObject({
    status: "healthy",
    issuer: idp.settings.issuer,
    sealed: ["admin_token"],
    settings: { issuer: idp.settings.issuer },
  })
  expect(await testProvider(ada, providerId)).toMatchObject({ ok: true })
  const rig = { providerId, tag: "real", world: realWorld() }
  await addAudience(rig, "pay", ["payments:read", "payments:write"])
  const client = await addClient(rig, "order")
  await addGrant(rig, "order", "pay", ["payments:write"])
  const plan = await createPlan(ada, { provider_ids: [providerId] })
  await applyPlan(ada, plan.id, { confirm: [], beyond_limit: false })
  await runApplies()
  await showTokens()
  expect(await loadPlan(db(), plan.id)).toMatchObject({
    status: "applied",
    outcome: [{ client: client.name, is: "pass", why: "A token fetched with the new state is as planned." }],
  })
  const [secret] = (await listSecrets(ada, client.id, { all: false, limit: 50, after: null })).items
  // The canary made it live; no service has used it yet.
  expect(secret).toMatchObject({ state: "live", provider_id: providerId, last_seen_at: null })
  const { client_secret, token_endpoint } = await revealSecret(ada, client.id, secret?.id ?? "", async () => {})
  const ask = (scope: string) =>
    fetch(token_endpoint, {
      method: "POST",
      headers: { authorization: `Basic ${Buffer.from(`${client.name}:${client_secret}`).toString("base64")}` },
      body: new URLSearchParams({ grant_type: "client_credentials", resource: apiOf(rig, "pay"), scope }),
    })
  const granted = await ask("payments:write")
  expect([granted.status, await granted.json()]).toEqual([
    200,
    expect.objectContaining({ scope: "payments:write", token_type: "Bearer" }),
  ])
  expect((await ask("payments:read")).status).toBe(400)
  expect(await createPlan(ada, { provider_ids: [providerId] })).toMatchObject({ changes: [], kept: [] })
})

test("a change behind Grantry's back names who made it, in the provider's words; our own changes blame nobody", async () => {
  const { id: providerId } = await createProvider(ada, {
    kind: "local",
    name: "Local too",
    environment: "test",
    settings: { issuer: idp.settings.issuer, admin_token: idp.settings.admin_token },
  })
  const rig = { providerId, tag: "who", world: realWorld() }
  await addAudience(rig, "pay")
  const client = await addClient(rig, "order")
  await addGrant(rig, "order", "pay")
  const plan = await createPlan(ada, { provider_ids: [providerId] })
  await applyPlan(ada, plan.id, { confirm: [], beyond_limit: false })
  await runApplies()
  const placed = async (kind: string) =>
    (await db().placement.findFirstOrThrow({ where: { providerId, kind } })).remoteId
  const remoteIds = { client: await placed("client"), grant: await placed("grant") }
  await idp.admin("PATCH", `/clients/${remoteIds.client}`, { owner: "somebody" }, { "grantry-actor": "Mallory" })
  await idp.admin("DELETE", `/grants/${remoteIds.grant}`, undefined, { "grantry-actor": "Trudy" })
  await readProvider(providerId)
  const items = (await listDrift(ada, providerId, { all: false, limit: 9, after: null })).items
  expect(new Map(items.map(({ kind, key, actor }) => [`${kind} ${key}`, actor]))).toEqual(
    new Map([
      [`client ${client.name}`, { id: "write token for Mallory", name: "write token for Mallory" }],
      [`grant ${client.name} ${apiOf(rig, "pay")}`, { id: "write token for Trudy", name: "write token for Trudy" }],
    ]),
  )
  const [since, at] = [items[0]?.since ?? "", items[0]?.at ?? ""]
  expect(since < at).toBe(true)
  const { changes } = await openConnector(providerId)
  const told = isPort(changes) ? await changes.since(new Date(Date.now() - 60_000)) : []
  const mine = told.filter(({ key }) => key?.startsWith(client.name))
  expect(mine.map(({ kind, ours }) => [kind, ours])).toEqual([
    ["grant", false],
    ["client", false],
    ...mine.slice(2).map(({ kind }) => [kind, true]),
  ])
  expect(mine.length).toBeGreaterThan(3)
})
