import { status } from "@grpc/grpc-js"
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from "vitest"
import { guardedFetch, guardedResolve } from "../../base/http.ts"
import { requestToken } from "../../oauth/token-request.ts"
import { scopesOf } from "../../token/scopes.ts"
import { decode } from "../../token/decode.ts"
import { connectorContract } from "../contract.ts"
import { authority } from "../fakes/base/certificates.ts"
import { startGoAuthkitTwin, twinPermission, type GoAuthkitTwin } from "../fakes/go_authkit/idp.ts"
import { startTokenService, type TokenService, type TokenServiceOptions } from "../fakes/go_authkit/token-service.ts"
import { testOpened } from "../memory.fixture.ts"
import { oidcSamples } from "../oidc/samples.fixture.ts"
import { isPort, type Connector } from "../port.ts"
import { openGoAuthkit } from "./go_authkit.ts"

const policy = { allowHosts: ["127.0.0.1", "localhost"], timeoutMs: 3_000 }
const fetch = guardedFetch(policy)

function open(settings: Record<string, unknown>, way = fetch, allowHosts = policy.allowHosts): Connector {
  return openGoAuthkit({
    providerId: "p1",
    settings,
    fetch: way,
    resolve: guardedResolve({ allowHosts }),
    ...testOpened(),
  })
}
const introspect = (connector: Connector, token: string) => {
  if (!isPort(connector.introspection)) throw new Error("no introspection")
  return connector.introspection.introspect(token)
}

connectorContract(
  "go_authkit",
  async () => {
    const twin = await startGoAuthkitTwin()
    return {
      connector: (way) => open({ base_url: twin.url, bearer_token: twinPermission }, way),
      fetch,
      behind: { cannot: "Nothing is managed there.", source: "go-authkit" },
      tokenError: async () => "never",
      stop: twin.stop,
    }
  },
  { ...oidcSamples, ports: { write: false, secrets: "none", behind: false } },
)

let twin: GoAuthkitTwin
beforeAll(async () => {
  twin = await startGoAuthkitTwin()
})
beforeEach(() => twin.forgetCalls())
afterAll(async () => {
  await twin.stop()
})

describe("over HTTP", () => {
  test("without an issuer in discovery the base address is the issuer", async () => {
    expect(await open({ base_url: `${twin.url}/` }).endpoints()).toEqual({
      issuer: twin.url,
      tokenEndpoint: `${twin.url}/idp/token`,
      jwksUri: `${twin.url}/idp/keys`,
      introspectionEndpoint: `${twin.url}/idp/introspect_token`,
    })
  })

  test("a token is given to whoever proves a user by Basic authentication", async () => {
    const { tokenEndpoint, issuer, parameters } = await open({ base_url: twin.url }).tokenRequest("ignored", [
      "ignored",
    ])
    const ask = (secret: string) =>
      requestToken(
        {
          tokenUrl: tokenEndpoint,
          issuer,
          clientId: "admin",
          auth: { method: "client_secret_basic", secret },
          params: parameters,
        },
        globalThis.fetch,
        Date.now,
        3_000,
      )
    expect(decode((await ask("admin-pwd")).token)).toMatchObject({ payload: { claims: { sub: "admin" } } })
    await expect(ask("wrong")).rejects.toMatchObject({ code: "token_refused" })
  })

  test("a role that the token does not carry is told by introspection, as scope objects", async () => {
    const token = await twin.token("admin2")
    const decoded = decode(token)
    const claims = decoded.form === "jws" ? (decoded.payload.claims ?? {}) : {}
    expect(claims).not.toHaveProperty("scope")
    const answer = await introspect(open({ base_url: twin.url, bearer_token: twinPermission }), token)
    expect(answer).toMatchObject({ active: true, sub: "admin2", scope: [{ rn: "my_service", role: "admin" }] })
    expect([...scopesOf(claims, answer.scope).scopes]).toEqual(["my_service:admin"])
  })

  test("an unknown token is inactive", async () => {
    const connector = open({ base_url: twin.url, bearer_token: twinPermission })
    expect(await introspect(connector, "nonsense")).toEqual({ active: false })
  })

  test("a fixed endpoint is asked instead of the discovered one, which is not even looked up", async () => {
    const other = await startGoAuthkitTwin()
    const settings = {
      base_url: twin.url,
      bearer_token: twinPermission,
      introspection_endpoint: `${other.url}/idp/introspect_token`,
    }
    // One provider introspects the tokens of another.
    expect(await introspect(open(settings), await other.token("user"))).toMatchObject({ active: true, sub: "user" })
    expect(twin.calls).toEqual([])
    expect(other.calls).toEqual(["/idp/introspect_token"])
    expect((await open(settings).endpoints()).introspectionEndpoint).toBe(settings.introspection_endpoint)
    await other.stop()
  })

  test.each([
    ["no token of ours", undefined, "auth_failed"],
    ["a wrong token", "wrong", "auth_failed"],
  ])("%s is %s: %s", async (_name, bearer_token, code) => {
    const connector = open({ base_url: twin.url, ...(bearer_token ? { bearer_token } : {}) })
    await expect(introspect(connector, "x")).rejects.toMatchObject({ code })
  })

  test("a token without the permission is forbidden, and no error repeats it", async () => {
    const bearer_token = await twin.token("user")
    const error: unknown = await introspect(open({ base_url: twin.url, bearer_token }), "x").catch(
      (caught: unknown) => caught,
    )
    expect(error).toMatchObject({ code: "forbidden", httpStatus: 403 })
    expect(JSON.stringify(error)).not.toContain(bearer_token)
  })

  test("429 is rate_limited with the time to wait", async () => {
    twin.faults.add({
      match: ({ path }) => path === "/idp/introspect_token",
      answer: { status: 429, headers: { "retry-after": "7" }, text: "Too many requests" },
    })
    const connector = open({ base_url: twin.url, bearer_token: twinPermission })
    await expect(introspect(connector, "x")).rejects.toMatchObject({ code: "rate_limited", retryAt: expect.any(Date) })
  })

  test("what cannot be managed says so: a grant is unsupported", () => {
    const connector = open({ base_url: twin.url })
    expect(connector.project(oidcSamples.grant, [])).toMatchObject({ is: "unsupported" })
    expect(isPort(connector.write)).toBe(false)
    expect(isPort(connector.secrets)).toBe(false)
  })
})

