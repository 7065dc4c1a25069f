/** The wizard on a real Keycloak, with the registry in a real Postgres. */
import { randomBytes } from "node:crypto"
import { afterAll, beforeAll, expect, test } from "vitest"
import { z } from "zod"
import { systemActor } from "../auth/system.ts"
import { useOutgoing } from "../base/http.ts"
import { testFetch } from "../connectors/keycloak/realm.fixture.ts"
import { serverUnderTest } from "../connectors/keycloak/server.fixture.ts"
import { db } from "../db/client.ts"
import { testDatabase, type TestDatabase } from "../db/testing.ts"
import { closeBoss } from "../queue/boss.ts"
import { useKey } from "../vault/key.ts"
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
