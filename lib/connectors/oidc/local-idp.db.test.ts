/** The generic connector on the local IdP's own registration endpoints: oidc-provider, which we did not write. */
import { afterAll, beforeAll } from "vitest"
import { testDatabase, type TestDatabase } from "../../db/testing.ts"
import { startTestIdp, type TestIdp } from "../../playground/idp/testing.ts"
import { connectorContract } from "../contract.ts"
import { oidcAt, oidcSamples, type OpenedOidc } from "./samples.fixture.ts"

let running: TestIdp
let database: TestDatabase
let oidc: OpenedOidc
beforeAll(async () => {
  database = await testDatabase()
  running = await startTestIdp(database.url)
  const { value } = (await running.admin("POST", "/initial-access-tokens", {})).body
  await running.admin("POST", "/audiences", {
    identifier: "https://any.example",
    name: "Any",
    scopes: ["payments:read", "payments:write", "payments:refund"].map((name) => ({ name })),
    token_ttl_seconds: 300,
    token_format: "jwt",
    signing_alg: "RS256",
  })
  oidc = oidcAt({ issuer: running.settings.issuer, initial_access_token: String(value) }, running.fetch)
})
afterAll(async () => {
  await running.idp.close()
  await database.drop()
})

/** The administrator's part: registration never grants anything there. */
const allow = (clientId: string) =>
  running.admin("POST", "/grants", {
    client_id: clientId,
    audience: "https://any.example",
    scopes: ["payments:read", "payments:write"],
  })

connectorContract(
  "oidc on the local IdP",
  async () => ({
    connector: oidc.open,
    fetch: running.fetch,
    behind: { cannot: "What others registered is not shown.", source: "RFC 7592 has no list" },
    async tokenError(clientId, secret, request) {
      await allow(clientId)
      return await oidc.tokenError(clientId, secret, request)
    },
    stop: async () => undefined,
  }),
  {
    ...oidcSamples,
    keepsSecret: "oidc-provider keeps the secret of an updated client",
    scopelessDefault: "oidc-provider limits a client without scopes not at all: the administrator's grants decide",
  },
)
