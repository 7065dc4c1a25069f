import { afterAll, beforeAll, describe, expect, test } from "vitest"
import { db } from "../../db/client.ts"
import { testDatabase, type TestDatabase } from "../../db/testing.ts"
import { saveAudience } from "../audiences/commands.ts"
import { ada, fieldsOf, newAudience, newClient, newGrant, refusal } from "../commands.fixture.ts"
import { saveGrant } from "./commands.ts"

let database: TestDatabase
beforeAll(async () => {
  database = await testDatabase()
})
afterAll(() => database.drop())

describe("grants", () => {
  test("a grant takes its client by name or id and its audience by identifier or id, once", async () => {
    const [client, audience] = [await newClient(), await newAudience()]
    const grant = await newGrant(client.name, audience.identifier, { scopes: ["a:write", "a:read", "a:read"] })
    expect(grant).toMatchObject({
      client: client.name,
      client_id: client.id,
      audience: audience.identifier,
      scopes: ["a:read", "a:write"],
      state: "active",
      expires_at: null,
    })
    const error = await refusal(newGrant(client.id, audience.id))
    expect([error.status, error.code]).toEqual([409, "grant_exists"])
  })

  test("what does not exist, and an end in the past, are named by field", async () => {
    const [client, audience] = [await newClient(), await newAudience()]
    expect(fieldsOf(await refusal(newGrant("nobody", audience.id)))).toEqual(["client unknown_client"])
    expect(fieldsOf(await refusal(newGrant(client.id, "https://nothing.example")))).toEqual([
      "audience unknown_audience",
    ])
    expect(fieldsOf(await refusal(newGrant(client.id, audience.id, { scopes: ["a:read", "b:x"] })))).toEqual([
      "scopes.1 unknown_scope",
    ])
    expect(fieldsOf(await refusal(newGrant(client.id, audience.id, { expires_at: "2020-01-01T00:00:00Z" })))).toEqual([
      "expires_at in_the_past",
    ])
  })

  test("an ended grant may still get a better reason, a new end or none, but no other past end", async () => {
    const [client, audience] = [await newClient(), await newAudience()]
    const grant = await newGrant(client.id, audience.id, { expires_at: "2099-01-01T00:00:00Z" })
    const later = new Date("2100-01-01T00:00:00Z")
    const told = await saveGrant(
      ada,
      grant.id,
      { reason: "found out why", expires_at: "2099-01-01T01:00:00+01:00" },
      grant.version,
      later,
    )
    expect([told.state, told.reason]).toEqual(["expired", "found out why"])
    expect(
      fieldsOf(await refusal(saveGrant(ada, grant.id, { expires_at: "2099-06-01T00:00:00Z" }, null, later))),
    ).toEqual(["expires_at in_the_past"])
    expect((await saveGrant(ada, grant.id, { expires_at: null }, null, later)).state).toBe("active")
    expect((await refusal(saveGrant(ada, grant.id, { client: "someone-else" }, null))).code).toBe("ends_are_permanent")
  })

  test("a scope taken away while it is being granted never leaves a grant without it", async () => {
    for (let round = 0; round < 8; round++) {
      const [client, audience] = [await newClient(), await newAudience()]
      await Promise.allSettled([
        newGrant(client.id, audience.id, { scopes: ["a:write"] }),
        saveAudience(ada, audience.id, { scopes: [{ name: "a:read", description: "" }] }, null),
      ])
      const grants = await db().grant.findMany({ where: { audienceId: audience.id }, include: { scopes: true } })
      for (const grant of grants) expect(grant.scopes).toHaveLength(1)
      const left = await db().scope.count({ where: { audienceId: audience.id, name: "a:write" } })
      expect(left).toBe(grants.length)
    }
  })
})
