import { guardedFetch } from "../../base/http.ts"
import { connectorContract } from "../contract.ts"
import { fakeInitialToken, startFakeOidc, type FakeManners } from "../fakes/oidc/server.ts"
import { oidcAt, oidcSamples } from "./samples.fixture.ts"

const fetch = guardedFetch({ allowHosts: ["127.0.0.1"], timeoutMs: 3_000 })

const started = (manners: FakeManners) => async () => {
  const fake = await startFakeOidc(manners)
  const { open, tokenError } = oidcAt({ issuer: fake.url, initial_access_token: fakeInitialToken }, fetch)
  return {
    connector: open,
    fetch,
    behind: { cannot: "What others registered is not shown.", source: "RFC 7592 has no list" },
    tokenError,
    stop: fake.stop,
  }
}

connectorContract(
  "oidc on a server that issues a new secret and a new access token each time",
  started({ newSecretOnPut: true, rotatesToken: true, drops: ["software_id"] }),
  { ...oidcSamples, fixedInUse: "Each update would end the secret in use." },
)

connectorContract("oidc on a server that keeps secrets", started({}), {
  ...oidcSamples,
  keepsSecret: "The fake keeps the secret on an update.",
})

connectorContract("oidc on a server that keeps whatever an update does not name", started({ merges: true }), {
  ...oidcSamples,
  keepsSecret: "The fake keeps the secret on an update.",
})
