import { afterAll, beforeAll, describe, expect, test } from "vitest"
import { Invalid, Refused } from "../base/errors.ts"
import { newId } from "../base/id.ts"
import { parseInput } from "../base/parse.ts"
import { db } from "../db/client.ts"
import { testDatabase, type TestDatabase } from "../db/testing.ts"
import { createAudience, deleteAudience, saveAudience } from "./audiences/commands.ts"
import { createClient, deleteClient, disableClient, saveClient } from "./clients/commands.ts"
import { createGrant, deleteGrant, saveGrant } from "./grants/commands.ts"
import { person, providerRow, trailOf } from "./registry.fixture.ts"
import { audienceInput, clientInput, grantInput } from "./schema.ts"

let database: TestDatabase
let provider: string
const ada = person("operator")

beforeAll(async () => {
  database = await testDatabase()
  provider = await providerRow("local")
})
afterAll(() => database.drop())

let serial = 0
const newClient = (more: Record<string, unknown> = {}) =>
  createClient(
    ada,
    parseInput(clientInput, {
      name: `client-${++serial}`,
      display_name: "A client",
      owner: "team-a",
      auth_method: "client_secret_basic",
      provider_ids: [provider],
      ...more,
    }),
  )
const newAudience = (more: Record<string, unknown> = {}) =>
  createAudience(
    ada,
    parseInput(audienceInput, {
      identifier: `https://api-${++serial}.example`,
      name: "An API",
      token_ttl_seconds: 300,
      token_format: "jwt",
      signing_alg: "RS256",
      scopes: [{ name: "a:read" }, { name: "a:write", description: "Write" }],
      ...more,
    }),
  )
const newGrant = (client: string, audience: string, more: Record<string, unknown> = {}) =>
  createGrant(
    ada,
    parseInput(grantInput, { client, audience, scopes: ["a:read"], reason: "orders are charged", ...more }),
  )

const refusal = async (run: Promise<unknown>): Promise<Refused> => {
  const error = await run.then(
    () => null,
    (e: unknown) => e,
  )
  if (!(error instanceof Refused)) throw new Error(`expected a refusal, got ${String(error)}`)
  return error
}
const fieldsOf = (error: Refused) => (error instanceof Invalid ? error.errors.map((e) => `${e.path} ${e.code}`) : [])

describe("clients", () => {
  test("a client is registered with its trail entry and answered whole", async () => {
    const client = await newClient({ tags: ["a", "a", "b"] })
    expect(client).toMatchObject({
      display_name: "A client",
      enabled: true,
      jwks: null,
      provider_ids: [provider],
      tags: ["a", "b"],
      version: 1,
    })
    expect(await trailOf(client.id)).toEqual(["client.create"])
  })

  test("a second client of the same name is refused, also when both come at once", async () => {
    const outcomes = await Promise.allSettled(Array.from({ length: 6 }, () => newClient({ name: "twin" })))
    expect(outcomes.filter((o) => o.status === "fulfilled")).toHaveLength(1)
    for (const outcome of outcomes)
      if (outcome.status === "rejected") expect(outcome.reason).toMatchObject({ code: "client_exists", status: 409 })
  })

  test("an unknown provider is named by its place in the list", async () => {
    const error = await refusal(newClient({ provider_ids: [provider, newId()] }))
    expect([error.status, fieldsOf(error)]).toEqual([422, ["provider_ids.1 unknown_provider"]])
  })

  test("of two editors the second is told, and nothing of theirs is written", async () => {
    const client = await newClient()
    const first = await saveClient(ada, client.id, { owner: "team-b" }, client.version)
    const error = await refusal(saveClient(ada, client.id, { owner: "team-c" }, client.version))
    expect([error.status, error.code, error.evidence]).toEqual([412, "stale", { current: '"2"' }])
    expect(await db().client.findUniqueOrThrow({ where: { id: client.id } })).toMatchObject({
      owner: "team-b",
      version: first.version,
    })
  })

  test("of ten edits of one version at once exactly one is written", async () => {
    const client = await newClient()
    const outcomes = await Promise.allSettled(
      Array.from({ length: 10 }, (_, i) => saveClient(ada, client.id, { owner: `team-${i}` }, 1)),
    )
    expect(outcomes.filter((o) => o.status === "fulfilled")).toHaveLength(1)
    expect(await trailOf(client.id)).toEqual(["client.create", "client.update"])
  })

  test("a name is permanent; the same name is no change, and no change leaves no trace", async () => {
    const client = await newClient()
    expect((await refusal(saveClient(ada, client.id, { name: "other" }, null))).code).toBe("name_is_permanent")
    expect((await saveClient(ada, client.id, { name: client.name, owner: client.owner }, null)).version).toBe(1)
    expect(await trailOf(client.id)).toEqual(["client.create"])
  })

  test("disabling and enabling are acts of their own in the trail", async () => {
    const client = await newClient()
    expect((await disableClient(ada, client.id)).enabled).toBe(false)
    await disableClient(ada, client.id)
    await saveClient(ada, client.id, { enabled: true, owner: "team-z" }, null)
    expect(await trailOf(client.id)).toEqual(["client.create", "client.disable", "client.update", "client.enable"])
  })

  test("a client with a grant is not deleted, and the refusal lists the grant", async () => {
    const [client, audience] = [await newClient(), await newAudience()]
    const grant = await newGrant(client.name, audience.identifier)
    const error = await refusal(deleteClient(ada, client.id, null))
    expect([error.status, error.code, error.evidence]).toEqual([
      409,
      "client_has_grants",
      { grants: [{ id: grant.id, audience: audience.identifier }] },
    ])
    await deleteGrant(ada, grant.id, grant.version)
    await deleteClient(ada, client.id, client.version)
    expect(await trailOf(client.id)).toEqual(["client.create", "client.delete"])
    expect((await refusal(deleteClient(ada, client.id, null))).status).toBe(404)
  })

  test("a viewer changes nothing", async () => {
    const client = await newClient()
    const eve = person("viewer")
    const error = await refusal(saveClient(eve, client.id, { owner: "x" }, null))
    expect([error.status, error.code, error.evidence]).toEqual([403, "forbidden", { permission: "registry:write" }])
  })
})

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

describe("F26: when the trail refuses its entry", () => {
  test("no command leaves a change", async () => {
    const [client, bare, audience, bareAudience] = [
      await newClient(),
      await newClient(),
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
