import { afterAll, beforeAll, expect, test } from "vitest"
import { newId } from "../base/id.ts"
import { db } from "../db/client.ts"
import { testDatabase, type TestDatabase } from "../db/testing.ts"
import { newClient, refusal } from "../registry/commands.fixture.ts"
import { person, providerRow } from "../registry/registry.fixture.ts"
import { deleteProvider } from "./disconnect.ts"

let database: TestDatabase
beforeAll(async () => {
  database = await testDatabase()
})
afterAll(() => database.drop())

test("a provider that is gone for good can be left: a rotation at work there holds it, one that is stuck does not", async () => {
  const ada = person("admin")
  const provider = await providerRow("gone")
  const client = await newClient({ provider_ids: [provider] })
  const { id } = await db().rotation.create({
    data: {
      id: newId(),
      clientId: client.id,
      providerId: provider,
      state: "grace",
      strategy: "overlap",
      evidenceGrade: "A",
      createdBy: "Ada",
    },
  })
  const leave = () => deleteProvider(ada, provider, null, { leave: true })
  expect(await refusal(leave())).toMatchObject({ status: 409, code: "provider_busy" })
  await db().rotation.update({ where: { id }, data: { state: "stuck", stuckFrom: "grace" } })
  expect(await leave()).toMatchObject({ wanted: { clients: 1 }, in_flight: { rotations: 0 } })
  expect(await db().rotation.count({ where: { id } })).toBe(0)
  expect(await db().client.count({ where: { id: client.id } })).toBe(1)
})
