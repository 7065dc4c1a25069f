import { afterAll, beforeAll, describe, expect, test } from "vitest"
import { newId } from "../base/id.ts"
import { db } from "../db/client.ts"
import { withTx } from "../db/tx.ts"
import { testDatabase, type TestDatabase } from "../db/testing.ts"
import { listAudiences } from "./audiences/queries.ts"
import { insertAudiences } from "./audiences/store.ts"
import { getClientDetail, listClients, listStatement, type ClientFilter } from "./clients/queries.ts"
import { insertClients } from "./clients/store.ts"
import { desiredState } from "./desired/store.ts"
import { clientNames, grantedClients } from "./grants/matrix.ts"
import { listGrants } from "./grants/queries.ts"
import { insertGrants } from "./grants/store.ts"
import { registryFacts } from "./overview.ts"
import { person, providerRow } from "./registry.fixture.ts"

let database: TestDatabase
let local: string
let other: string
const ada = person("operator")
const clientsMade = 10_000

beforeAll(async () => {
  database = await testDatabase()
  local = await providerRow("local")
  other = await providerRow("other")
  const number = (i: number) => String(i).padStart(5, "0")
  const plain = { description: "", auth_method: "client_secret_basic" as const, jwks: null }
  const clients = Array.from({ length: clientsMade }, (_, i) => ({
    ...plain,
    id: newId(),
    name: `service-${number(i)}`,
    display_name: `Service ${i}`,
    owner: `team-${i % 40}`,
    provider_ids: [i % 10 === 0 ? other : local],
    tags: [`t${i % 7}`],
    enabled: i % 100 !== 0,
  }))
  const scopes = [
    { name: "write", description: "" },
    { name: "read", description: "" },
  ]
  const audiences = Array.from({ length: 50 }, (_, a) => ({
    id: newId(),
    identifier: `https://api-${a}.example`,
    name: `API ${a}`,
    legacy: false,
    token_ttl_seconds: 300,
    token_format: "jwt",
    signing_alg: "RS256",
    scopes,
    tags: [],
    provider_ids: a === 49 ? [other] : [],
  }))
  await withTx(async (tx) => {
    await insertClients(tx, clients)
    await insertAudiences(tx, audiences)
    const read = new Map((await tx.scope.findMany({ where: { name: "read" } })).map((s) => [s.audienceId, s.id]))
    await insertGrants(
      tx,
      clients.slice(0, 3_000).map((c, i) => {
        const audienceId = audiences[i % 49]?.id ?? ""
        return {
          id: newId(),
          clientId: c.id,
          audienceId,
          scopeIds: [read.get(audienceId) ?? ""],
          reason: "load",
          expiresAt: i === 1 ? new Date("2098-01-01T00:00:00Z") : null,
          createdBy: "test",
        }
      }),
    )
  })
  await db().$executeRawUnsafe("analyze")
}, 120_000)
afterAll(() => database.drop())

const timed = async <T>(run: () => Promise<T>): Promise<{ ms: number; result: T }> => {
  const from = performance.now()
  const result = await run()
  return { ms: performance.now() - from, result }
}

describe("the list of 10,000 clients", () => {
  const sorts = ["name", "-name", "owner", "-owner", "created_at", "-updated_at"] as const
  test.each(sorts)("sorted by %s, its pages hold each client once, in order", async (sort) => {
    const seen: string[] = []
    let after: ClientFilter["after"]
    for (;;) {
      const page = await listClients(ada, { sort, limit: 1_000, after })
      seen.push(...page.items.map((c) => c.id))
      if (!page.next) break
      after = page.next
    }
    expect([seen.length, new Set(seen).size]).toEqual([clientsMade, clientsMade])
  })

  test("filters: words in any order, owner, provider by name and id, state, tag, audience", async () => {
    const names = async (filter: Partial<ClientFilter>) =>
      (await listClients(ada, { limit: 1_000, ...filter })).items.map((c) => c.name)
    expect(await names({ q: "04217" })).toEqual(["service-04217"])
    expect(await names({ q: "TEAM-17 0421" })).toEqual(["service-04217"])
    expect(await names({ q: "100%" })).toEqual([])
    expect(await names({ owner: "team-3", q: "0004" })).toEqual(["service-00043"])
    expect((await names({ provider: "other" })).length).toBe(1_000)
    expect(await names({ provider: other, q: "00010" })).toEqual(["service-00010"])
    expect((await names({ state: "disabled" })).length).toBe(100)
    expect(await names({ tag: "t6", q: "00006" })).toEqual(["service-00006"])
    expect((await names({ audience: "https://api-3.example" })).length).toBe(62)
    expect((await names({ state: "ungranted", sort: "name" }))[0]).toBe("service-03000")
    expect((await listClients(ada, { limit: 1, q: "service-00001" })).items[0]).toMatchObject({
      grant_count: 1,
      provider_ids: [local],
      placed_on: [],
    })
  })

  test("any page of any list stays quick", async () => {
    const filters: Partial<ClientFilter>[] = [
      {},
      { q: "04217" },
      { q: "nothing-like-it" },
      { owner: "team-9" },
      { provider: "other" },
      { sort: "-updated_at" },
      { state: "unplaced" },
      { audience: "https://api-7.example" },
    ]
    const times: number[] = []
    for (const filter of filters)
      for (let i = 0; i < 5; i++) times.push((await timed(() => listClients(ada, { limit: 50, ...filter }))).ms)
    times.sort((a, b) => a - b)
    expect(times[Math.floor(times.length * 0.95)]).toBeLessThan(400)
  })

  test("a deep page and a search by words are found by index, not by walking the table", async () => {
    // A table this small is sometimes quicker to read whole: the question is whether the index fits the statement.
    const plan = (filter: Partial<ClientFilter>) =>
      withTx(async (tx) => {
        await tx.$executeRaw`set local enable_seqscan = off`
        const statement = listStatement({ limit: 50, ...filter })
        const rows = await tx.$queryRawUnsafe<{ "QUERY PLAN": string }[]>(
          `explain ${statement.text}`,
          ...statement.values,
        )
        return rows.map((r) => r["QUERY PLAN"]).join("\n")
      })
    const last = (await listClients(ada, { limit: 1, q: "service-09000" })).items[0]
    expect(await plan({ after: ["service-09000", last?.id ?? ""] })).toMatch(/Index Scan using client_name_key/)
    expect(await plan({ q: "service-04217" })).toMatch(/client_words/)
  })

  test("a cursor of another list is refused, never an error of the database", async () => {
    for (const after of [["x"], ["x", "y"], ["\u0000", newId()], [1, newId()], [null, null]]) {
      await expect(listClients(ada, { limit: 1, after })).rejects.toMatchObject({ status: 422 })
    }
    await expect(listClients(ada, { limit: 1, sort: "created_at", after: ["then", newId()] })).rejects.toMatchObject({
      status: 422,
    })
  })
})

