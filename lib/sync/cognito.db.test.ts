/** Cognito through the whole of Grantry: registry, plan, apply killed anywhere, rotation with overlap, drift with its author, adoption. */
import { CognitoIdentityProviderClient, UpdateUserPoolClientCommand } from "@aws-sdk/client-cognito-identity-provider"
import { decodeJwt } from "jose"
import { expect, test } from "vitest"
import { behind, foreignClient, testPool, type TestPool } from "../connectors/cognito/pool.fixture.ts"
import { db } from "../db/client.ts"
import { probeProvider } from "../providers/probe.ts"
import { getProvider, testProvider } from "../providers/queries.ts"
import { saveGrant } from "../registry/grants/commands.ts"
import { onRevealed, retireRotation } from "../rotation/commands.ts"
import { startRotation } from "../rotation/start.ts"
import { revealSecret } from "../secrets/commands.ts"
import { runApplies } from "./apply.ts"
import { createPlan } from "./create-plan.ts"
import { adoptImport, importProvider } from "./import.ts"
import { listDrift, loadPlan } from "./queries.ts"
import { readProvider } from "./read.ts"
import { killedAtEveryPass } from "./killed.fixture.ts"
import { ada, apiOf, applyAll, rigOf, started, testServers, type Rig } from "./rig.fixture.ts"
import { secretsOf } from "./seen.fixture.ts"

const { stopAtEnd } = testServers()

async function connected(): Promise<{ pool: TestPool; rig: Rig }> {
  const pool = await testPool()
  stopAtEnd(pool.fake)
  return { pool, rig: await rigOf("cognito", pool.fake.settings) }
}

/** What stands in the pool, without its ids and times: equal for equal histories. */
const held = ({ fake: { pool } }: TestPool) => ({
  clients: [...pool.clients.values()].map(({ settings: { ClientName, ...settings }, secrets }) => ({
    ...settings,
    name: ClientName.split(" ").slice(0, 2),
    secrets: secrets.length,
  })),
  servers: [...pool.servers.values()],
})

const tokenFor = (revealed: { token_endpoint: string; client_id: string; client_secret: string }, scope: string) =>
  fetch(revealed.token_endpoint, {
    method: "POST",
    body: new URLSearchParams({
      grant_type: "client_credentials",
      client_id: revealed.client_id,
      client_secret: revealed.client_secret,
      scope,
    }),
  })

test("from the registry to a pool: plan, a yes to what is widened, apply, a live secret, a token with the prefixed scope, an empty second plan", async () => {
  const { pool, rig } = await connected()
  const { fake } = pool
  const { providerId } = rig
  await probeProvider(providerId)
  const { secret_access_key: _secret, ...open } = fake.settings
  expect(await getProvider(ada, providerId)).toMatchObject({
    status: "healthy",
    issuer: `${fake.url}/${fake.pool.id}`,
    sealed: ["secret_access_key"],
    settings: open,
  })
  expect(await testProvider(ada, providerId)).toMatchObject({ ok: true })
  const { planId, client } = await started(rig)
  const plan = await loadPlan(db(), planId)
  expect(plan.changes.map(({ kind, needs_confirmation }) => [kind, needs_confirmation])).toEqual([
    ["audience", false],
    ["client", false],
    ["grant", true],
  ])
  await runApplies()
  expect((await loadPlan(db(), planId)).status).toBe("applied")
  const [secret] = await secretsOf(client.id)
  expect(secret).toMatchObject({ state: "live", provider_id: providerId })
  const revealed = await revealSecret(ada, client.id, secret?.id ?? "", async () => {})
  // The one that AWS made with the client is gone.
  expect(pool.client(client.name).secrets.map(({ value }) => value)).toEqual([revealed.client_secret])
  const scope = `${apiOf(rig, "pay")}/payments:write`
  const answer = await tokenFor(revealed, scope)
  expect(answer.status).toBe(200)
  const { access_token } = (await answer.json()) as { access_token: string }
  const claims = decodeJwt(access_token)
  expect(claims).toMatchObject({ scope, client_id: revealed.client_id, token_use: "access" })
  expect(claims).not.toHaveProperty("aud")
  expect(await createPlan(ada, { provider_ids: [providerId] })).toMatchObject({ changes: [], kept: [] })
})

test("an apply killed at any point and resumed leaves one of each in the pool, as if nothing had happened", async () => {
  const begin = async () => {
    const { pool, rig } = await connected()
    return { pool, rig, planId: (await started(rig)).planId }
  }
  const undisturbed = await killedAtEveryPass(begin, ({ pool }) => held(pool))
  expect(undisturbed).toMatchObject({ held: { clients: [{ secrets: 1 }], servers: [{}] } })
}, 240_000)

