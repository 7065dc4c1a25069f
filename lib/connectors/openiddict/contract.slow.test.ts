import { guardedFetch } from "../../base/http.ts"
import { basic } from "../../oauth/client-auth.ts"
import { connectorContract } from "../contract.ts"
import type { ContractProvider } from "../contract-subject.ts"
import { startOpeniddictTwin, twinBundleToken, twinIntrospector } from "../fakes/openiddict/server.ts"
import { testOpened } from "../memory.fixture.ts"
import type { TokenRequest } from "../port.ts"
import { clientFields, everything } from "./objects.ts"
import { openOpeniddict } from "./openiddict.ts"
import { byHand, openiddictSamples } from "./samples.fixture.ts"

const fetch = guardedFetch({ allowHosts: ["127.0.0.1"], timeoutMs: 3_000 })

async function tokenError(clientId: string, secret: string, request: TokenRequest): Promise<string | null> {
  const { status, text } = await fetch(request.tokenEndpoint, {
    method: "POST",
    headers: { authorization: basic(clientId, secret), "content-type": "application/x-www-form-urlencoded" },
    body: new URLSearchParams({ grant_type: "client_credentials", ...request.parameters }).toString(),
  })
  return status === 200 ? null : String((JSON.parse(text) as { error: string }).error)
}

async function startAt(bundle: boolean): Promise<ContractProvider> {
  const twin = await startOpeniddictTwin()
  const { memory, fingerprint } = testOpened()
  const settings = {
    issuer: twin.url,
    client_id: twinIntrospector.id,
    client_secret: twinIntrospector.secret,
    ...(bundle ? { bundle_url: `${twin.url}/grantry`, bundle_token: twinBundleToken } : {}),
  }
  return {
    connector: (way) => openOpeniddict({ providerId: "p1", settings, fetch: way, memory, fingerprint }),
    fetch,
    behind: {
      async create({ kind, key, fields }) {
        twin.administer((before) => byHand(before, kind, key, fields))
      },
      async change(kind, key, field, value) {
        twin.administer((before) => {
          const app = before.applications.find(({ clientId }) => clientId === key)
          const now = kind === "client" && app ? clientFields(app) : fieldsOf(before, kind, key)
          return byHand(before, kind, key, { ...now, [field]: value })
        })
      },
    },
    tokenError,
    stop: twin.stop,
  }
}

const fieldsOf = (state: Parameters<typeof everything>[0], kind: string, key: string) =>
  everything(state).find((one) => one.kind === kind && one.key === key)?.fields ?? {}

connectorContract("openiddict over its bundle API", () => startAt(true), openiddictSamples)
connectorContract("openiddict by an exported bundle", () => startAt(false), {
  ...openiddictSamples,
  ports: { write: true, secrets: "none", behind: false },
  unasked: "A bundle is kept by Grantry: no write goes anywhere, so no answer can be lost.",
})
