import { afterAll, beforeAll, expect, it } from "vitest"
import type { Actor } from "../auth/actor.ts"
import { useOutgoing } from "../base/http.ts"
import { newId } from "../base/id.ts"
import { db } from "../db/client.ts"
import { testDatabase, type TestDatabase } from "../db/testing.ts"
import { startTestIdp, type TestIdp } from "../playground/idp/testing.ts"
import { inspect } from "./queries.ts"

const actor: Actor = {
  kind: "user",
  id: newId(),
  name: "viewer",
  permissions: new Set(["tokens:inspect"]),
  sourceId: null,
  authenticatedAt: null,
  requestId: null,
}
const audience = "https://payment-service.internal"
const secret = "a-secret-long-enough-1"
const [providerId, clientId, audienceId] = [newId(), newId(), newId()]
let database: TestDatabase
let idp: TestIdp

beforeAll(async () => {
  database = await testDatabase()
  idp = await startTestIdp(database.url)
  useOutgoing(idp.fetch)
  const { issuer } = idp.settings
  const [write, read] = [newId(), newId()]
  await db().provider.create({
    data: {
      id: providerId,
      kind: "local",
      name: "local",
      environment: "dev",
      issuer,
      tokenEndpoint: `${issuer}/token`,
      jwksUri: `${issuer}/jwks`,
      settings: {},
    },
  })
  await db().client.create({
    data: {
      id: clientId,
      name: "order-service",
      displayName: "Orders",
      owner: "team",
      authMethod: "client_secret_basic",
      providers: { create: { providerId } },
    },
  })
  await db().audience.create({
    data: {
      id: audienceId,
      identifier: audience,
      name: "Payments",
      tokenTtlSeconds: 300,
      tokenFormat: "jwt",
      signingAlg: "RS256",
      scopes: {
        create: [
          { id: write, name: "payments:write" },
          { id: read, name: "payments:read" },
        ],
      },
    },
  })
  await db().grant.create({
    data: {
      id: newId(),
      clientId,
      audienceId,
      reason: "orders are paid",
      createdBy: "test",
      scopes: { create: { scopeId: write } },
    },
  })
  // The provider grants more than the registry does: one scope of drift, to be seen.
  await idp.admin("POST", "/audiences", {
    identifier: audience,
    scopes: [{ name: "payments:read" }, { name: "payments:write" }],
  })
  const made = await idp.admin("POST", "/clients", { client_id: "order-service", auth_method: "client_secret_basic" })
  await idp.admin("POST", "/grants", {
    client_id: "order-service",
    audience,
    scopes: ["payments:read", "payments:write"],
  })
  await idp.admin("POST", `/clients/${String(made.body["id"])}/secrets`, { value: secret, fingerprint: "fp_1" })
})
afterAll(async () => {
  await idp.idp.close()
  await database.drop()
})

const fetchToken = async (scope: string): Promise<string> => {
  const form = { grant_type: "client_credentials", resource: audience, scope }
  const { body } = await idp.form("/token", form, `order-service:${secret}`)
  return String(body["access_token"])
}

it("a real token of the local identity provider is valid, every check passed or was not asked", async () => {
  const answer = await inspect(actor, {
    token: await fetchToken("payments:write"),
    audience,
    scopes: ["payments:write"],
  })
  expect(answer.checks.filter((check) => check.is === "fail" || check.is === "warn")).toEqual([])
  expect(answer).toMatchObject({
    verdict: "valid",
    registry: { client: { id: clientId }, granted_scopes: ["payments:write"] },
  })
})

it("a real token with a scope that the registry does not grant is invalid, though the provider issued it", async () => {
  const answer = await inspect(actor, { token: await fetchToken("payments:read") })
  expect(answer).toMatchObject({
    verdict: "invalid",
    why: expect.stringContaining("payments:read not granted in the registry"),
  })
})

it("a real token is invalid once one letter of its payload has changed, and after it has expired", async () => {
  const token = await fetchToken("payments:write")
  const [header = "", payload = "", signature = ""] = token.split(".")
  const other = payload.charAt(20) === "A" ? "B" : "A"
  const changed = `${header}.${payload.slice(0, 20)}${other}${payload.slice(21)}.${signature}`
  const { checks, verdict } = await inspect(actor, { token: changed, provider_id: providerId })
  expect([verdict, checks.find((check) => check.name === "signature")?.is]).toEqual(["invalid", "fail"])
  const late = await inspect(actor, { token, now: Date.now() / 1000 + 331 })
  expect(late.checks.find((check) => check.name === "expiry")).toMatchObject({
    is: "fail",
    why: expect.stringContaining("tolerance 30 s"),
  })
})
