/** The generic connector on a real server that none of us wrote. What glewlwyd does differently is asserted, not excused. */
import { afterAll, beforeAll, describe, expect, test } from "vitest"
import { guardedFetch } from "../../base/http.ts"
import { secretsOf, writing } from "../contract-subject.ts"
import { grantKey } from "../objects.ts"
import type { Connector } from "../port.ts"
import { glewlwydMissing, startGlewlwyd, type Glewlwyd } from "./glewlwyd.fixture.ts"
import { oidcAt, oidcSamples, type OpenedOidc } from "./samples.fixture.ts"

if (glewlwydMissing !== null) process.stdout.write(`skipped: ${glewlwydMissing}\n`)

describe.skipIf(glewlwydMissing !== null)("oidc on glewlwyd", () => {
  const fetch = guardedFetch({ allowHosts: ["127.0.0.1"], timeoutMs: 5_000 })
  let server: Glewlwyd
  let oidc: OpenedOidc
  let open: Connector
  beforeAll(async () => {
    server = await startGlewlwyd(["payments:read", "payments:write"])
    oidc = oidcAt({ issuer: server.issuer }, fetch)
    open = oidc.open(fetch)
  }, 60_000)
  afterAll(async () => {
    await server?.stop()
  })

  const { client } = oidcSamples
  const audience = {
    kind: "audience",
    key: "https://a.example",
    fields: { scopes: ["payments:read", "payments:write"] },
  } as const
  const grant = {
    kind: "grant",
    key: grantKey(client.key, audience.key),
    fields: { scopes: ["payments:read"] },
  } as const
  const issue = (marker: string) =>
    secretsOf(open).issue({ client: client.key, value: "", fingerprint: "", marker, expiresAt: null })

  test("it is reached: discovery, keys, a registration endpoint", async () => {
    expect((await open.check()).filter(({ is }) => is !== "pass")).toEqual([])
  })

  test("a client is registered, granted and found again; what is not shown is unknown", async () => {
    for (const object of [audience, client, grant]) await writing(open).create(object, "p:1")
    const found = await writing(open).find("client", client.key)
    expect(found).toMatchObject({
      marked: true,
      fields: { display_name: "Orders", auth_method: "client_secret_basic" },
    })
    expect(found?.unknown).toEqual(["owner"])
    expect(await writing(open).find("grant", grant.key)).toMatchObject({ unknown: ["scopes"] })
  })

  test("its first secret fetches a real token", async () => {
    const found = await writing(open).find("client", client.key)
    const { value = "" } = await issue("r:1")
    const request = await open.tokenRequest(audience.key, ["payments:read"])
    expect(await oidc.tokenError(found?.remoteId ?? "", value, request)).toBeNull()
    // It answers 403 without a body to wrong credentials.
    expect(await oidc.tokenError(found?.remoteId ?? "", "wrong", request)).toBe("http_403")
  })

  test("an update would end the secret in use, as the rehearsal showed: it is refused, and the secret goes on", async () => {
    const found = await writing(open).find("client", client.key)
    const { value = "" } = await issue("r:1")
    const next = { ...client, fields: { ...client.fields, display_name: "Other" } }
    await expect(
      writing(open).update(found?.remoteId ?? "", next, [{ field: "display_name", from: "Orders", to: "Other" }]),
    ).rejects.toMatchObject({ code: "feature_missing" })
    const request = await open.tokenRequest(audience.key, ["payments:read"])
    expect(await oidc.tokenError(found?.remoteId ?? "", value, request)).toBeNull()
    expect((await open.check()).map(({ name }) => name)).toContain("limit_update_secret")
  })

  test("a rotation brings a new secret and ends the old one", async () => {
    const found = await writing(open).find("client", client.key)
    const { value: before = "" } = await issue("r:1")
    const { value: after = "" } = await issue("r:2")
    const request = await open.tokenRequest(audience.key, ["payments:read"])
    expect(await oidc.tokenError(found?.remoteId ?? "", before, request)).toBe("http_403")
    expect(await oidc.tokenError(found?.remoteId ?? "", after, request)).toBeNull()
  })

  test("a removal deletes the registration there", async () => {
    const found = await writing(open).find("client", client.key)
    const { value = "" } = await issue("r:2")
    await writing(open).remove("client", found?.remoteId ?? "", client.key)
    expect(await writing(open).find("client", client.key)).toBeNull()
    const request = await open.tokenRequest(audience.key, ["payments:read"])
    expect(await oidc.tokenError(found?.remoteId ?? "", value, request)).toBe("http_403")
  })
})
