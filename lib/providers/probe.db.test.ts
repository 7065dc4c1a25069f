import { afterAll, beforeAll, expect, test } from "vitest"
import { newId } from "../base/id.ts"
import { ConnectorError, type ConnectorErrorCode } from "../connectors/connector-error.ts"
import { db } from "../db/client.ts"
import { testDatabase, type TestDatabase } from "../db/testing.ts"
import type { OpenConnector } from "./open.ts"
import { probeProvider } from "./probe.ts"

let database: TestDatabase
beforeAll(async () => {
  database = await testDatabase()
})
afterAll(() => database.drop())

test("a provider that asks for patience is not called unreachable for it; one that is silent is", async () => {
  const id = newId()
  const [issuer, tokenEndpoint, jwksUri] = ["https://a.example", "https://a.example/t", "https://a.example/k"]
  await db().provider.create({
    data: {
      id,
      kind: "x",
      name: "p",
      environment: "t",
      issuer,
      tokenEndpoint,
      jwksUri,
      settings: {},
      status: "healthy",
    },
  })
  const failing =
    (code: ConnectorErrorCode): OpenConnector =>
    async () => {
      throw new ConnectorError(code, "wait", "no")
    }
  const status = async () => (await db().provider.findUniqueOrThrow({ where: { id } })).status
  await probeProvider(id, failing("rate_limited"))
  expect(await status()).toBe("healthy")
  await probeProvider(id, failing("unavailable"))
  expect(await status()).toBe("unreachable")
})
