import { afterAll, beforeAll, describe, expect, test } from "vitest"
import { db } from "../../db/client.ts"
import { testDatabase, type TestDatabase } from "../../db/testing.ts"
import { ada, newAudience, newClient, newGrant, refusal } from "../commands.fixture.ts"
import { deleteAudience, saveAudience } from "./commands.ts"

let database: TestDatabase
beforeAll(async () => {
  database = await testDatabase()
})
afterAll(() => database.drop())

describe("audiences", () => {
  test("a scope that is granted stays; one that is not may go, and the grants of the others survive", async () => {
    const [client, audience] = [await newClient(), await newAudience()]
    const grant = await newGrant(client.id, audience.id, { scopes: ["a:write"] })
    const error = await refusal(saveAudience(ada, audience.id, { scopes: [{ name: "a:read", description: "" }] }, null))
    expect([error.status, error.code, error.evidence]).toEqual([
      409,
      "scope_is_granted",
      { grants: [{ id: grant.id, client: client.name, scope: "a:write" }] },
    ])
    const after = await saveAudience(
      ada,
      audience.id,
      {
        scopes: [
          { name: "a:write", description: "Now told" },
          { name: "a:new", description: "" },
        ],
      },
      audience.version,
    )
    expect(after.scopes).toEqual([
      { name: "a:new", description: "" },
      { name: "a:write", description: "Now told" },
    ])
    expect(await db().grantScope.count({ where: { grantId: grant.id } })).toBe(1)
  })

  test("identifier and legacy are permanent, duplicates and deletes of granted ones are refused", async () => {
    const [client, audience] = [await newClient(), await newAudience()]
    await newGrant(client.id, audience.id)
    expect((await refusal(saveAudience(ada, audience.id, { identifier: "https://else.example" }, null))).code).toBe(
      "identifier_is_permanent",
    )
    expect((await refusal(newAudience({ identifier: audience.identifier }))).code).toBe("audience_exists")
    expect((await refusal(deleteAudience(ada, audience.id, null))).code).toBe("audience_has_grants")
    expect((await refusal(deleteAudience(ada, audience.id, 7))).status).toBe(412)
  })
})
