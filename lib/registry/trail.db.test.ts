import { afterAll, beforeAll, describe, expect, test } from "vitest"
import { db } from "../db/client.ts"
import { testDatabase, type TestDatabase } from "../db/testing.ts"
import { deleteAudience, saveAudience } from "./audiences/commands.ts"
import { deleteClient, disableClient, saveClient } from "./clients/commands.ts"
import { ada, newAudience, newClient, newGrant } from "./commands.fixture.ts"
import { deleteGrant, saveGrant } from "./grants/commands.ts"
import { providerRow } from "./registry.fixture.ts"

let database: TestDatabase
let provider: string
beforeAll(async () => {
  database = await testDatabase()
  provider = await providerRow("local")
})
afterAll(() => database.drop())

describe("F26: when the trail refuses its entry", () => {
  test("no command leaves a change", async () => {
    const [client, bare, audience, bareAudience] = [
      await newClient({ provider_ids: [provider] }),
      await newClient({ provider_ids: [provider] }),
      await newAudience(),
      await newAudience(),
    ]
    const grant = await newGrant(client.id, audience.id)
    const tables = [
      "client",
      "client_provider",
      "audience",
      "audience_provider",
      "scope",
      "audience_grant",
      "grant_scope",
      "trail_entry",
      "trail_head",
    ]
    const picture = async () =>
      JSON.stringify(
        await Promise.all(
          tables.map((t) => db().$queryRawUnsafe(`select to_jsonb(t)::text as row from ${t} t order by 1`)),
        ),
      )
    await db().$executeRawUnsafe(
      `create function refuse() returns trigger language plpgsql as 'begin raise exception ''no room''; end'`,
    )
    await db().$executeRawUnsafe("create trigger refuse before insert on trail_entry execute function refuse()")
    const before = await picture()
    const commands: Record<string, () => Promise<unknown>> = {
      createClient: () => newClient(),
      saveClient: () => saveClient(ada, client.id, { owner: "changed", provider_ids: [] }, null),
      disableClient: () => disableClient(ada, client.id),
      deleteClient: () => deleteClient(ada, bare.id, null),
      createAudience: () => newAudience(),
      saveAudience: () =>
        saveAudience(
          ada,
          audience.id,
          { name: "changed", scopes: [...audience.scopes, { name: "x", description: "" }] },
          null,
        ),
      deleteAudience: () => deleteAudience(ada, bareAudience.id, null),
      createGrant: () => newGrant(bare.id, bareAudience.id),
      saveGrant: () => saveGrant(ada, grant.id, { scopes: ["a:write"] }, null),
      deleteGrant: () => deleteGrant(ada, grant.id, null),
    }
    for (const [name, run] of Object.entries(commands)) {
      await expect(run(), name).rejects.toThrow()
      expect(await picture(), name).toBe(before)
    }
    await db().$executeRawUnsafe("drop trigger refuse on trail_entry")
    await saveClient(ada, client.id, { owner: "changed" }, null)
    expect(await picture()).not.toBe(before)
  })
})
