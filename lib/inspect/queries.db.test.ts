import { createServer, type Server } from "node:http"
import type { AddressInfo } from "node:net"
import { afterAll, beforeAll, describe, expect, it } from "vitest"
import type { Actor } from "../auth/actor.ts"
import { Refused } from "../base/errors.ts"
import { guardedFetch, useOutgoing } from "../base/http.ts"
import { newId } from "../base/id.ts"
import { db } from "../db/client.ts"
import { testDatabase, type TestDatabase } from "../db/testing.ts"
import { audience, ecSigner, goodClaims, goodHeader, sign } from "../token/token.fixture.ts"
import { inspect } from "./queries.ts"

const signer = ecSigner("e1")
const actor: Actor = {
  kind: "user",
  id: newId(),
  name: "viewer",
  permissions: new Set(["tokens:inspect"]),
  sourceId: null,
  authenticatedAt: null,
  requestId: null,
}
const [providerId, clientId, audienceId, scopeId, otherScopeId, grantId] = [
  newId(),
  newId(),
  newId(),
  newId(),
  newId(),
  newId(),
]
let database: TestDatabase
let server: Server
let issuer = ""

beforeAll(async () => {
  database = await testDatabase()
  server = createServer((_, response) =>
    response.setHeader("content-type", "application/json").end(JSON.stringify({ keys: [signer.jwk] })),
  )
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve))
  issuer = `http://127.0.0.1:${String((server.address() as AddressInfo).port)}`
  useOutgoing(guardedFetch({ allowHosts: ["127.0.0.1"] }))
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
      signingAlg: "ES256",
      scopes: {
        create: [
          { id: scopeId, name: "payments:write" },
          { id: otherScopeId, name: "payments:read" },
        ],
      },
    },
  })
  await db().grant.create({
    data: {
      id: grantId,
      clientId,
      audienceId,
      reason: "orders are paid",
      createdBy: "test",
      scopes: { create: { scopeId } },
    },
  })
})
afterAll(async () => {
  server.close()
  await database.drop()
})

const token = (claims: object = {}) => {
  const seconds = Math.floor(Date.now() / 1000)
  return sign(signer, goodHeader(signer), {
    ...goodClaims,
    iss: issuer,
    iat: seconds - 5,
    exp: seconds + 290,
    ...claims,
  })
}
const scopeCheck = (answer: Awaited<ReturnType<typeof inspect>>) =>
  answer.checks.find((check) => check.name === "scope")

describe("inspecting a token on the real registry", () => {
  it("finds provider, keys, client, audience and grant by itself", async () => {
    expect(await inspect(actor, { token: token() })).toMatchObject({
      verdict: "valid",
      registry: {
        provider: { id: providerId },
        client: { id: clientId },
        audiences: [{ id: audienceId }],
        granted_scopes: ["payments:write"],
        keys: { problem: null },
      },
    })
  })

  it("refuses the scope that is not granted, and any once the grant has ended", async () => {
    expect(scopeCheck(await inspect(actor, { token: token({ scope: "payments:read" }) }))?.is).toBe("fail")
    await db().grant.update({ where: { id: grantId }, data: { expiresAt: new Date(Date.now() - 1000) } })
    expect(scopeCheck(await inspect(actor, { token: token() }))).toMatchObject({
      is: "fail",
      why: expect.stringContaining("grants this client nothing"),
    })
    await db().grant.update({ where: { id: grantId }, data: { expiresAt: null } })
  })

  it("finds a client by the id that the provider gave it", async () => {
    await db().placement.create({
      data: {
        id: newId(),
        providerId,
        kind: "client",
        key: "order-service",
        remoteId: "x7Kq",
        origin: "created",
        applied: {},
        appliedAt: new Date(),
      },
    })
    expect((await inspect(actor, { token: token({ client_id: "x7Kq", sub: "x7Kq" }) })).registry.client?.id).toBe(
      clientId,
    )
    expect((await inspect(actor, { token: token({ client_id: "other" }) })).registry.client).toBeNull()
  })

  it("pins the algorithms of the provider's settings", async () => {
    await db().provider.update({ where: { id: providerId }, data: { settings: { algorithms: ["RS256"] } } })
    expect(await inspect(actor, { token: token() })).toMatchObject({
      overall: "rejected",
      why: expect.stringContaining("allowed are none"),
    })
    await db().provider.update({ where: { id: providerId }, data: { settings: {} } })
  })

  it("needs the permission, and a provider that exists", async () => {
    await expect(inspect({ ...actor, permissions: new Set() }, { token: token() })).rejects.toMatchObject({
      status: 403,
    })
    const unknown = inspect(actor, { token: token(), provider_id: newId() })
    await expect(unknown).rejects.toBeInstanceOf(Refused)
    await expect(unknown).rejects.toMatchObject({ status: 404 })
  })

  it("leaves no trace of the token in the database", async () => {
    const canary = `canary${newId().replaceAll("-", "")}`
    await inspect(actor, { token: token({ jti: canary, sub: canary }) })
    const tables = await db().$queryRaw<
      { name: string }[]
    >`select format('%I.%I', schemaname, tablename) as name from pg_tables where schemaname not in ('pg_catalog', 'information_schema')`
    const dump: string[] = []
    for (const { name } of tables) {
      const found = await db().$queryRaw<
        { rows: string }[]
      >`select query_to_xml(${`select * from ${name}`}, true, false, '')::text as rows`
      dump.push(found[0]?.rows ?? "")
    }
    expect(dump.join()).toContain("order-service")
    expect(dump.join()).not.toContain(canary)
  })
})
