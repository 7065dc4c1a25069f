/** From the registry to providers that hold less than the local one: what is planned, what arrives, what is told. */
import { expect, test } from "vitest"
import { startGoAuthkitTwin, twinPermission } from "../connectors/fakes/go_authkit/idp.ts"
import { fakeInitialToken, startFakeOidc } from "../connectors/fakes/oidc/server.ts"
import { startOpeniddictTwin, twinBundleToken, twinIntrospector } from "../connectors/fakes/openiddict/server.ts"
import { db } from "../db/client.ts"
import { introspectToken } from "../inspect/introspect.ts"
import { exportDocument, loadDocument } from "../providers/document.ts"
import { probeProvider } from "../providers/probe.ts"
import { capabilities, getProvider, testProvider } from "../providers/queries.ts"
import { readProvider } from "./read.ts"
import {
  ada,
  addAudience,
  addClient,
  addGrant,
  applyAll,
  fill,
  planOf,
  refusal,
  rigOf,
  testServers,
  type Rig,
} from "./rig.fixture.ts"
import { clientOf, driftOf, secretsOf } from "./seen.fixture.ts"
import { realWorld } from "./world.ts"

const { stopAtEnd } = testServers()

async function connect(kind: string, settings: Record<string, unknown>): Promise<Rig> {
  const r = await rigOf(kind, settings, { ...realWorld(), sleep: async () => undefined })
  const { providerId } = r
  await probeProvider(providerId)
  expect(await getProvider(ada, providerId)).toMatchObject({ status: "healthy" })
  expect(await testProvider(ada, providerId)).toMatchObject({ ok: true })
  return r
}

test("dynamic registration: a client with its scopes is registered, its server-made secret is live, the next plan is empty, and drift is seen", async () => {
  const server = stopAtEnd(await startFakeOidc({ rotatesToken: true, drops: ["software_id"] }))
  const r = await connect("oidc", { issuer: server.url, initial_access_token: fakeInitialToken })
  await fill(r)
  const plan = await applyAll(r)
  expect(plan.status).toBe("applied")
  expect(plan.changes.find(({ kind }) => kind === "grant")?.projection).toMatchObject({ is: "widened" })
  const [held] = [...server.clients.values()]
  expect(held?.metadata).toMatchObject({ client_name: `${r.tag}-order`, scope: "read" })
  const [placed] = (await planOf(r)).changes
  expect(placed).toBeUndefined()
  const client = (await clientOf(r)).id
  expect((await secretsOf(client)).map(({ state }) => state)).toEqual(["live"])
  const { items } = await capabilities(ada, r.providerId)
  expect(items.find(({ name }) => name === "secrets")?.facts.at(-1)).toContain("keeps a client's secret")
  expect(items.find(({ name }) => name === "write")?.facts.at(-1)).toContain("our mark")
  if (held) held.metadata.client_name = "Somebody was here"
  await readProvider(r.providerId, r.world)
  expect((await driftOf(r)).map(({ fields }) => fields)).toEqual([
    [{ field: "display_name", applied: `${r.tag}-order`, found: "Somebody was here" }],
  ])
})

test("OpenIddict over its bundle API: clients, scopes with resources, a live secret; the next plan is empty", async () => {
  const twin = stopAtEnd(await startOpeniddictTwin({ tokens: "reference" }))
  const r = await connect("openiddict", {
    issuer: twin.url,
    client_id: twinIntrospector.id,
    client_secret: twinIntrospector.secret,
    bundle_url: `${twin.url}/grantry`,
    bundle_token: twinBundleToken,
  })
  await fill(r)
  const plan = await applyAll(r)
  expect(plan.status).toBe("applied")
  expect(plan.changes.find(({ kind }) => kind === "grant")?.projection).toMatchObject({ is: "exact" })
  expect(twin.state().applications.find(({ clientId }) => clientId === `${r.tag}-order`)?.permissions).toContain(
    "scp:read",
  )
  expect((await planOf(r)).changes).toEqual([])
  expect((await secretsOf((await clientOf(r)).id)).map(({ state }) => state)).toEqual(["live"])
})

test("OpenIddict by file: the bundle holds what was applied, and a file of the host is what the next plan is made against", async () => {
  const twin = stopAtEnd(await startOpeniddictTwin())
  const r = await connect("openiddict", {
    issuer: twin.url,
    client_id: twinIntrospector.id,
    client_secret: twinIntrospector.secret,
  })
  await addAudience(r, "pay")
  await addClient(r, "order")
  await addGrant(r, "order", "pay")
  expect((await applyAll(r)).status).toBe("applied")
  const { document } = await exportDocument(ada, r.providerId)
  expect(document).toMatchObject({
    applications: [{ clientId: `${r.tag}-order`, permissions: expect.arrayContaining(["scp:read"]) }],
  })
  expect((await planOf(r)).changes).toEqual([])
  const told = document as { applications: { displayNames: object; settings: object }[] }
  const [app] = told.applications
  const only = { ...ada, permissions: new Set(["providers:write" as const]) }
  await loadDocument(only, r.providerId, {
    ...told,
    applications: [{ ...app, displayName: "By hand", displayNames: { de: "Von Hand" } }],
  })
  await readProvider(r.providerId, r.world)
  expect((await driftOf(r)).map(({ fields }) => fields)).toEqual([
    [{ field: "display_name", applied: `${r.tag}-order`, found: "By hand" }],
  ])
  const imports = () => db().trailEntry.count({ where: { action: "provider.import", targetId: r.providerId } })
  expect(await imports()).toBe(1)
  await expect(loadDocument(ada, r.providerId, { format: "else" })).rejects.toMatchObject({ status: 422 })
  expect(await imports()).toBe(1)
})

test("go-authkit: nothing is planned and the reason is told; a token that says nothing is introspected", async () => {
  const twin = stopAtEnd(await startGoAuthkitTwin())
  const r = await connect("go_authkit", { base_url: twin.url, bearer_token: twinPermission })
  await fill(r)
  const plan = await planOf(r)
  expect(plan.changes).toEqual([])
  expect(new Set(plan.kept.map(({ why }) => why))).toEqual(
    new Set(["This provider can be verified and introspected, not managed."]),
  )
  const token = await twin.token("admin2")
  expect(await introspectToken(ada, { token, provider_id: r.providerId })).toMatchObject({
    active: true,
    claims: { sub: "admin2", scope: [{ rn: "my_service", role: "admin" }] },
  })
})

test("a kind that takes no file says so, by the name that a person knows", async () => {
  const { providerId } = await rigOf("go_authkit", { base_url: "https://auth.example" })
  const { status, code, message } = await refusal(exportDocument(ada, providerId))
  expect([status, code, message]).toEqual([409, "no_document", "go-authkit identity provider takes no file."])
})