test("a rotation with overlap: both secrets fetch tokens until the old one is deleted", async () => {
  const { pool, rig } = await connected()
  const { client } = await started(rig)
  await runApplies()
  const [first] = await secretsOf(client.id)
  const old = await revealSecret(ada, client.id, first?.id ?? "", async () => {})
  const works = async (secret: typeof old) =>
    (await tokenFor(secret, `${apiOf(rig, "pay")}/payments:write`)).status === 200
  const ask = { provider_id: rig.providerId, grace_seconds: 0, confirm: false }
  const { id, newSecretId, state } = await startRotation(ada, client.id, ask)
  expect(state).toBe("verified")
  const next = await revealSecret(ada, client.id, newSecretId ?? "", onRevealed)
  expect([await works(old), await works(next)]).toEqual([true, true])
  expect(pool.client(client.name).secrets).toHaveLength(2)
  expect((await retireRotation(ada, id, { reason: "Cognito does not tell which secret is used" })).state).toBe("done")
  expect([await works(old), await works(next)]).toEqual([false, true])
  expect(pool.client(client.name).secrets.map(({ value }) => value)).toEqual([next.client_secret])
})

test("what somebody changed in the console is drift with its author", async () => {
  const { pool, rig } = await connected()
  const { client } = await started(rig)
  await runApplies()
  const { region, endpoint, user_pool_id: UserPoolId } = pool.fake.settings
  const mallory = new CognitoIdentityProviderClient({
    region,
    endpoint,
    credentials: pool.fake.user("mallory"),
    maxAttempts: 1,
  })
  const { id: ClientId, settings } = pool.client(client.name)
  // What a console would leave out is reset: the lifetime of its tokens among it.
  await mallory.send(
    new UpdateUserPoolClientCommand({
      UserPoolId,
      ClientId,
      AllowedOAuthFlows: ["client_credentials"],
      AllowedOAuthScopes: settings.AllowedOAuthScopes,
    }),
  )
  mallory.destroy()
  await readProvider(rig.providerId)
  const { items } = await listDrift(ada, rig.providerId, { all: false, limit: 9, after: null })
  expect(items).toMatchObject([
    {
      kind: "client",
      key: client.name,
      fields: expect.arrayContaining([expect.objectContaining({ field: "enabled", applied: true, found: false })]),
      actor: { id: "arn:aws:iam::123456789012:user/mallory", name: "mallory" },
    },
  ])
})

test("what a pool holds already is adopted as it is, and a later change of ours leaves every other setting alone", async () => {
  const { pool, rig } = await connected()
  const hand = behind(pool)
  const [identifier, name] = [apiOf(rig, "legacy"), `${rig.tag}-legacy`]
  const scopes = ["legacy:read", "legacy:write"].map((scope) => ({ name: scope, description: "" }))
  await hand.create({ kind: "audience", key: identifier, fields: { name: "Legacy", scopes } })
  const theirs = foreignClient(pool.fake.pool, name, { token_ttl_seconds: 1_800 }, [`${identifier}/legacy:read`])
  const extra = {
    RefreshTokenValidity: 7,
    ExplicitAuthFlows: ["ALLOW_REFRESH_TOKEN_AUTH"],
    NewerSetting: { Mode: "X" },
  }
  theirs.settings = { ...theirs.settings, ...extra }
  const found = await importProvider(ada, rig.providerId)
  expect(found.found.map(({ kind, key }) => `${kind} ${key}`).toSorted()).toEqual([
    `audience ${identifier}`,
    `client ${name}`,
  ])
  await adoptImport(ada, found.id, [name, identifier])
  const before = JSON.stringify([...pool.fake.pool.clients.values()])
  expect(await createPlan(ada, { provider_ids: [rig.providerId] })).toMatchObject({ changes: [], kept: [] })
  expect(JSON.stringify([...pool.fake.pool.clients.values()])).toBe(before)
  expect(pool.fake.pool.trail).toEqual([])
  const grant = await db().grant.findFirstOrThrow({ where: { client: { name } }, select: { id: true } })
  await saveGrant(ada, grant.id, { scopes: ["legacy:read", "legacy:write"] }, null)
  expect((await applyAll(rig)).status).toBe("applied")
  expect(theirs.settings).toMatchObject({
    ...extra,
    ClientName: name,
    AccessTokenValidity: 30,
    AllowedOAuthScopes: [`${identifier}/legacy:read`, `${identifier}/legacy:write`],
  })
})
