/** What a reveal says beside the value: where the client asks for its tokens. */
import { randomBytes } from "node:crypto"
import { afterAll, beforeAll, expect, test } from "vitest"
import { ConnectorError } from "../connectors/connector-error.ts"
import type { Connector } from "../connectors/port.ts"
import { db } from "../db/client.ts"
import { testDatabase, type TestDatabase } from "../db/testing.ts"
import { closeBoss } from "../queue/boss.ts"
import { ada, addClient, apiOf, applyAll, fill, rig, type SimRig } from "../sync/rig.fixture.ts"
import { useKey } from "../vault/key.ts"
import { revealSecret } from "./commands.ts"
import { listSecrets } from "./queries.ts"

let database: TestDatabase
beforeAll(async () => {
  database = await testDatabase()
  useKey(randomBytes(32))
})
afterAll(async () => {
  await closeBoss()
  await database.drop()
})

async function revealed(r: SimRig, clientId: string, tokenRequest: Connector["tokenRequest"]) {
  const { items } = await listSecrets(ada, clientId, { all: false, limit: 1, after: null })
  const open = async () => ({ ...r.sim.connector(), tokenRequest })
  const { token_endpoint, issuer } = await revealSecret(ada, clientId, items[0]?.id ?? "", async () => {}, open)
  return { token_endpoint, issuer }
}

const perAudience: Connector["tokenRequest"] = async (audience) => ({
  issuer: `${audience}/as`,
  tokenEndpoint: `${audience}/as/token`,
  parameters: {},
})

async function withGrant(): Promise<{
  r: SimRig
  clientId: string
  provider: { token_endpoint: string; issuer: string }
}> {
  const r = await rig()
  await fill(r)
  const plan = await applyAll(r)
  expect(plan.status).toBe("applied")
  const { id: clientId } = await db().client.findUniqueOrThrow({ where: { name: `${r.tag}-order` } })
  return { r, clientId, provider: { token_endpoint: `${r.sim.issuer}/token`, issuer: r.sim.issuer } }
}

test("where each audience has an issuer of its own, a reveal answers that of the client's grant", async () => {
  const { r, clientId } = await withGrant()
  const as = `${apiOf(r, "pay")}/as`
  expect(await revealed(r, clientId, perAudience)).toEqual({ token_endpoint: `${as}/token`, issuer: as })
})

test("a provider that cannot say it just now does not stand between a person and the secret", async () => {
  const { r, clientId, provider } = await withGrant()
  const down = () => Promise.reject(new ConnectorError("unavailable", "token request", "down"))
  expect(await revealed(r, clientId, down)).toEqual(provider)
})

test("without a grant there is no audience to ask for: the provider's own address is answered", async () => {
  const r = await rig()
  const { id } = await addClient(r, "order")
  await applyAll(r)
  expect(await revealed(r, id, perAudience)).toEqual({ token_endpoint: `${r.sim.issuer}/token`, issuer: r.sim.issuer })
})
