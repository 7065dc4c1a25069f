import { afterAll, beforeAll, expect, test } from "vitest"
import { systemActor } from "../auth/system.ts"
import { Invalid } from "../base/errors.ts"
import { db } from "../db/client.ts"
import { testDatabase, type TestDatabase } from "../db/testing.ts"
import { useKey } from "../vault/key.ts"
import { createProvider, updateProvider } from "./commands.ts"

let database: TestDatabase
beforeAll(async () => {
  useKey(Buffer.alloc(32, 3))
  database = await testDatabase()
})
afterAll(() => database.drop())

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
