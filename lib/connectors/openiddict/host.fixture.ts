/** A host of OpenIddict for one test, and a client placed there with a grant on an audience. */
import { afterEach } from "vitest"
import { guardedFetch } from "../../base/http.ts"
import { secretsOf, writing } from "../contract-subject.ts"
import {
  startOpeniddictTwin,
  twinBundleToken,
  twinIntrospector,
  type OpeniddictTwin,
} from "../fakes/openiddict/server.ts"
import { testOpened } from "../memory.fixture.ts"
import { grantKey, type DesiredObject } from "../objects.ts"
import { isPort, type Connector } from "../port.ts"
import { openOpeniddict } from "./openiddict.ts"
import { openiddictSamples } from "./samples.fixture.ts"

export const fetch = guardedFetch({ allowHosts: ["127.0.0.1"], timeoutMs: 3_000 })

/** Starts such a host for one test, with or without an API for its bundle; it ends with it. */
export function hosted() {
  let running: OpeniddictTwin | null = null
  afterEach(async () => {
    await running?.stop()
  })
  return async (tokens: "encrypted" | "reference" | "plain", bundle = true) => {
    const twin = await startOpeniddictTwin({ tokens })
    running = twin
    const { memory, fingerprint } = testOpened()
    const settings = {
      issuer: twin.url,
      client_id: twinIntrospector.id,
      client_secret: twinIntrospector.secret,
      ...(bundle ? { bundle_url: `${twin.url}/grantry`, bundle_token: twinBundleToken } : {}),
    }
    return { twin, open: openOpeniddict({ providerId: "p1", settings, fetch, memory, fingerprint }) }
  }
}

/** The API that introspects is the audience: OpenIddict shows a token to those it is for. */
export const audience: DesiredObject = {
  kind: "audience",
  key: twinIntrospector.id,
  fields: { name: "Data events", scopes: [{ name: "dataEventRecords", description: "" }], token_format: "opaque" },
}
export const client = { ...openiddictSamples.client, key: "CC" }
export const grant: DesiredObject = {
  kind: "grant",
  key: grantKey("CC", audience.key),
  fields: { scopes: ["dataEventRecords"] },
}

export async function placed(open: Connector, secret: string): Promise<void> {
  for (const object of open.shape([audience, client, grant]).objects) await writing(open).create(object, "p:1")
  if (isPort(open.secrets))
    await secretsOf(open).issue({ client: "CC", value: secret, fingerprint: "f", marker: "r:1", expiresAt: null })
}
