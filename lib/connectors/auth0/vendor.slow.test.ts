/** Connector and fake against Auth0's own contract: every request and every answer goes through Prism. */
import { readFileSync } from "node:fs"
import { afterAll, beforeAll, describe, expect, test } from "vitest"
import {
  compileError,
  contractPath,
  preflight,
  prismValidator,
  schemasOf,
  startPrism,
  throughPrism,
  violation,
  type Prism,
} from "../fakes/base/prism.fixture.ts"
import type { GuardedFetch } from "../../base/http.ts"
import { connectorContract } from "../contract.ts"
import { writing } from "../contract-subject.ts"
import { startFakeAuth0, type FakeAuth0 } from "../fakes/auth0/fake.ts"
import { contractTenant, localFetch, publicKey, samples, testTenant } from "./tenant.fixture.ts"
import { vendorExceptions } from "./vendor-exceptions.ts"

const api = contractPath("auth0-m2m.json", process.env.GRANTRY_CONTRACTS)
const events = contractPath("auth0-log-events.json", process.env.GRANTRY_CONTRACTS)

if (api === null)
  test.skip("skipped: Auth0's contract (auth0-m2m.json) is not at hand; GRANTRY_CONTRACTS names its folder")
else {
  describe("the preflight", () => {
    test("every schema of the contract compiles, so that none lets everything pass", async () => {
      const { compiled, broken } = await preflight(api)
      expect(broken).toEqual([])
      expect(compiled).toBeGreaterThan(100)
    })

    test("a schema that does not compile is noticed", () => {
      expect(compileError({ type: "nonsense" }, {})).toContain("type")
      expect(compileError({ $ref: "#/__bundled__/schemas/none" }, { schemas: {} })).toContain("none")
      expect(compileError({ type: "object" }, {})).toBeNull()
    })
  })

  describe("a bad request is refused by the contract", () => {
    let fake: FakeAuth0
    let prism: Prism
    beforeAll(async () => {
      fake = await startFakeAuth0()
      prism = await startPrism(api, `${fake.url}/api/v2`)
    }, 90_000)
    afterAll(async () => {
      await prism?.stop()
      await fake?.stop()
    })

    test.each<readonly [string, string, unknown]>([
      ["GET", "/clients?take=many", undefined],
      ["GET", "/clients?include_totals=perhaps", undefined],
      ["POST", "/clients", {}],
      ["POST", "/clients", { name: "x", client_secret: "chosen" }],
      ["POST", "/clients", { name: "<x>" }],
      ["POST", "/clients", { name: "x", token_endpoint_auth_method: "private_key_jwt" }],
      ["POST", "/clients", { name: "x", jwt_configuration: { alg: "ES256" } }],
      ["POST", "/clients", { name: "x", unknown: true }],
      ["GET", "/clients/c1?include_fields=perhaps", undefined],
      ["PATCH", "/clients/c1", {}],
      ["PATCH", "/clients/c1", { client_id: "c2" }],
      ["PATCH", "/clients/c1", { client_metadata: Object.fromEntries(Array.from({ length: 11 }, (_, i) => [i, "x"])) }],
      ["POST", "/clients/c1/credentials", { pem: "x" }],
      ["POST", "/clients/c1/credentials", { credential_type: "public_key", pem: "x", alg: "ES256" }],
      ["POST", "/clients/c1/credentials", { credential_type: "public_key", pem: "x", kid: "short" }],
      ["GET", "/resource-servers?per_page=many", undefined],
      ["POST", "/resource-servers", { name: "no identifier" }],
      ["POST", "/resource-servers", { identifier: "x", token_lifetime: 2_592_001 }],
      ["POST", "/resource-servers", { identifier: "x", signing_alg: "none" }],
      ["POST", "/resource-servers", { identifier: "x", scopes: [{ name: "x" }] }],
      ["PATCH", "/resource-servers/r1", { identifier: "y" }],
      ["GET", "/client-grants?subject_type=nobody", undefined],
      ["POST", "/client-grants", { client_id: "c1" }],
      ["POST", "/client-grants", { client_id: "c1", audience: "x", subject_type: "robot" }],
      ["PATCH", "/client-grants/g1", { client_id: "c2" }],
      ["PATCH", "/client-grants/g1", { audience: "y" }],
      ["GET", "/logs?take=many", undefined],
      ["PUT", "/clients/c1", { name: "no such method" }],
    ])("%s %s %j", async (method, path, body) => {
      const answer = await localFetch(`${prism.url}${path}`, {
        method,
        headers: { "content-type": "application/json" },
        ...(body === undefined ? {} : { body: JSON.stringify(body) }),
      })
      expect(violation(answer.text)).not.toBeNull()
      expect(answer.status).toBeGreaterThanOrEqual(400)
    })
  })

  test("each named exception is one: as real tenants answer there, the contract refuses, and nowhere else", async () => {
    const tenant = await testTenant()
    const prism = await startPrism(api, `${tenant.fake.url}/api/v2`)
    try {
      const broken = new Set<string>()
      const noting: GuardedFetch = async (url, init) => {
        const from = `${tenant.fake.url}/api/v2`
        const answer = url.startsWith(`${from}/`)
          ? await localFetch(`${prism.url}${url.slice(from.length)}`, init)
          : await localFetch(url, init)
        if (violation(answer.text) === null) return answer
        broken.add(
          `${init?.method ?? "GET"} ${new URL(url).pathname.slice("/api/v2".length).replace(/^(\/[^/]+)\/.+/, "$1/{id}")}`,
        )
        return await localFetch(url, init)
      }
      const port = writing(tenant.open(noting))
      const { audience, client } = samples(null)
      const { remoteId } = await port.create(audience, "m")
      await port.create(client, "m")
      await port.update(remoteId, audience, [{ field: "token_ttl_seconds", from: 900, to: 901 }])
      await port.observe()
      expect([...broken].toSorted()).toEqual(vendorExceptions.flatMap(({ operations }) => operations).toSorted())
    } finally {
      await prism.stop()
      await tenant.fake.stop()
    }
  }, 90_000)

  describe("with the contract between both sides", async () => {
    const key = await publicKey("orders-2026-11")
    connectorContract(
      "auth0 through Prism",
      async () => {
        const tenant = await testTenant()
        tenant.fake.tenant.modes.byContract = true
        const prism = await startPrism(api, `${tenant.fake.url}/api/v2`)
        const provider = await contractTenant(tenant)
        return {
          ...provider,
          fetch: throughPrism(localFetch, `${tenant.fake.url}/api/v2`, prism),
          async stop() {
            await prism.stop()
            await provider.stop()
          },
        }
      },
      samples(key),
    )
  })
}

