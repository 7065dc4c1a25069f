/** The generic connector on Keycloak's client registration service: it merges updates, and drops contacts and software_id. */
import { afterAll, beforeAll, expect, test } from "vitest"
import { connectorContract } from "../contract.ts"
import { writing } from "../contract-subject.ts"
import { testFetch, testRealm, type TestRealm } from "../keycloak/realm.fixture.ts"
import { serverUnderTest } from "../keycloak/server.fixture.ts"
import { oidcAt, oidcSamples, type OpenedOidc } from "./samples.fixture.ts"

const words = ["payments:read", "payments:write", "payments:refund"]
let realm: TestRealm
let oidc: OpenedOidc

beforeAll(async () => {
  realm = await testRealm(serverUnderTest())
  for (const name of words)
    await realm.admin("POST", "/client-scopes", {
      name,
      protocol: "openid-connect",
      attributes: { "include.in.token.scope": "true" },
    })
  await allowScopes()
  const { body } = await realm.admin("POST", "/clients-initial-access", { count: 500, expiration: 3600 })
  const { base_url, realm: name } = realm.settings
  oidc = oidcAt(
    { issuer: `${base_url}/realms/${name}`, initial_access_token: (body as { token: string }).token },
    testFetch,
  )
}, 240_000)
afterAll(async () => {
  await realm?.remove()
})

/** Its policies for registrations with a token: by default only the realm's default scopes may be asked for. */
async function allowScopes(): Promise<void> {
  const type = "org.keycloak.services.clientregistration.policy.ClientRegistrationPolicy"
  const { body } = await realm.admin("GET", `/components?type=${type}`)
  const policy = (body as { id: string; subType: string; providerId: string; config: object }[]).find(
    ({ subType, providerId }) => subType === "authenticated" && providerId === "allowed-client-templates",
  )
  if (!policy) throw new Error("the realm has no policy for scopes of registered clients")
  await realm.admin("PUT", `/components/${policy.id}`, {
    ...policy,
    config: { "allow-default-scopes": ["true"], "allowed-client-scopes": words },
  })
}

connectorContract(
  "oidc on Keycloak's registration service",
  async () => ({
    connector: oidc.open,
    fetch: testFetch,
    behind: { cannot: "What others registered is not shown.", source: "RFC 7592 has no list" },
    tokenError: oidc.tokenError,
    stop: async () => undefined,
  }),
  { ...oidcSamples, untold: ["owner"], keepsSecret: "Keycloak keeps the secret where no rotation policy matches" },
)

test("what Keycloak drops is told as a limit, and as unknown on the client", async () => {
  const open = oidc.open(testFetch)
  await writing(open).create({ ...oidcSamples.client, key: "with-owner" }, "m")
  expect((await writing(open).find("client", "with-owner"))?.unknown).toEqual(["owner"])
  expect((await open.check()).find(({ name }) => name === "limit_drops")?.why).toBe(
    "This server does not show what was sent for the owner, our mark.",
  )
})
