import { randomUUID } from "node:crypto"
import pg from "pg"
import { afterAll, beforeAll, expect, test } from "vitest"
import type { Actor } from "../auth/actor.ts"
import { systemActor } from "../auth/system.ts"
import { db } from "../db/client.ts"
import { migrate } from "../db/migrate.ts"
import { testDatabase, type TestDatabase } from "../db/testing.ts"
import {
  changeSearch,
  deleteSearch,
  getSavedSearch,
  listSavedSearches,
  saveSearch,
  type SavedSearchView,
} from "./saved-searches.ts"

let database: TestDatabase
const person = (name: string): Actor => ({
  ...systemActor(name),
  kind: "user",
  id: randomUUID(),
  permissions: new Set(["events:read"]),
})
const [ada, bob] = [person("ada"), person("bob")]

beforeAll(async () => {
  database = await testDatabase()
})
afterAll(() => database.drop())

/** Everything that somebody sees, by pages of two. */
async function seenBy(actor: Actor): Promise<SavedSearchView[]> {
  const all: SavedSearchView[] = []
  for (let after: [string, string] | null = null, turn = 0; turn < 200; turn++) {
    const { items, last } = await listSavedSearches(actor, { limit: 2, after })
    all.push(...items)
    if (last === null) return all
    after = last
  }
  throw new Error("the list does not end")
}

test("a search is its owner's until it is shared; others see it then and cannot change it", async () => {
  const made = await saveSearch(ada, { name: "Failures", query: "result=failure&since=1h", team: false })
  expect(await seenBy(bob)).toEqual([])
  await expect(getSavedSearch(bob, made.id)).rejects.toMatchObject({ status: 404 })
  const shared = await changeSearch(ada, made.id, { team: true, name: "All failures" }, made.version)
  expect(shared).toMatchObject({ name: "All failures", query: "result=failure&since=1h", team: true, version: 2 })
  expect(await seenBy(bob)).toMatchObject([{ id: made.id, own: false }])
  await expect(changeSearch(bob, made.id, { name: "Mine" }, null)).rejects.toMatchObject({ status: 404 })
  await expect(deleteSearch(bob, made.id, null)).rejects.toMatchObject({ status: 404 })
  await expect(changeSearch(ada, made.id, { name: "Late" }, 1)).rejects.toMatchObject({ status: 412 })
  await deleteSearch(ada, made.id, 2)
  expect(await seenBy(ada)).toEqual([])
  const trail = await db().trailEntry.findMany({ where: { targetId: made.id }, orderBy: { seq: "asc" } })
  expect(trail.map((t) => t.action)).toEqual(["search.create", "search.update", "search.delete"])
})

test("a name is given once by each person", async () => {
  await saveSearch(ada, { name: "Same", query: "", team: false })
  await saveSearch(bob, { name: "Same", query: "", team: false })
  await expect(saveSearch(ada, { name: "Same", query: "", team: true })).rejects.toMatchObject({ code: "name_taken" })
})

/** What came of calls that were made at once: done, or the code of the refusal. */
const endsOf = async (calls: readonly Promise<unknown>[]): Promise<Record<string, number>> => {
  const ends: Record<string, number> = {}
  for (const end of await Promise.allSettled(calls)) {
    const word = end.status === "fulfilled" ? "done" : String((end.reason as { code?: unknown }).code)
    ends[word] = (ends[word] ?? 0) + 1
  }
  return ends
}

test("pages follow the names, of two of one name each comes once, and who sees it all sees no more than theirs", async () => {
  const [jo, lee] = [person("jo"), person("lee")]
  for (const [actor, name, team] of [
    [jo, "zoo", true],
    [lee, "ant", true],
    [jo, "bee", true],
    [lee, "bee", true],
    [lee, "private", false],
    [jo, "Ant", false],
  ] as const)
    await saveSearch(actor, { name, query: "", team })
  const all = await seenBy(jo)
  expect(all.map(({ name }) => name).toSorted()).toEqual(["Ant", "ant", "bee", "bee", "zoo"])
  expect(new Set(all.map(({ id }) => id)).size).toBe(5)
  expect(all.map(({ name }) => name).filter((name) => name === "bee" || name === "zoo")).toEqual(["bee", "bee", "zoo"])
  await db().savedSearch.deleteMany({ where: { userId: { in: [jo.id, lee.id] } } })
})

