/** The wizard on a real Keycloak, with the registry in a real Postgres. */
import { randomBytes } from "node:crypto"
import { afterAll, beforeAll, expect, test } from "vitest"
import { z } from "zod"
import { systemActor } from "../auth/system.ts"
import { useOutgoing, type GuardedFetch } from "../base/http.ts"
import { testFetch } from "../connectors/keycloak/realm.fixture.ts"
import { serverUnderTest } from "../connectors/keycloak/server.fixture.ts"
import { db } from "../db/client.ts"
import { testDatabase, type TestDatabase } from "../db/testing.ts"
import { closeBoss } from "../queue/boss.ts"
import { useKey } from "../vault/key.ts"
import { createProvider } from "./commands.ts"
import { testProvider } from "./queries.ts"
import { keycloakSetupInput, setUpKeycloak } from "./set-up.ts"

let database: TestDatabase
beforeAll(async () => {
  database = await testDatabase()
  useKey(randomBytes(32))
  useOutgoing(testFetch)
})
afterAll(async () => {
  await removeRealm()
  await closeBoss()
  await database.drop()
})

const admin = systemActor("test")
const realm = `wizard-${randomBytes(4).toString("hex")}`

async function removeRealm(): Promise<void> {
  const { base_url: url, admin: boot } = serverUnderTest()
  const login = await testFetch(`${url}/realms/master/protocol/openid-connect/token`, {
    method: "POST",
    headers: { "content-type": "application/x-www-form-urlencoded" },
    body: new URLSearchParams({ grant_type: "client_credentials", ...boot }).toString(),
  })
  const { access_token: token } = z.object({ access_token: z.string() }).parse(JSON.parse(login.text))
  const headers = { authorization: `Bearer ${token}` }
  await testFetch(`${url}/admin/realms/${realm}`, { method: "DELETE", headers })
}

test("a realm is made and connected at once: every check passes, and no credential is answered or kept in the open", async () => {
  const { base_url, admin: boot } = serverUnderTest()
  const input = keycloakSetupInput.parse({
    name: realm,
    environment: "test",
    base_url,
    realm,
    create_realm: true,
    admin: { client_id: boot.client_id, client_secret: boot.client_secret },
  })
  const made = await setUpKeycloak(admin, input)
  expect(made.provider).toMatchObject({ kind: "keycloak", name: realm, sealed: ["client_secret"] })
  expect(made.done.join(" ")).toContain(`The realm ${realm} was made.`)
  expect(await testProvider(admin, made.provider.id)).toMatchObject({ ok: true })
  const [kept] = await db().$queryRaw<{ text: string }[]>`
    select (select string_agg(t::text, ' ') from trail_entry t) || (select string_agg(p::text, ' ') from provider p) as text`
  expect(kept?.text).toContain(boot.client_id)
  expect(kept?.text).not.toContain(boot.client_secret)
  expect(JSON.stringify(made)).not.toContain(boot.client_secret)
  await expect(setUpKeycloak(admin, { ...input, name: "again" })).rejects.toMatchObject({
    errors: [{ path: "client_id", code: "provider_conflict" }],
  })
}, 180_000)

test("what cannot be connected leaves no client behind, so the same input can be tried again", async () => {
  const { base_url, admin: boot } = serverUnderTest()
  const input = keycloakSetupInput.parse({
    name: `${realm} two`,
    environment: "test",
    base_url,
    realm,
    client_id: "grantry-two",
    admin: { client_id: boot.client_id, client_secret: boot.client_secret },
  })
  // Somebody takes the name while the realm is being made ready.
  const settings = { base_url, realm, client_id: "another", client_secret: "of no use" }
  const overtaken: GuardedFetch = async (url, init) => {
    if (init?.method === "POST" && url.includes("/role-mappings/"))
      await createProvider(admin, { kind: "keycloak", name: input.name, environment: "test", settings })
    return await testFetch(url, init)
  }
  await expect(setUpKeycloak(admin, input, overtaken)).rejects.toMatchObject({ code: "name_taken" })
  const [told] = await db().$queryRaw<{ after: unknown }[]>`
    select after from trail_entry where action = 'provider.set_up_failed' order by seq desc limit 1`
  expect(told?.after).toMatchObject({ step: "connect the realm", client_left_behind: null })
  const made = await setUpKeycloak(admin, { ...input, name: `${realm} three` })
  expect(made.done.join(" ")).toContain("The client grantry-two was made")
}, 180_000)
