import { guardedFetch } from "../../base/http.ts"
import { connectorContract } from "../contract.ts"
import { fakeInitialToken, startFakeOidc } from "../fakes/oidc/server.ts"
import { oidcAt, oidcSamples } from "./samples.fixture.ts"

const fetch = guardedFetch({ allowHosts: ["127.0.0.1"], timeoutMs: 3_000 })

connectorContract(
  "oidc on a server that issues a new secret and a new access token each time",
  async () => {
    const fake = await startFakeOidc({ newSecretOnPut: true, rotatesToken: true, drops: ["software_id"] })
    const { open, tokenError } = oidcAt({ issuer: fake.url, initial_access_token: fakeInitialToken }, fetch)
    return {
      connector: open,
      fetch,
      behind: { cannot: "What others registered is not shown.", source: "RFC 7592 has no list" },
      tokenError,
      stop: fake.stop,
    }
  },
  oidcSamples,
)
