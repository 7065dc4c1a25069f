import { afterAll, beforeAll, expect, test } from "vitest"
import { permissionsOfRole } from "../auth/permissions.ts"
import { systemActor } from "../auth/system.ts"
import { useOutgoing, type GuardedFetch } from "../base/http.ts"
import { db } from "../db/client.ts"
import { testDatabase, type TestDatabase } from "../db/testing.ts"
import { closeBoss } from "../queue/boss.ts"
import { useKey } from "../vault/key.ts"
import { createProvider } from "./commands.ts"
import { capabilities } from "./queries.ts"
import { keycloakSetupInput, setUpKeycloak } from "./set-up.ts"
import { trySettings } from "./try.ts"

let database: TestDatabase
beforeAll(async () => {
  useKey(Buffer.alloc(32, 3))
  useOutgoing(refusing().fetch)
  database = await testDatabase()
})
afterAll(async () => {
  await closeBoss()
  await database.drop()
})

const admin = systemActor("test")
const viewer = { ...admin, permissions: new Set(permissionsOfRole.viewer) }
const password = "the-administrators-own-password"
const realm = { base_url: "https://sso.example.com", realm: "m2m", client_id: "console", client_secret: "held-secret" }

/** A server that refuses every login, as Keycloak does, and keeps what it was sent. */
function refusing() {
  const sent: string[] = []
  const fetch: GuardedFetch = async (url, init) => {
    sent.push(`${url} ${decodeURIComponent(String(init?.body ?? ""))} ${JSON.stringify(init?.headers ?? {})}`)
    return {
      status: 401,
      headers: new Headers({ "content-type": "application/json" }),
      text: JSON.stringify({
        error: "invalid_client",
        error_description: "Invalid client or Invalid client credentials",
      }),
    }
  }
  return { fetch, sent }
}

test("settings are tried before they are saved: what fails is named, nothing is stored", async () => {
  const { fetch, sent } = refusing()
  const { ok, checks } = await trySettings(admin, { kind: "keycloak", settings: realm }, fetch)
  expect(ok).toBe(false)
  expect(checks.find(({ name }) => name === "login")).toMatchObject({ is: "fail" })
  expect(checks.find(({ name }) => name === "may_write")).toMatchObject({ is: "skip" })
  expect(sent.length).toBeGreaterThan(0)
  expect(await db().provider.count()).toBe(0)
})

test("who may not write providers tries nothing", async () => {
  const { fetch, sent } = refusing()
  await expect(trySettings(viewer, { kind: "keycloak", settings: realm }, fetch)).rejects.toMatchObject({ status: 403 })
  expect(sent).toEqual([])
})

test("unusable settings are refused beside their fields", async () => {
  const tried = trySettings(admin, { kind: "keycloak", settings: { ...realm, base_url: "sso", realm: "" } })
  await expect(tried).rejects.toMatchObject({
    status: 422,
    errors: [{ path: "settings.base_url" }, { path: "settings.realm" }],
  })
})

test("a held secret is used for its own address, and must be given again for another", async () => {
  const { id } = await createProvider(admin, { kind: "keycloak", name: "held", environment: "test", settings: realm })
  const { fetch, sent } = refusing()
  await trySettings(admin, { kind: "keycloak", settings: { realm: "other" }, provider_id: id }, fetch)
  expect(sent.join()).toContain("sso.example.com/realms/other")
  const elsewhere = trySettings(
    admin,
    { kind: "keycloak", settings: { base_url: "https://evil.example.com" }, provider_id: id },
    fetch,
  )
  await expect(elsewhere).rejects.toMatchObject({ errors: [{ path: "settings.client_secret", code: "needed_again" }] })
  expect(sent.join()).not.toContain("evil")
})

test("a provider's capabilities are its ports with what is known of its kind", async () => {
  const { id } = await db().provider.findFirstOrThrow({ where: { name: "held" } })
  const told = await capabilities(admin, id)
  expect(told).toMatchObject({ kind: "keycloak", title: "Keycloak" })
  expect(told.items.map(({ name }) => name)).toEqual(["write", "secrets", "introspection", "events", "changes"])
  expect(told.mapping.length).toBeGreaterThan(0)
})

const setup = keycloakSetupInput.parse({
  name: "new realm",
  base_url: "https://sso.example.com",
  realm: "m2m",
  admin: { username: "root", password },
})

test("a refused administrator stands beside its field; the trail has the try, and the password is nowhere", async () => {
  const { fetch, sent } = refusing()
  await expect(setUpKeycloak(admin, setup, fetch)).rejects.toMatchObject({ status: 422, errors: [{ path: "admin" }] })
  expect(sent.join()).toContain(password)
  const trail = await db().$queryRaw<{ action: string; entry: string }[]>`
    select action, t::text as entry from trail_entry t where action like 'provider.set_up%' order by seq`
  expect(trail.map(({ action }) => action)).toEqual(["provider.set_up", "provider.set_up_failed"])
  expect(trail[0]?.entry).toContain("root")
  expect(JSON.stringify(trail)).not.toContain(password)
  expect(await db().provider.count({ where: { name: "new realm" } })).toBe(0)
})

test("nothing is called for a name that is taken, or for who may not write providers", async () => {
  const { fetch, sent } = refusing()
  await expect(setUpKeycloak(admin, { ...setup, name: "held" }, fetch)).rejects.toMatchObject({ code: "name_taken" })
  await expect(setUpKeycloak(viewer, setup, fetch)).rejects.toMatchObject({ status: 403 })
  expect(sent).toEqual([])
})
