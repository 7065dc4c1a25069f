/** Connector and fake against Okta's own contract: every request and every answer goes through Prism. */
import { afterAll, beforeAll, describe, expect, test } from "vitest"
import type { GuardedAnswer, GuardedFetch } from "../../base/http.ts"
import { connectorContract } from "../contract.ts"
import {
  compileError,
  contractPath,
  preflight,
  startPrism,
  throughPrism,
  violation,
  type Prism,
} from "../fakes/base/prism.fixture.ts"
import { startFakeOkta, type FakeOkta } from "../fakes/okta/fake.ts"
import { isPort } from "../port.ts"
import {
  contractOrg,
  fetchToken,
  localFetch,
  newApp,
  newPolicy,
  newRule,
  publicKey,
  samples,
  testOrg,
} from "./org.fixture.ts"
import { vendorExceptions } from "./vendor-exceptions.ts"

const api = contractPath("okta-m2m.json", process.env.GRANTRY_CONTRACTS)

/** A status that the contract does not have is no error to Prism, only a remark in a header. */
const remarkOf = ({ headers, text }: GuardedAnswer): string | null => violation(text) ?? headers.get("sl-violations")

/** Only the Management API stands in the contract: no token endpoint, no discovery. */
const managed =
  (from: string, prism: Prism): GuardedFetch =>
  async (url, init) => {
    if (!url.startsWith(`${from}/api/v1/`)) return await localFetch(url, init)
    const answer = await throughPrism(localFetch, from, prism)(url, init)
    const remark = remarkOf(answer)
    if (remark !== null) throw new Error(`${init?.method ?? "GET"} ${url} breaks the contract: ${remark}`)
    return answer
  }

const good = { app: newApp("client-1", { display_name: "One", owner: "", auth_method: "client_secret_basic" }) }

if (api === null)
  test.skip("skipped: Okta's contract (okta-m2m.json) is not at hand; GRANTRY_CONTRACTS names its folder")
