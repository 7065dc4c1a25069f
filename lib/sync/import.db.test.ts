/** What stands at a provider already, taken into the registry as it is. */
import { describe, expect, test } from "vitest"
import { db } from "../db/client.ts"
import { getClient } from "../registry/clients/queries.ts"
import { adoptImport, importProvider } from "./import.ts"
import { ada, addClient, apiOf, fill, planOf, refusal, rig, testServers } from "./rig.fixture.ts"

testServers()

describe("import", () => {
  test("what exists is adopted as it is, and the first plan after it is empty", async () => {
    const r = await rig()
    const [name, api] = [`${r.tag}-legacy`, apiOf(r, "old")]
    r.sim.meddle("audience", api, {
      name: "",
      scopes: [{ name: "b", description: "" }, { name: "a" }],
      token_ttl_seconds: 30,
      token_format: "opaque",
      signing_alg: "ES256",
    })
    r.sim.meddle("client", name, {
      display_name: "Legacy",
      owner: "",
      auth_method: "client_secret_post",
      jwks: null,
      enabled: true,
    })
    r.sim.meddle("grant", `${name} ${api}`, { scopes: ["b", "a"] })
    const before = structuredClone([...r.sim.objects.values()])
    const found = await importProvider(ada, r.providerId, r.world)
    expect(found.found).toEqual(
      expect.arrayContaining([
        {
          kind: "client",
          key: name,
          remote_id: expect.any(String),
          grants: [{ client: name, audience: api, scopes: ["b", "a"] }],
        },
      ]),
    )
    expect((await refusal(adoptImport(ada, found.id, ["no-such"]))).status).toBe(422)
    expect((await adoptImport(ada, found.id, [name])).newly_adopted).toEqual([
      `audience ${api}`,
      `client ${name}`,
      `grant ${name} ${api}`,
    ])
    expect((await adoptImport(ada, found.id, [name])).newly_adopted).toEqual([])
    expect(await planOf(r)).toMatchObject({ changes: [], kept: [] })
    expect([...r.sim.objects.values()]).toEqual(before)
    await db().grant.deleteMany({ where: { client: { name } } })
    await db().client.delete({ where: { name } })
    expect((await planOf(r)).kept).toMatchObject([{ code: "adopted" }, { code: "adopted" }])
  })

  test("an audience that stands there unmanaged is found though the registry grants one of its name", async () => {
    const r = await rig()
    await fill(r)
    const api = apiOf(r, "pay")
    r.sim.meddle("audience", api, {
      name: "pay",
      scopes: ["read", "write"].map((name) => ({ name, description: "" })),
      token_ttl_seconds: 900,
      token_format: "jwt",
      signing_alg: "RS256",
    })
    expect((await planOf(r)).kept).toContainEqual(expect.objectContaining({ key: api, code: "not_ours" }))
    const { id, found } = await importProvider(ada, r.providerId, r.world)
    expect(found.map(({ kind, key }) => [kind, key])).toEqual([["audience", api]])
    const after = await adoptImport(ada, id, [api])
    expect([after.newly_adopted, after.found]).toEqual([[`audience ${api}`], []])
    expect((await planOf(r)).changes.map(({ verb, kind }) => `${verb} ${kind}`)).toEqual([
      "create client",
      "create grant",
    ])
  })

  test("what the registry knows already gets the provider as a change of its own: a new version and a trail entry", async () => {
    const r = await rig()
    const other = await rig()
    const client = await addClient(other, "shared")
    r.sim.meddle("client", client.name, {
      display_name: "",
      owner: "",
      auth_method: "client_secret_post",
      jwks: null,
      enabled: true,
    })
    const found = await importProvider(ada, r.providerId, r.world)
    await adoptImport(ada, found.id, [client.name])
    const after = await getClient(ada, client.id)
    expect([after.version, ...after.provider_ids]).toEqual([2, ...[other.providerId, r.providerId].sort()])
    expect(await db().trailEntry.count({ where: { action: "client.update", targetId: client.id } })).toBe(1)
  })
})
