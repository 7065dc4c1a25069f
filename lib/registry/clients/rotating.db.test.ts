import { afterAll, beforeAll, expect, test } from "vitest"
import { newId } from "../../base/id.ts"
import { db } from "../../db/client.ts"
import { testDatabase, type TestDatabase } from "../../db/testing.ts"
import { withTx } from "../../db/tx.ts"
import { ada, newClient, refusal } from "../commands.fixture.ts"
import { exportRegistry, replaceRegistry } from "../document/commands.ts"
import { providerRow, trailOf } from "../registry.fixture.ts"
import { deleteClient } from "./commands.ts"

let database: TestDatabase
let provider: string
beforeAll(async () => {
  database = await testDatabase()
  provider = await providerRow("local")
})
afterAll(() => database.drop())

const rotation = (clientId: string, state: string) => ({
  id: newId(),
  clientId,
  providerId: provider,
  state,
  strategy: "overlap",
  evidenceGrade: "A",
  createdBy: "Ada",
})
const withoutClients = async () => {
  const { document } = await exportRegistry(ada)
  return replaceRegistry(ada, { ...document, clients: [] }, { dryRun: false, ifMatch: null })
}

test.each([
  ["deleting it", deleteClient.bind(null, ada)],
  ["a document without it", withoutClients],
])(
  "while a rotation is in flight, %s is refused, and the refusal names rotation, provider and the way out",
  async (_, remove) => {
    const client = await newClient({ provider_ids: [provider] })
    const { id } = await db().rotation.create({ data: rotation(client.id, "grace") })
    const error = await refusal(remove(client.id, null))
    expect([error.status, error.code, error.evidence]).toEqual([
      409,
      "rotation_in_flight",
      { rotation: { id, client: client.name, provider: "local", state: "grace" } },
    ])
    expect(error.message).toBe(
      `A rotation of ${client.name} on local is in flight (grace). Abort it, or where it is too late for that let it finish; then delete ${client.name}. Disabling waits for no rotation.`,
    )
    expect(await trailOf(client.id)).toEqual(["client.create"])
    await db().rotation.update({ where: { id }, data: { state: "done" } })
    await remove(client.id, null)
    expect(await db().client.count({ where: { id: client.id } })).toBe(0)
  },
)

test.each([
  ["deleting it", deleteClient.bind(null, ada)],
  ["a document without it", withoutClients],
])("a rotation that begins while %s is under way is not taken along", async (_, remove) => {
  const client = await newClient({ provider_ids: [provider] })
  let removing: Promise<unknown> = Promise.resolve()
  await withTx(async (tx) => {
    await tx.rotation.create({ data: rotation(client.id, "planned") })
    removing = refusal(remove(client.id, null))
    removing.catch(() => undefined)
    await new Promise((done) => setTimeout(done, 500))
  })
  expect(await removing).toMatchObject({ code: "rotation_in_flight" })
  expect(await db().rotation.count({ where: { clientId: client.id } })).toBe(1)
  await db().rotation.deleteMany()
})
