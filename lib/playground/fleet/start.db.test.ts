import { createServer, type IncomingMessage, type Server } from "node:http"
import type { AddressInfo } from "node:net"
import { gunzipSync } from "node:zlib"
import { afterAll, beforeAll, expect, it } from "vitest"
import { testDatabase, type TestDatabase } from "../../db/testing.ts"
import { demoAudiences, demoClients, demoGrants } from "../demo/layout.ts"
import { startTestIdp, type TestIdp } from "../idp/testing.ts"
import { sayHello } from "./greeter-messages.ts"
import { startFleet } from "./start.ts"

/** The fleet against the real local identity provider: its grants, its tokens, its keys. */
let database: TestDatabase
let idp: TestIdp
let ingestion: Server
const lines: Record<string, unknown>[] = []
const clientSecret = "a-secret-long-enough-1"

beforeAll(async () => {
  database = await testDatabase()
  idp = await startTestIdp(database.url)
  for (const audience of Object.values(demoAudiences))
    await idp.admin("POST", "/audiences", { signing_alg: "RS256", ...audience })
  for (const { name } of Object.values(demoClients)) {
    const made = await idp.admin("POST", "/clients", { client_id: name, auth_method: "client_secret_basic" })
    await idp.admin("POST", `/clients/${String(made.body.id)}/secrets`, {
      value: clientSecret,
      fingerprint: `fp_${name}`,
    })
  }
  for (const { client, audience, scopes } of demoGrants) {
    await idp.admin("POST", "/grants", {
      client_id: demoClients[client].name,
      audience: demoAudiences[audience].identifier,
      scopes,
    })
  }
  ingestion = createServer((req, res) => {
    void read(req).then((body) => {
      const sent = gunzipSync(body).toString().trim().split("\n")
      lines.push(...sent.map((line) => JSON.parse(line) as Record<string, unknown>))
      res
        .setHeader("content-type", "application/json")
        .end(JSON.stringify({ received: sent.length, stored: sent.length, duplicates: 0, rejected: [] }))
    })
  })
  await new Promise<void>((listening) => ingestion.listen(0, "127.0.0.1", listening))
})
afterAll(async () => {
  ingestion.close()
  await idp.idp.close()
  await database.drop()
})

async function read(req: IncomingMessage): Promise<Buffer> {
  const parts: Buffer[] = []
  for await (const part of req as AsyncIterable<Buffer>) parts.push(part)
  return Buffer.concat(parts)
}

it("makes every kind of call with real tokens, rightly and wrongly, and ships what it judged", async () => {
  const { issuer } = idp.settings
  const credentials = (client: keyof typeof demoClients) => ({ clientId: demoClients[client].name, clientSecret })
  const fleet = await startFleet({
    issuer,
    tokenUrl: `${issuer}/token`,
    jwksUri: `${issuer}/jwks`,
    clients: {
      shop: credentials("shop"),
      billing: credentials("billing"),
      gateway: credentials("gateway"),
      order: credentials("order"),
      caller: credentials("caller"),
      greeter: credentials("greeter"),
    },
    ingest: { url: `http://127.0.0.1:${(ingestion.address() as AddressInfo).port}/api/v1/events`, token: "gty_test" },
    rate: 40,
    misuseEvery: 5,
  })
  const done = () => Object.keys(fleet.stats().journeys).length === 9 && Object.keys(fleet.stats().misuses).length === 7
  await expect.poll(done, { timeout: 30_000 }).toBe(true)
  await fleet.stop()
  const { unanswered, lastError, statuses, shipped } = fleet.stats()
  expect({ unanswered, lastError }).toEqual({ unanswered: 0, lastError: null })
  expect(Object.keys(statuses)).toEqual(
    expect.arrayContaining(["200", "401", "403", "OK", "UNAUTHENTICATED", "PERMISSION_DENIED"]),
  )
  expect(shipped.shipped).toBe(lines.length)
  const reasons = new Set(lines.map(({ failure_reason }) => failure_reason))
  expect(reasons).toEqual(
    new Set([undefined, "wrong_audience", "insufficient_scope", "invalid_signature", "inactive", "missing_token"]),
  )
  const charge = lines.find(
    ({ resource, validation_result, client_id }) =>
      resource === "POST /api/payments/charge" && validation_result === "success" && client_id === "demo-order-service",
  )
  expect(charge).toMatchObject({
    event: "token_validated",
    grant_type: "client_credentials",
    scopes: ["payments:write"],
    audience: "https://payments.demo.internal",
    auth_server: "local",
  })
  const greeted = lines.find(
    ({ resource, validation_result }) => resource === sayHello && validation_result === "success",
  )
  expect(greeted).toMatchObject({
    client_id: "CC",
    scopes: ["dataEventRecords"],
    audience: "https://data-event-records.demo.internal",
    auth_server: "local",
  })
  const administered = lines.find(({ resource, client_id }) => resource === "GET /admin" && client_id === "admin2")
  expect(administered).toMatchObject({ validation_result: "success", scopes: ["my_service:admin"] })
  for (const name of ["jti", "kid", "trace_id", "event_id"]) expect(charge).toHaveProperty(name)
})