else {
  describe("the preflight", () => {
    test("every schema of the contract compiles, so that none lets everything pass", async () => {
      const { compiled, broken } = await preflight(api)
      expect(broken).toEqual([])
      expect(compiled).toBeGreaterThan(100)
    })

    test("a schema that does not compile is noticed", () => {
      expect(compileError({ nullable: true, type: "nonsense" }, {})).toContain("type")
      expect(compileError({ type: "object" }, {})).toBeNull()
    })
  })

  describe("a bad request is refused by the contract", () => {
    let fake: FakeOkta
    let prism: Prism
    beforeAll(async () => {
      fake = await startFakeOkta()
      prism = await startPrism(api, fake.url)
    }, 90_000)
    afterAll(async () => {
      await prism?.stop()
      await fake?.stop()
    })

    const credentials = { oauthClient: { client_id: "client-1", token_endpoint_auth_method: "telepathy" } }
    const short = { oauthClient: { client_id: "client-1", client_secret: "short", token_endpoint_auth_method: "none" } }
    const badGrant = { oauthClient: { grant_types: ["by_hand"] } }
    const { settings: _settings, ...withoutSettings } = good.app
    const rule = newRule(["x"], 5)
    const servers = "/api/v1/authorizationServers"

    test.each<readonly [string, string, unknown]>([
      ["GET", "/api/v1/apps?limit=many", undefined],
      ["GET", "/api/v1/apps?limit=201", undefined],
      ["POST", "/api/v1/apps", {}],
      ["POST", "/api/v1/apps", withoutSettings],
      ["POST", "/api/v1/apps", { ...good.app, credentials }],
      ["POST", "/api/v1/apps", { ...good.app, credentials: short }],
      ["POST", "/api/v1/apps", { ...good.app, settings: badGrant }],
      ["POST", "/api/v1/apps?activate=perhaps", good.app],
      ["PUT", "/api/v1/apps/0oa1", { ...good.app, label: 7 }],
      ["PUT", "/api/v1/apps/0oa1", { ...good.app, settings: badGrant }],
      ["POST", "/api/v1/apps/0oa1/credentials/secrets", { status: "PERHAPS" }],
      ["POST", "/api/v1/apps/0oa1/credentials/secrets", { client_secret: 7 }],
      ["GET", `${servers}?limit=many`, undefined],
      ["POST", servers, { audiences: "https://api.example" }],
      ["PUT", `${servers}/aus1`, { status: "PERHAPS" }],
      ["GET", `${servers}/aus1/scopes?limit=201`, undefined],
      ["POST", `${servers}/aus1/scopes`, { description: "without a name" }],
      ["POST", `${servers}/aus1/scopes`, { name: "x", consent: "PERHAPS" }],
      ["PUT", `${servers}/aus1/scopes/scp1`, { description: "without a name" }],
      ["POST", `${servers}/aus1/policies`, { ...newPolicy("p", ["c"]), type: "OTHER" }],
      ["POST", `${servers}/aus1/policies`, { ...newPolicy("p", ["c"]), name: "x".repeat(101) }],
      ["PUT", `${servers}/aus1/policies/00p1`, { ...newPolicy("p", ["c"]), description: "" }],
      ["PUT", `${servers}/aus1/policies/00p1`, { ...newPolicy("p", ["c"]), priority: "first" }],
      ["POST", `${servers}/aus1/policies/00p1/rules`, { ...rule, conditions: undefined }],
      [
        "POST",
        `${servers}/aus1/policies/00p1/rules`,
        { ...rule, actions: { token: { accessTokenLifetimeMinutes: "30m" } } },
      ],
      ["PUT", `${servers}/aus1/policies/00p1/rules/0pr1`, { ...rule, type: "OTHER" }],
      ["GET", "/api/v1/logs?sortOrder=UP", undefined],
      ["GET", "/api/v1/logs?limit=many", undefined],
      ["PATCH", "/api/v1/apps/0oa1", { label: "no such method" }],
    ])("%s %s %j", async (method, path, body) => {
      const answer = await localFetch(`${prism.url}${path}`, {
        method,
        headers: { "content-type": "application/json", authorization: `SSWS ${fake.apiToken}` },
        ...(body === undefined ? {} : { body: JSON.stringify(body) }),
      })
      expect(violation(answer.text)).not.toBeNull()
      expect(answer.status).toBeGreaterThanOrEqual(400)
    })

    test("and a good one is not", async () => {
      const answer = await localFetch(`${prism.url}/api/v1/apps`, {
        method: "POST",
        headers: { "content-type": "application/json", authorization: `SSWS ${fake.apiToken}` },
        body: JSON.stringify(good.app),
      })
      expect([answer.status, violation(answer.text)]).toEqual([200, null])
    })

    test.each(vendorExceptions)(
      "$mode is an exception: as real orgs answer there, the contract refuses",
      async ({ mode }) => {
        await localFetch(`${fake.url}${servers}`, {
          method: "POST",
          headers: { "content-type": "application/json", authorization: `SSWS ${fake.apiToken}` },
          body: JSON.stringify({ name: "One", audiences: ["https://one.example"] }),
        })
        const ask = async () =>
          remarkOf(await localFetch(`${prism.url}${servers}`, { headers: { authorization: `SSWS ${fake.apiToken}` } }))
        expect(await ask()).toBeNull()
        fake.org.modes[mode] = mode === "nulls"
        expect(await ask()).not.toBeNull()
        fake.org.modes[mode] = mode !== "nulls"
      },
    )
  })

  test("the log that the fake keeps is one by the contract, for polling and for looking back", async () => {
    const org = await testOrg()
    const prism = await startPrism(api, org.fake.url)
    try {
      const connector = org.open(managed(org.fake.url, prism))
      const { write, events, changes, secrets } = connector
      if (!isPort(write) || !isPort(events) || !isPort(changes) || !isPort(secrets))
        throw new Error("a port is missing")
      const { audience, client, grant, secretValue } = samples(null)
      const objects = connector.shape([audience, client, { ...grant, key: `${client.key} ${audience.key}` }]).objects
      for (const object of objects) await write.create(object, "p:c")
      const value = secretValue()
      await secrets.issue({ client: client.key, value, fingerprint: "fp", marker: "m", expiresAt: null })
      const request = await connector.tokenRequest(audience.key, ["payments:write"])
      expect((await fetchToken(client.key, value, request)).error).toBeNull()
      expect((await fetchToken(client.key, value, { ...request, parameters: { scope: "no" } })).error).toBe(
        "invalid_scope",
      )
      expect((await events.poll(null)).records).toHaveLength(2)
      org.fake.clock.advance(1_000)
      expect((await changes.since(new Date(org.fake.clock.now().getTime() - 60_000))).length).toBeGreaterThan(5)
    } finally {
      await prism.stop()
      await org.fake.stop()
    }
  }, 90_000)

  describe("with the contract between both sides", async () => {
    const key = await publicKey("orders-2026-11")
    connectorContract(
      "okta through Prism",
      async () => {
        const org = await testOrg()
        const prism = await startPrism(api, org.fake.url)
        const provider = contractOrg(org)
        return {
          ...provider,
          fetch: managed(org.fake.url, prism),
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
