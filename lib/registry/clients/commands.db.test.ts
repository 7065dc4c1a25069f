import { afterAll, beforeAll, describe, expect, test } from "vitest"
import { newId } from "../../base/id.ts"
import { db } from "../../db/client.ts"
import { testDatabase, type TestDatabase } from "../../db/testing.ts"
import { ada, fieldsOf, newAudience, newClient, newGrant, refusal } from "../commands.fixture.ts"
import { deleteGrant } from "../grants/commands.ts"
import { person, providerRow, trailOf } from "../registry.fixture.ts"
import { deleteClient, disableClient, saveClient } from "./commands.ts"

let database: TestDatabase
let provider: string
beforeAll(async () => {
  database = await testDatabase()
  provider = await providerRow("local")
})
afterAll(() => database.drop())

describe("clients", () => {
  test("a client is registered with its trail entry and answered whole", async () => {
    const client = await newClient({ tags: ["a", "a", "b"], provider_ids: [provider] })
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
