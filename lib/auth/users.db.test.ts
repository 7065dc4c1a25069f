import { afterAll, beforeAll, expect, test } from "vitest"
import { newId } from "../base/id.ts"
import { db } from "../db/client.ts"
import { testDatabase, type TestDatabase } from "../db/testing.ts"
import type { Actor } from "./actor.ts"
import { ensureApiToken } from "./api-tokens.ts"
import { allPermissions } from "./permissions.ts"
import { systemActor } from "./system.ts"
import { useKey } from "../vault/key.ts"
import { updateUser } from "./users.ts"

let database: TestDatabase
beforeAll(async () => {
  useKey(Buffer.alloc(32, 7))
  database = await testDatabase()
})
afterAll(() => database.drop())

async function admin(name: string): Promise<Actor> {
  const id = newId()
  await db().user.create({ data: { id, email: `${name}@example.com`, name, role: "admin", passwordHash: "none" } })
  return {
    kind: "user",
    id,
    name,
    permissions: new Set(allPermissions),
    sourceId: null,
    authenticatedAt: new Date(),
    requestId: null,
  }
}

test("of two administrators who lower each other at the same time, one stays", async () => {
  const [ada, bob] = [await admin("ada"), await admin("bob")]
  for (let round = 0; round < 10; round++) {
    await db().user.updateMany({ data: { role: "admin" } })
    const ends = await Promise.allSettled([
      updateUser(ada, bob.id, { role: "viewer" }, null),
      updateUser(bob, ada.id, { role: "viewer" }, null),
    ])
    expect(ends.map(({ status }) => status).sort()).toEqual(["fulfilled", "rejected"])
    expect(await db().user.count({ where: { role: "admin" } })).toBe(1)
  }
})

test("a token that Grantry gives itself leaves a trace when its permissions change, and when it takes another's place", async () => {
  const actor = systemActor("test")
  const actions = async () =>
    (await db().trailEntry.findMany({ where: { targetKind: "api_token" }, orderBy: { seq: "asc" } })).map(
      ({ action }) => action,
    )
  await ensureApiToken(actor, "gty_one", "fleet", ["events:write"], null)
  await ensureApiToken(actor, "gty_one", "fleet", ["events:write"], null)
  expect(await actions()).toEqual(["api_token.create"])
  await ensureApiToken(actor, "gty_one", "fleet", ["events:write", "events:read"], null)
  await ensureApiToken(actor, "gty_two", "fleet", ["events:write"], null)
  expect((await actions()).slice(1)).toEqual(["api_token.update", "api_token.revoke", "api_token.create"])
})
