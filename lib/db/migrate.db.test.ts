import { afterAll, beforeAll, expect, test } from "vitest"
import { migrate } from "./migrate.ts"
import { testDatabase, type TestDatabase } from "./testing.ts"

let database: TestDatabase
beforeAll(async () => void (database = await testDatabase()))
afterAll(() => database.drop())

test("one process migrates as often as it likes, and a database that is up to date is left as it is", async () => {
  for (let i = 0; i < 3; i++) expect(await migrate(database.url)).toEqual([])
})
