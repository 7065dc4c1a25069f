import { randomUUID } from "node:crypto"
import { afterAll, beforeAll, expect, test } from "vitest"
import type { Actor } from "../auth/actor.ts"
import { systemActor } from "../auth/system.ts"
import { db } from "../db/client.ts"
import { testDatabase, type TestDatabase } from "../db/testing.ts"
import { changeSearch, deleteSearch, getSavedSearch, listSavedSearches, saveSearch } from "./saved-searches.ts"

let database: TestDatabase
const person = (name: string): Actor => ({ ...systemActor(name), kind: "user", id: randomUUID() })
const [ada, bob] = [person("ada"), person("bob")]

beforeAll(async () => {
  database = await testDatabase()
})
afterAll(() => database.drop())

test("a search is its owner's until it is shared; others see it then and cannot change it", async () => {
  const made = await saveSearch(ada, { name: "Failures", query: "result=failure&since=1h", team: false })
  expect(await listSavedSearches(bob)).toEqual([])
  await expect(getSavedSearch(bob, made.id)).rejects.toMatchObject({ status: 404 })
  const shared = await changeSearch(ada, made.id, { team: true, name: "All failures" }, made.version)
  expect(shared).toMatchObject({ name: "All failures", query: "result=failure&since=1h", team: true, version: 2 })
  expect(await listSavedSearches(bob)).toMatchObject([{ id: made.id, own: false }])
  await expect(changeSearch(bob, made.id, { name: "Mine" }, null)).rejects.toMatchObject({ status: 404 })
  await expect(deleteSearch(bob, made.id, null)).rejects.toMatchObject({ status: 404 })
  await expect(changeSearch(ada, made.id, { name: "Late" }, 1)).rejects.toMatchObject({ status: 412 })
  await deleteSearch(ada, made.id, 2)
  expect(await listSavedSearches(ada)).toEqual([])
  const trail = await db().trailEntry.findMany({ where: { targetId: made.id }, orderBy: { seq: "asc" } })
  expect(trail.map((t) => t.action)).toEqual(["search.create", "search.update", "search.delete"])
})

test("a name is given once by each person", async () => {
  await saveSearch(ada, { name: "Same", query: "", team: false })
  await saveSearch(bob, { name: "Same", query: "", team: false })
  await expect(saveSearch(ada, { name: "Same", query: "", team: true })).rejects.toMatchObject({ code: "name_taken" })
})
