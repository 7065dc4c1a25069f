import { afterAll, beforeAll, expect, test } from "vitest"
import { newId } from "../../base/id.ts"
import { db } from "../../db/client.ts"
import { testDatabase, type TestDatabase } from "../../db/testing.ts"
import { ingest } from "../../events/ingest.ts"
import { searchEvents } from "../../events/search.ts"
import { createClient } from "../../registry/clients/commands.ts"
import { person } from "../../registry/registry.fixture.ts"
import { clientInput } from "../../registry/schema.ts"
import { setDemo, setDemoPhase } from "./switch.ts"

let database: TestDatabase
const ada = person("admin")
beforeAll(async () => {
  database = await testDatabase()
})
afterAll(() => database.drop())

async function source(kind: string): Promise<string> {
  const id = newId()
  await db().source.create({ data: { id, name: `${kind} ${id.slice(-4)}`, kind, createdBy: "test" } })
  return id
}
const tell = (sourceId: string, client: string) =>
  ingest(sourceId, [
    JSON.stringify({
      event: "token_issued",
      event_id: newId(),
      timestamp: new Date().toISOString(),
      client_id: client,
      validation_result: "success",
    }),
  ])
const told = async (client: string) => (await searchEvents(ada, { client_id: [client] }, { limit: 50 })).items.length

test("when the demo goes, what it told goes; what a service of one's own told of a client called CC stays", async () => {
  const [idp, own] = [await source("local_idp"), await source("push")]
  for (const client of ["CC", "demo-web-shop", "order-service"]) await tell(idp, client)
  await tell(own, "CC")
  await setDemo(ada, true)
  await setDemo(ada, false)
  await setDemoPhase(ada, { phase: "off" })
  expect(await Promise.all(["CC", "demo-web-shop", "order-service"].map(told))).toEqual([1, 0, 1])
})

test("a client of one's own with the name of a demo client keeps its events", async () => {
  const idp = await source("local_idp")
  await createClient(ada, clientInput.parse({ name: "resource_dataEventRecords", owner: "team" }))
  await tell(idp, "resource_dataEventRecords")
  await setDemoPhase(ada, { phase: "off" })
  expect(await told("resource_dataEventRecords")).toBe(1)
})
