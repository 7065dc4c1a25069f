import { afterAll, beforeAll, expect, test } from "vitest"
import type { Actor } from "../auth/actor.ts"
import { permissionsOfRole, type Role } from "../auth/permissions.ts"
import { systemActor } from "../auth/system.ts"
import { Invalid, Refused } from "../base/errors.ts"
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