describe("over gRPC", () => {
  let service: TokenService | null = null
  afterEach(async () => {
    await service?.stop()
    service = null
  })
  const serve = async (options: TokenServiceOptions = {}) => (service = await startTokenService(twin, options))
  const settings = (target: string, more: Record<string, unknown> = {}) => ({
    base_url: twin.url,
    bearer_token: twinPermission,
    grpc_target: target,
    ...more,
  })

  test("it is asked first, and its scope objects, times and custom claims are those of HTTP", async () => {
    const { target, proofs } = await serve()
    const token = await twin.token("admin2")
    const known = twin.introspect(token)
    expect(await introspect(open(settings(target)), token)).toEqual({ ...known, tenant: "twin" })
    expect(proofs).toEqual(["bearer"])
    expect(twin.calls).toEqual([])
  })

  test("a session that the service gives stands in for our token, and a new one is asked for when it ends", async () => {
    const running = await serve({ sessions: true })
    const connector = open(settings(running.target))
    const token = await twin.token("user")
    for (let i = 0; i < 2; i++) expect(await introspect(connector, token)).toMatchObject({ active: true })
    running.endSessions()
    expect(await introspect(connector, token)).toMatchObject({ active: true })
    expect(running.proofs).toEqual(["bearer", "session", "session", "bearer"])
  })

  test("where it cannot be reached HTTP stands in", async () => {
    const { target, stop } = await serve()
    await stop()
    service = null
    expect(await introspect(open(settings(target)), await twin.token("user"))).toMatchObject({ active: true })
    expect(twin.calls).toContain("/idp/introspect_token")
  })

  test.each([
    [status.UNAUTHENTICATED, "auth_failed"],
    [status.PERMISSION_DENIED, "forbidden"],
    [status.RESOURCE_EXHAUSTED, "rate_limited"],
  ])("the status %i is final (%s): HTTP is not asked", async (code, word) => {
    const running = await serve()
    running.fail(code, { "retry-after": "7" })
    await expect(introspect(open(settings(running.target)), "x")).rejects.toMatchObject({ code: word })
    expect(twin.calls).toEqual([])
  })

  test("RESOURCE_EXHAUSTED tells when to come back", async () => {
    const running = await serve()
    running.fail(status.RESOURCE_EXHAUSTED, { "retry-after": "7" })
    await expect(introspect(open(settings(running.target)), "x")).rejects.toMatchObject({ retryAt: expect.any(Date) })
  })

  test("a host that the guard does not let out is not dialled", async () => {
    const { target, proofs } = await serve()
    const connector = open({ ...settings(target), introspection_endpoint: `${twin.url}/nowhere` }, fetch, [])
    await expect(introspect(connector, "x")).rejects.toMatchObject({ code: "not_found" })
    expect(proofs).toEqual([])
  })

  test("with TLS the service's certificate is checked against our authority", async () => {
    const ca = authority("Test authority")
    const { target } = await serve({ tls: ca.issue("localhost") })
    const local = target.replace("127.0.0.1", "localhost")
    const token = await twin.token("user")
    for (const address of [target, local]) {
      const connector = open(settings(address, { grpc_ca: ca.cert }))
      expect((await connector.check()).find(({ name }) => name === "grpc")).toMatchObject({ is: "pass" })
      expect(await introspect(connector, token)).toMatchObject({ active: true, tenant: "twin" })
    }
    const stranger = open(settings(target, { grpc_ca: authority("Another").cert }))
    expect((await stranger.check()).find(({ name }) => name === "grpc")).toMatchObject({ is: "fail" })
  })

  test("with mutual TLS our own certificate opens the service, and without it nothing does", async () => {
    const ca = authority("Test authority")
    const { target } = await serve({ tls: ca.issue("localhost"), clientCa: ca.cert })
    const ours = ca.issue("grantry")
    const known = open(settings(target, { grpc_ca: ca.cert, grpc_cert: ours.cert, grpc_key: ours.key }))
    expect(await introspect(known, await twin.token("admin"))).toMatchObject({ active: true, tenant: "twin" })
    const unknown = open(settings(target, { grpc_ca: ca.cert }))
    expect((await unknown.check()).find(({ name }) => name === "grpc")).toMatchObject({ is: "fail" })
  })
})