test("who may change the settings deletes a search of the team, and neither changes it nor sees a private one", async () => {
  const ann = person("ann")
  const keeper: Actor = { ...person("keeper"), permissions: new Set(["events:read", "settings:write"]) }
  const reader: Actor = { ...person("reader"), permissions: new Set(["events:read"]) }
  const shared = await saveSearch(ann, { name: "Shared", query: "", team: true })
  const own = await saveSearch(ann, { name: "Own", query: "", team: false })
  await expect(deleteSearch(reader, shared.id, null)).rejects.toMatchObject({ status: 404 })
  await expect(deleteSearch(keeper, own.id, null)).rejects.toMatchObject({ status: 404 })
  await expect(changeSearch(keeper, shared.id, { name: "Mine" }, null)).rejects.toMatchObject({ status: 404 })
  await expect(deleteSearch(keeper, shared.id, 9)).rejects.toMatchObject({ status: 412 })
  await deleteSearch({ ...keeper, kind: "client", id: "a-client" }, shared.id, 1)
  await expect(getSavedSearch(ann, shared.id)).rejects.toMatchObject({ status: 404 })
  expect(await getSavedSearch(ann, own.id)).toMatchObject({ name: "Own" })
})

test("of many who take one name at once, by saving or renaming, one gets it", async () => {
  const eve = person("eve")
  const save = (name: string) => saveSearch(eve, { name, query: "", team: false })
  expect(await endsOf(Array.from({ length: 8 }, () => save("Wanted")))).toEqual({ done: 1, name_taken: 7 })
  const others = [await save("a"), await save("b"), await save("c")]
  const rename = others.map(({ id }) => changeSearch(eve, id, { name: "Renamed" }, null))
  expect(await endsOf(rename)).toEqual({ done: 1, name_taken: 2 })
  const names = (await seenBy(eve)).map(({ name }) => name)
  expect(names.filter((name) => name === "Wanted" || name === "Renamed")).toEqual(["Renamed", "Wanted"])
})

test("two hundred are kept for each person, however many are saved at once", async () => {
  const kim = person("kim")
  await db().savedSearch.createMany({
    data: Array.from({ length: 195 }, (_, i) => ({ id: randomUUID(), userId: kim.id, name: `n${i}`, query: "" })),
  })
  const more = Array.from({ length: 12 }, (_, i) => saveSearch(kim, { name: `more ${i}`, query: "", team: false }))
  expect(await endsOf(more)).toEqual({ done: 5, too_many_searches: 7 })
  expect(await db().savedSearch.count({ where: { userId: kim.id } })).toBe(200)
})

test("names that were given twice before there was an index are kept apart by the migration", async () => {
  const names = "20261121000800_search_names"
  const admin = new pg.Client({ connectionString: database.url })
  await admin.connect()
  const [first, second] = ["0193aaaa-0000-7000-8000-000000000001", "0193aaaa-0000-7000-8000-000000000002"]
  try {
    await admin.query('drop index "saved_search_user_id_name_key"')
    for (const id of [first, second])
      await db().savedSearch.create({ data: { id, userId: ada.id, name: "Twice ".repeat(16), query: "" } })
    await admin.query("delete from _prisma_migrations where migration_name = $1", [names])
    expect(await migrate(database.url)).toEqual([names])
  } finally {
    await admin.end()
  }
  const rows = await db().savedSearch.findMany({ where: { id: { in: [first, second] } }, orderBy: { id: "asc" } })
  expect(rows.map(({ name, version }) => [name, version])).toEqual([
    ["Twice ".repeat(16), 1],
    [`${"Twice ".repeat(10)} ${second}`, 2],
  ])
})
