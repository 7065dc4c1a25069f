/** Entra through the whole of Grantry: registry, plan, apply killed anywhere, canary, drift with its author, adoption. */
import { decodeJwt } from "jose"
import { expect, test } from "vitest"
import { db } from "../db/client.ts"
import { testProvider } from "../providers/queries.ts"
import { revealSecret } from "../secrets/commands.ts"
import { listSecrets } from "../secrets/queries.ts"
import { runApplies } from "./apply.ts"
import { createPlan } from "./create-plan.ts"
import { adoptImport, importProvider } from "./import.ts"
import { listDrift, loadPlan } from "./queries.ts"
import { readProvider } from "./read.ts"
import { killedAtEveryPass } from "./killed.fixture.ts"
import { ada, apiOf, rigOf, started, testServers, type Rig } from "./rig.fixture.ts"
import { startFakeEntra, type FakeEntra } from "../connectors/fakes/entra/fake.ts"
import { newApp, newPrincipal, principalOf } from "../connectors/fakes/entra/state.ts"

const { stopAtEnd } = testServers()

async function connected(): Promise<{ fake: FakeEntra; rig: Rig }> {
  const fake = stopAtEnd(await startFakeEntra())
  return { fake, rig: await rigOf("entra", fake.settings) }
}

const appsOf = ({ tenant, settings }: FakeEntra) =>
  [...tenant.apps.values()].map(({ now }) => now).filter(({ appId }) => appId !== settings.client_id)

/** What stands in the tenant, without its ids: equal for equal histories. */
const held = (fake: FakeEntra) => ({
  apps: appsOf(fake).map(({ displayName, appRoles, passwordCredentials }) => ({
    displayName,
    roles: appRoles.map(({ value, isEnabled }) => ({ value, isEnabled })),
    secrets: passwordCredentials.length,
  })),
  principals: fake.tenant.principals.size,
  assignments: fake.tenant.assignments.size,
  links: fake.tenant.links.size,
  policies: [...fake.tenant.policies.values()].map(({ definition }) => definition),
})

/** Whatever is told beside the plan, all of it is about how Entra holds it. */
const onlyAdjusted = (kept: readonly { readonly why: string }[]) =>
  kept.every(({ why }) => why.startsWith("Entra ") || why.startsWith("A token life"))

test("from the registry to a tenant: plan, apply, Microsoft's secret revealed once, a token with the granted role, an empty second plan", async () => {
  const { fake, rig } = await connected()
  expect(await testProvider(ada, rig.providerId)).toMatchObject({ ok: true })
  const { planId, client } = await started(rig)
  await runApplies()
  expect((await loadPlan(db(), planId)).status).toBe("applied")
  const [secret] = (await listSecrets(ada, client.id, { all: false, limit: 50, after: null })).items
  expect(secret).toMatchObject({ state: "live", provider_id: rig.providerId })
  const shown = await revealSecret(ada, client.id, secret?.id ?? "", async () => {})
  const [api, service] = ["pay", "Orders"].map((name) =>
    appsOf(fake).find(
      ({ displayName, tags }) => displayName === name || tags.some((tag) => tag.endsWith(apiOf(rig, name))),
    ),
  )
  expect(shown.client_id).toBe(service?.appId)
  expect(shown.client_secret).toBe(service?.passwordCredentials[0]?.value)
  const answer = await fetch(shown.token_endpoint, {
    method: "POST",
    body: new URLSearchParams({
      grant_type: "client_credentials",
      client_id: shown.client_id,
      client_secret: shown.client_secret,
      scope: `${api?.identifierUris[0] ?? ""}/.default`,
    }),
  })
  const { access_token } = (await answer.json()) as { access_token: string }
  expect(decodeJwt(access_token)).toMatchObject({ aud: api?.appId, roles: ["payments:write"] })
  const again = await createPlan(ada, { provider_ids: [rig.providerId] })
  expect(again.changes).toEqual([])
  expect(onlyAdjusted(again.kept)).toBe(true)
})

test("an apply killed at any point and resumed leaves one of each in the tenant, as if nothing had happened", async () => {
  const begin = async () => {
    const { fake, rig } = await connected()
    return { fake, rig, planId: (await started(rig)).planId }
  }
  const undisturbed = await killedAtEveryPass(begin, ({ fake }) => held(fake))
  expect(undisturbed).toMatchObject({ held: { principals: 3, assignments: 1, policies: [{}] } })
}, 400_000)

test("what somebody changed in the portal is drift with its author", async () => {
  const { fake, rig } = await connected()
  const { client } = await started(rig)
  await runApplies()
  const theirs = appsOf(fake).find(({ displayName }) => displayName === "Orders")
  const principal = principalOf(fake.tenant, theirs?.appId ?? "")
  if (!theirs || !principal) throw new Error("not applied")
  principal.accountEnabled = false
  await db().plan.updateMany({ data: { finishedAt: new Date(Date.now() - 60_000) } })
  fake.tenant.audits.push({
    id: "a-1",
    activityDateTime: new Date(Date.now() + 1_000).toISOString(),
    activityDisplayName: "Update service principal",
    result: "success",
    initiatedBy: { user: { id: "u-7", userPrincipalName: "mallory@example.com" } },
    targetResources: [{ id: principal.id, type: "ServicePrincipal" }],
  })
  await readProvider(rig.providerId)
  const { items } = await listDrift(ada, rig.providerId, { all: false, limit: 9, after: null })
  expect(items).toMatchObject([
    {
      kind: "client",
      key: client.name,
      fields: [{ field: "enabled", applied: true, found: false }],
      actor: { id: "u-7", name: "mallory@example.com" },
    },
  ])
})

test("what a tenant holds already is adopted as it is: the first plan after it is empty, and nothing was written", async () => {
  const { fake, rig } = await connected()
  const { tenant } = fake
  const uri = `api://${tenant.id}/${rig.tag}`
  const role = {
    id: crypto.randomUUID(),
    value: "legacy:read",
    displayName: "Read",
    description: "Reads",
    isEnabled: true,
    allowedMemberTypes: ["Application"],
  }
  const api = newApp(tenant, { displayName: "Legacy", identifierUris: [uri], appRoles: [role] })
  const service = newApp(tenant, { displayName: `${rig.tag}-legacy` })
  const [apiPrincipal, principal] = [newPrincipal(api.appId), newPrincipal(service.appId)]
  for (const now of [api, service]) tenant.apps.set(now.id, { now, past: null })
  for (const now of [apiPrincipal, principal]) tenant.principals.set(now.id, { now, past: null })
  const id = crypto.randomUUID()
  tenant.assignments.set(id, {
    id,
    appRoleId: role.id,
    principalId: principal.id,
    principalType: "ServicePrincipal",
    resourceId: apiPrincipal.id,
    createdDateTime: "2026-11-01T00:00:00.000Z",
  })
  const found = await importProvider(ada, rig.providerId)
  expect(found.found.map(({ kind, key }) => [kind, key])).toEqual([
    ["audience", uri],
    ["client", `${rig.tag}-legacy`],
  ])
  await adoptImport(ada, found.id, [`${rig.tag}-legacy`, uri])
  expect(await createPlan(ada, { provider_ids: [rig.providerId] })).toMatchObject({ changes: [], kept: [] })
  expect(tenant.audits).toEqual([])
})