if (events === null) test.skip("skipped: the schemas of Auth0's log (auth0-log-events.json) are not at hand")
else
  test("the fake's log records are what the vendor's schemas of the log say", async () => {
    const schemas = schemasOf(JSON.parse(readFileSync(events, "utf8")))
    const validators = new Map(
      Object.entries(schemas).map(([type, schema]) => [type, prismValidator().compile(schema)] as const),
    )
    const tenant = await testTenant()
    try {
      const provider = await contractTenant(tenant)
      const connector = tenant.open()
      if (!("create" in connector.write)) throw new Error("no write port")
      const { client } = samples(null)
      const { remoteId } = await connector.write.create(client, "m")
      const request = await connector.tokenRequest(`${tenant.fake.url}/api/v2/`, [])
      expect(await provider.tokenError(remoteId, "wrong", request)).toBe("access_denied")
      const seen = new Set<string>()
      for (const record of tenant.fake.tenant.logs) {
        const valid = validators.get(record.type)
        if (!valid) continue
        seen.add(record.type)
        expect(valid(record), `${record.type}: ${JSON.stringify("errors" in valid ? valid.errors : null)}`).toBe(true)
        expect(valid({ ...record, log_id: 7 }), "a number is no log_id").toBe(false)
      }
      expect([...seen].toSorted()).toEqual(["feccft", "sapi", "seccft"])
    } finally {
      await tenant.fake.stop()
    }
  })