describe("other reads", () => {
  test("audiences and grants page and filter too", async () => {
    const audiences = await listAudiences(ada, { limit: 10, q: "api-4" })
    expect(audiences.items).toHaveLength(10)
    expect(audiences.items[0]).toMatchObject({
      scopes: [
        { name: "read", description: "" },
        { name: "write", description: "" },
      ],
    })
    expect((await listAudiences(ada, { limit: 100, provider: "other" })).items).toHaveLength(50)
    const grants = await listGrants(ada, { limit: 2, sort: "expires_at" })
    expect(grants.items[0]).toMatchObject({
      client: "service-00001",
      expires_at: "2098-01-01T00:00:00.000Z",
      state: "active",
    })
    const more = await listGrants(ada, { limit: 2, sort: "expires_at", after: grants.next ?? [] })
    expect(more.items).toHaveLength(2)
    expect(
      (await listGrants(ada, { limit: 5, state: "expired" }, new Date("2099-01-01T00:00:00Z"))).items,
    ).toHaveLength(1)
    expect((await listGrants(ada, { limit: 5, client: "service-00007" })).items).toMatchObject([
      { audience: "https://api-7.example", scopes: ["read"] },
    ])
  })

  test("the desired state of a provider: its clients, their grants, and only the audiences wanted there", async () => {
    const { ms, result } = await timed(() => desiredState(other, new Date()))
    const count = (kind: string) => result.filter((o) => o.kind === kind).length
    expect([count("client"), count("grant"), count("audience")]).toEqual([1_000, 300, 50])
    expect(ms).toBeLessThan(2_000)
    const local_ = await desiredState(local, new Date("2098-06-01T00:00:00Z"))
    expect(local_.some((o) => o.key === "service-00001 https://api-1.example")).toBe(false)
    expect(local_.some((o) => o.key === "https://api-49.example")).toBe(false)
  })

  test("matrix, detail and overview agree with each other", async () => {
    const client = await db().client.findUniqueOrThrow({ where: { name: "service-00001" } })
    expect(await grantedClients(ada, [client.name, "nobody"])).toMatchObject([
      { name: "service-00001", grants: [{ audience: "https://api-1.example", scopes: ["read"] }] },
    ])
    expect(await clientNames(ada, { q: "00001", audience: ["https://api-1.example"] })).toEqual(["service-00001"])
    await db().placement.create({
      data: {
        id: newId(),
        providerId: other,
        kind: "client",
        key: client.name,
        remoteId: "r1",
        origin: "adopted",
        applied: {},
        appliedAt: new Date(),
      },
    })
    expect((await getClientDetail(ada, client.id)).placements).toMatchObject([
      { provider: "local", wanted: true, placed: false },
      { provider: "other", wanted: false, placed: true, remote_id: "r1" },
    ])
    await db().placement.create({
      data: {
        id: newId(),
        providerId: local,
        kind: "grant",
        key: "service-00001 https://api-1.example",
        remoteId: "g1",
        origin: "created",
        applied: {},
        appliedAt: new Date(),
      },
    })
    expect(await registryFacts(ada)).toMatchObject({
      clients: clientsMade,
      clients_disabled: 100,
      audiences: 50,
      grants: 3_000,
      grants_past_end: [],
      grants_ending: [],
    })
    expect((await registryFacts(ada, new Date("2099-01-01T00:00:00Z"))).grants_past_end).toMatchObject([
      { client: "service-00001", state: "expired" },
    ])
  })
})
