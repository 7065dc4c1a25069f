import { afterAll, beforeAll, expect, test } from "vitest"
import type { Actor } from "../auth/actor.ts"
import { permissionsOfRole, type Role } from "../auth/permissions.ts"
import { systemActor } from "../auth/system.ts"
import { Invalid, Refused } from "../base/errors.ts"
import { newId } from "../base/id.ts"
import { kinds } from "../connectors/kinds.ts"
import { db } from "../db/client.ts"
import { testDatabase, type TestDatabase } from "../db/testing.ts"
import { closeBoss } from "../queue/boss.ts"
import { useKey } from "../vault/key.ts"
import { createProvider, requestRead, updateProvider } from "./commands.ts"
import { getProvider, testProvider } from "./queries.ts"

let database: TestDatabase
beforeAll(async () => {
  useKey(Buffer.alloc(32, 3))
  database = await testDatabase()
})
afterAll(async () => {
  await closeBoss()
  await database.drop()
})

const admin = systemActor("test")
const secret = "a-secret-of-the-provider-that-must-stay-with-it"

test("a provider's secret never follows a changed address: it must be given again", async () => {
  const made = await createProvider(admin, {
    kind: "local",
    name: "idp",
    environment: "test",
    settings: { issuer: "http://127.0.0.1:4999", admin_token: secret },
  })
  const before = await db().provider.findUniqueOrThrow({ where: { id: made.id } })
  const moved = updateProvider(admin, made.id, { settings: { issuer: "https://elsewhere.example" } }, null)
  await expect(moved).rejects.toBeInstanceOf(Invalid)
  await expect(moved).rejects.toMatchObject({
    status: 422,
    errors: [{ path: "settings.admin_token", code: "needed_again" }],
  })
  expect(await db().provider.findUniqueOrThrow({ where: { id: made.id } })).toEqual(before)
  const both = await updateProvider(
    admin,
    made.id,
    { settings: { issuer: "https://elsewhere.example", admin_token: `${secret}-too` } },
    null,
  )
  expect(both.issuer).toBe("https://elsewhere.example")
  expect((await updateProvider(admin, made.id, { environment: "production" }, null)).environment).toBe("production")
  expect(JSON.stringify(both)).not.toContain(secret)
})

test("who may only look sees a provider and its state, and has nobody call it; who plans may", async () => {
  const as = (role: Role): Actor => ({ ...admin, permissions: new Set(permissionsOfRole[role]) })
  const { id } = await createProvider(admin, {
    kind: "local",
    name: "looked-at",
    environment: "test",
    settings: { issuer: "http://127.0.0.1:4998", admin_token: secret },
  })
  const calls: string[] = []
  const open = async (providerId: string): Promise<never> => {
    calls.push(providerId)
    throw new Refused("called", "The provider was called.")
  }
  const before = await db().provider.findUniqueOrThrow({ where: { id } })
  expect((await getProvider(as("viewer"), id)).status).toBe("unknown")
  await expect(testProvider(as("viewer"), id, open)).rejects.toMatchObject({ status: 403 })
  await expect(requestRead(as("viewer"), id)).rejects.toMatchObject({ status: 403 })
  expect([calls, await db().provider.findUniqueOrThrow({ where: { id } })]).toEqual([[], before])
  await expect(testProvider(as("operator"), id, open)).rejects.toMatchObject({ code: "called" })
  await requestRead(as("operator"), id)
  expect(calls).toEqual([id])
})

test("a new secret keeps the endpoints that a probe has found; a move elsewhere does not, and says what stays behind", async () => {
  const { id } = await createProvider(admin, {
    kind: "local",
    name: "moving",
    environment: "test",
    settings: { issuer: "http://127.0.0.1:4997", admin_token: secret },
  })
  const found = { tokenEndpoint: "http://127.0.0.1:4997/found", retryAt: new Date(Date.now() + 60_000) }
  await db().provider.update({ where: { id }, data: found })
  const applied = { name: "A" }
  await db().placement.create({
    data: {
      id: newId(),
      providerId: id,
      kind: "audience",
      key: "a",
      remoteId: "r",
      origin: "created",
      applied,
      appliedAt: new Date(),
    },
  })
  const secretOnly = await updateProvider(admin, id, { settings: { admin_token: `${secret}-2` } }, null)
  expect([secretOnly.token_endpoint, secretOnly.retry_at, secretOnly.left_behind]).toEqual([
    found.tokenEndpoint,
    null,
    undefined,
  ])
  const settings = { issuer: "https://elsewhere.example", admin_token: secret }
  const moved = await updateProvider(admin, id, { settings }, null)
  expect(moved).toMatchObject({
    token_endpoint: "https://elsewhere.example/token",
    left_behind: { counts: { audience: 1, client: 0, grant: 0 }, objects: [{ kind: "audience", key: "a" }] },
  })
  expect(moved.left_behind?.sentence).toContain("http://127.0.0.1:4997")
})

test("every kind of the contract can be connected, a wrong setting is named by its path, another word is no kind", async () => {
  const connect = (kind: string, settings: object) =>
    createProvider(admin, { kind, name: `kind-${kind}`, environment: "test", settings: { ...settings } })
  const samples: Record<string, object> = {
    keycloak: { base_url: "https://kc.example", realm: "r", client_id: "c", client_secret: secret },
    auth0: { base_url: "https://t.auth0.example", client_id: "c", client_secret: secret },
    okta: { base_url: "https://o.example", client_id: "c", api_token: secret },
    oidc: { issuer: "https://i.example", initial_access_token: secret },
  }
  for (const [kind, settings] of Object.entries(samples)) {
    if (!kinds.some((known) => known.kind === kind)) throw new Error(`${kind} is no kind any more`)
    const made = await connect(kind, settings)
    expect(made.kind, kind).toBe(kind)
    expect(JSON.stringify(made), kind).not.toContain(secret)
    const wrong = connect(kind, { ...settings, [Object.keys(settings)[0] ?? ""]: 7, stray: "x" })
    await expect(wrong, kind).rejects.toMatchObject({ status: 422 })
    const { errors } = (await wrong.catch((error: unknown) => error)) as { errors: { path: string }[] }
    expect(errors.length, kind).toBeGreaterThan(0)
    for (const { path } of errors) expect(path, kind).toMatch(/^settings(\.|$)/)
  }
  await expect(connect("acme", {})).rejects.toMatchObject({ errors: [{ path: "kind", code: "kind_not_available" }] })
})
