/** A server with manners of its own, and a client registered there. What the tests of both halves share. */
import { afterEach } from "vitest"
import { guardedFetch } from "../../base/http.ts"
import { secretsOf, writing } from "../contract-subject.ts"
import { fakeInitialToken, startFakeOidc, type FakeManners, type FakeOidc } from "../fakes/oidc/server.ts"
import { grantKey } from "../objects.ts"
import type { Connector } from "../port.ts"
import { oidcAt, oidcSamples, type OpenedOidc } from "./samples.fixture.ts"

export const fetch = guardedFetch({ allowHosts: ["127.0.0.1"], timeoutMs: 3_000 })

export const { client } = oidcSamples
export const audience = {
  kind: "audience",
  key: "https://a.example",
  fields: { scopes: ["a:read", "a:write"] },
} as const
export const scopes = {
  kind: "grant",
  key: grantKey(client.key, audience.key),
  fields: { scopes: ["a:read"] },
} as const

/** Starts such a server for one test; it ends with it. */
export function mannerly(): (
  manners: FakeManners,
  now?: () => Date,
) => Promise<{ fake: FakeOidc; oidc: OpenedOidc; open: Connector }> {
  let running: FakeOidc | null = null
  afterEach(async () => {
    await running?.stop()
  })
  return async (manners, now) => {
    const fake = await startFakeOidc(manners)
    running = fake
    const oidc = oidcAt({ issuer: fake.url, initial_access_token: fakeInitialToken }, fetch, now)
    return { fake, oidc, open: oidc.open(fetch) }
  }
}

export const limitsOf = async (open: Connector) =>
  (await open.check()).filter(({ is }) => is === "warn").map(({ name }) => name)

export const put = (open: Connector, display_name: string) =>
  writing(open).update("c1", { ...client, fields: { ...client.fields, display_name } }, [
    { field: "display_name", from: "Orders", to: display_name },
  ])

export const issue = (open: Connector, marker: string) =>
  secretsOf(open).issue({ client: client.key, value: "", fingerprint: "", marker, expiresAt: null })
