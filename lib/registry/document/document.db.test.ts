import { afterAll, beforeAll, describe, expect, test } from "vitest"
import { Refused } from "../../base/errors.ts"
import { db } from "../../db/client.ts"
import { testDatabase, type TestDatabase } from "../../db/testing.ts"
import { verifyTrail } from "../../trail/queries.ts"
import { saveClient } from "../clients/commands.ts"
import { listGrants } from "../grants/queries.ts"
import { desiredOfDocument } from "../desired/of-document.ts"
import { desiredState } from "../desired/store.ts"
import { person, providerRow } from "../registry.fixture.ts"
import { exportRegistry, replaceRegistry } from "./commands.ts"

let database: TestDatabase
const ada = person("operator")
const whole = { dryRun: false, ifMatch: null }

beforeAll(async () => {
  database = await testDatabase()
  await providerRow("local")
  await providerRow("other")
  const made = await replaceRegistry(
    ada,
    {
      audiences: Array.from({ length: 6 }, (_, a) => ({
        identifier: `https://api-${a}.example`,
        name: `API ${a}`,
        scopes: [{ name: "read" }, { name: "write" }],
      })),
      clients: Array.from({ length: 200 }, (_, i) => ({
        name: `service-${i}`,
        owner: `team-${i % 4}`,
        providers: ["local"],
      })),
      grants: Array.from({ length: 100 }, (_, i) => ({
        client: `service-${i}`,
        audience: `https://api-${i % 6}.example`,
        scopes: ["read"],
        reason: "load",
      })),
    },
    whole,
  )
  expect(made.changes).toHaveLength(306)
})
afterAll(() => database.drop())

describe("config as code", () => {
  test("what was exported changes nothing when it is sent back; a second sending of an edit neither", async () => {
    const { document, etag } = await exportRegistry(ada)
    const seq = (await db().trailHead.findUniqueOrThrow({ where: { id: 1 } })).seq
    expect(await replaceRegistry(ada, document, { dryRun: false, ifMatch: etag })).toMatchObject({ changes: [], etag })
    expect((await db().trailHead.findUniqueOrThrow({ where: { id: 1 } })).seq).toBe(seq)
    const edited = {
      ...document,
      clients: document.clients.map((c) =>
        c.name === "service-2" ? { ...c, owner: "team-new", providers: ["other"] } : c,
      ),
      grants: document.grants.filter((g) => g.client !== "service-3"),
    }
    const dry = await replaceRegistry(ada, edited, { dryRun: true, ifMatch: etag })
    expect(dry.changes.map((c) => `${c.verb} ${c.key}`)).toEqual([
      "update service-2",
      "delete service-3 https://api-3.example",
    ])
    expect((await exportRegistry(ada)).etag).toBe(etag)
    const done = await replaceRegistry(ada, edited, { dryRun: false, ifMatch: etag })
    expect(done.changes).toEqual(dry.changes)
    expect((await exportRegistry(ada)).etag).toBe(done.etag)
    expect((await replaceRegistry(ada, edited, whole)).changes).toEqual([])
    await expect(replaceRegistry(ada, document, { dryRun: false, ifMatch: etag })).rejects.toMatchObject({
      status: 412,
      code: "stale",
    })
    const trail = await db().trailEntry.findMany({ where: { seq: { gt: seq } }, orderBy: { seq: "asc" } })
    expect(trail.map((e) => e.action)).toEqual(["client.update", "grant.delete", "registry.replace"])
    expect(await verifyTrail()).toMatchObject({ ok: true })
  })

  test("a granted scope may move with its grant in one document; a half that fails leaves nothing", async () => {
    const { document, etag } = await exportRegistry(ada)
    const moved = {
      ...document,
      audiences: document.audiences.map((a) =>
        a.identifier === "https://api-5.example" ? { ...a, scopes: [{ name: "see", description: "" }] } : a,
      ),
      grants: document.grants.map((g) => (g.audience === "https://api-5.example" ? { ...g, scopes: ["see"] } : g)),
    }
    await db().$executeRawUnsafe(
      `create function refuse() returns trigger language plpgsql as 'begin raise exception ''no room''; end'`,
    )
    await db().$executeRawUnsafe("create trigger refuse before insert on trail_entry execute function refuse()")
    await expect(replaceRegistry(ada, moved, whole)).rejects.toThrow()
    await db().$executeRawUnsafe("drop trigger refuse on trail_entry")
    expect((await exportRegistry(ada)).etag).toBe(etag)
    await replaceRegistry(ada, moved, whole)
    expect((await listGrants(ada, { limit: 1, audience: "https://api-5.example" })).items[0]?.scopes).toEqual(["see"])
    const error = await replaceRegistry(ada, { ...moved, grants: document.grants }, whole).catch((e: unknown) => e)
    expect(error).toBeInstanceOf(Refused)
  })

  test("what a document wants on a provider is what the registry wants there once it holds the document", async () => {
    const { document } = await exportRegistry(ada)
    const now = new Date()
    const soon = new Date(now.getTime() + 60_000).toISOString()
    await replaceRegistry(
      ada,
      {
        ...document,
        audiences: document.audiences.map((a, i) => (i === 0 ? { ...a, providers: ["other"] } : a)),
        clients: document.clients.map((c, i) => ({
          ...c,
          enabled: i % 7 !== 0,
          providers: [["local"], ["other"], ["local", "other"], []][i % 4],
        })),
        grants: document.grants.map((g, i) => (i % 5 === 0 ? { ...g, expires_at: soon } : g)),
      },
      whole,
    )
    const { document: held } = await exportRegistry(ada)
    for (const at of [now, new Date(now.getTime() + 120_000)]) {
      for (const { id, name } of await db().provider.findMany()) {
        const wanted = await desiredState(id, at)
        expect(wanted.length).toBeGreaterThan(50)
        expect(desiredOfDocument(held, name, at)).toEqual(wanted)
      }
    }
    await replaceRegistry(ada, document, whole)
  })

  test("a single edit waits for the document and is not lost under it", async () => {
    const { document } = await exportRegistry(ada)
    const client = await db().client.findUnique({ where: { name: "service-9" } })
    const edited = {
      ...document,
      clients: document.clients.map((c) => (c.name === "service-8" ? { ...c, owner: "doc" } : c)),
    }
    const [replaced, saved] = await Promise.allSettled([
      replaceRegistry(ada, edited, whole),
      saveClient(ada, client?.id ?? "", { owner: "hand" }, client?.version ?? null),
    ])
    expect([replaced.status, saved.status]).toContain("fulfilled")
    const owners = (await exportRegistry(ada)).document.clients
      .filter((c) => ["service-8", "service-9"].includes(c.name))
      .map((c) => c.owner)
    // Either order is right; an order that loses the one that was answered with success is not.
    expect(owners[0]).toBe("doc")
    if (saved.status === "fulfilled" && saved.value.version !== client?.version)
      expect(["hand", "team-1"]).toContain(owners[1])
  })
})
