/** Connector and fake against Graph's own contract: every request and every answer that it knows goes through Prism. */
import { afterAll, beforeAll, describe, expect, test } from "vitest"
import type { GuardedFetch } from "../../base/http.ts"
import { connectorContract } from "../contract.ts"
import { writing } from "../contract-subject.ts"
import { startFakeEntra, type FakeEntra } from "../fakes/entra/fake.ts"
import {
  contractPath,
  preflight,
  startPrism,
  throughPrism,
  violation,
  type Prism,
} from "../fakes/base/prism.fixture.ts"
import { contractTenant, localFetch, samples, testTenant } from "./tenant.fixture.ts"
import { inContract, vendorExceptions } from "./vendor-exceptions.ts"

const graph = contractPath("graph-m2m.json", process.env.GRANTRY_CONTRACTS)

/** By way of Prism, except what the contract does not hold. */
function judged(url: string, prism: Prism, known: (path: string) => boolean = inContract): GuardedFetch {
  const through = throughPrism(localFetch, `${url}/v1.0`, prism)
  return (address, init) => {
    const { origin, pathname } = new URL(address)
    return origin === url && known(decodeURIComponent(pathname)) ? through(address, init) : localFetch(address, init)
  }
}

if (graph === null)
  test.skip("skipped: Graph's contract (graph-m2m.json) is not at hand; GRANTRY_CONTRACTS names its folder")
else {
  test("the preflight: every schema of the contract compiles, so that none lets everything pass", async () => {
    const { compiled, broken } = await preflight(graph)
    expect(broken).toEqual([])
    expect(compiled).toBeGreaterThan(80)
  })

  describe("a bad request is refused by the contract", () => {
    let fake: FakeEntra
    let prism: Prism
    beforeAll(async () => {
      fake = await startFakeEntra()
      prism = await startPrism(graph, `${fake.url}/v1.0`)
    }, 90_000)
    afterAll(async () => {
      await prism?.stop()
      await fake?.stop()
    })

    test.each<readonly [string, string, unknown]>([
      ["GET", "/applications?$top=many", undefined],
      ["GET", "/servicePrincipals?$top=-1", undefined],
      ["POST", "/applications", { displayName: "x", appRoles: [{ id: "no-guid" }] }],
      ["POST", "/applications", { displayName: "x", unknown: true }],
      ["POST", "/applications", { displayName: 7 }],
      ["POST", "/applications", { displayName: "x", identifierUris: "api://x" }],
      ["POST", "/applications", { displayName: "x", api: { requestedAccessTokenVersion: "2" } }],
      ["PATCH", "/applications/a1", { uniqueName: 5 }],
      ["PATCH", "/applications/a1", { tags: [1] }],
      ["PATCH", "/applications/a1", { id: "other" }],
      ["POST", "/applications/a1/addPassword", { passwordCredential: { endDateTime: "tomorrow" } }],
      ["POST", "/applications/a1/removePassword", { keyId: "no-guid" }],
      ["POST", "/applications/a1/federatedIdentityCredentials", { name: "x", audiences: "one" }],
      ["POST", "/servicePrincipals", { appId: "x", unknown: true }],
      ["POST", "/servicePrincipals", { appId: "x", accountEnabled: "yes" }],
      ["PATCH", "/servicePrincipals/s1", { accountEnabled: "no" }],
      ["PATCH", "/servicePrincipals/s1", { appRoleAssignmentRequired: null }],
      ["POST", "/servicePrincipals/s1/appRoleAssignedTo", { principalId: "x" }],
      ["POST", "/servicePrincipals/s1/appRoleAssignedTo", { scopes: ["x"] }],
      ["GET", "/servicePrincipals/s1/appRoleAssignedTo?$top=all", undefined],
      ["GET", "/applications/a1/tokenLifetimePolicies?$top=all", undefined],
      ["POST", "/policies/tokenLifetimePolicies", { definition: "x" }],
      ["PATCH", "/policies/tokenLifetimePolicies/p1", { isOrganizationDefault: "no" }],
      ["GET", "/auditLogs/signIns?$top=many", undefined],
      ["PUT", "/applications/a1", { displayName: "no such method" }],
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

  test("an answer of the fake that breaks the contract is noticed, so that the suite below says something", async () => {
    const tenant = await testTenant()
    const prism = await startPrism(graph, `${tenant.fake.url}/v1.0`)
    try {
      const json = { value: [{ id: 7, appId: "a" }] }
      const match = ({ path }: { readonly path: string }) => path === "/v1.0/applications"
      tenant.fake.faults.add({ match, answer: { status: 200, json } })
      const port = writing(tenant.open(judged(tenant.fake.url, prism)))
      await expect(port.observe()).rejects.toThrow("breaks the contract")
      expect(await port.observe()).toEqual([])
    } finally {
      await prism.stop()
      await tenant.fake.stop()
    }
  }, 90_000)

  test("each named exception is one: the contract does not know that address", async () => {
    const fake = await startFakeEntra()
    const prism = await startPrism(graph, `${fake.url}/v1.0`)
    try {
      for (const { path } of vendorExceptions.filter((one) => !one.path.source.includes("beta"))) {
        const [sample = ""] = addresses.filter((address) => path.test(address))
        const answer = await localFetch(`${prism.url}${sample.slice("/v1.0".length)}`)
        expect(violation(answer.text), sample).toContain("NO_PATH_MATCHED")
      }
    } finally {
      await prism.stop()
      await fake.stop()
    }
  }, 90_000)

  test("a log that the contract knows is read through it", async () => {
    const tenant = await testTenant()
    tenant.fake.tenant.modes.v1SignIns = true
    const prism = await startPrism(graph, `${tenant.fake.url}/v1.0`)
    try {
      const connector = tenant.open(judged(tenant.fake.url, prism))
      const { remoteId } = await writing(connector).create(samples.client, "m")
      const request = await connector.tokenRequest(tenant.fake.settings.client_id, [])
      const provider = contractTenant(tenant)
      expect(await provider.tokenError(remoteId, "wrong", request)).toBe("invalid_client")
      if (!("poll" in connector.events)) throw new Error("no events port")
      expect((await connector.events.poll(null)).records).toHaveLength(1)
    } finally {
      await prism.stop()
      await tenant.fake.stop()
    }
  }, 90_000)

  connectorContract(
    "entra through Prism",
    async () => {
      const tenant = await testTenant()
      const prism = await startPrism(graph, `${tenant.fake.url}/v1.0`)
      const provider = contractTenant(tenant)
      return {
        ...provider,
        fetch: judged(tenant.fake.url, prism),
        async stop() {
          await prism.stop()
          await provider.stop()
        },
      }
    },
    samples,
  )
}

const addresses = [
  "/v1.0/applications(uniqueName='x')",
  "/v1.0/applications/a1/tokenLifetimePolicies/$ref",
  "/v1.0/directory/deletedItems/microsoft.graph.application",
  "/v1.0/auditLogs/directoryAudits",
]
