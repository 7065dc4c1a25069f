import { describe, expect, it } from "vitest"
import { audience, contextFor, ecSigner, goodClaims, goodHeader, issuer, now, sign } from "../token/token.fixture.ts"
import { readKeySet } from "../token/keys.ts"
import type { LoadedKeys } from "./jwks.ts"
import type { InspectedProvider, RegistryReads } from "./registry.ts"
import { inspectRequest, type InspectRequest } from "./schema.ts"
import { judgeToken } from "./verdict.ts"

const signer = ecSigner("e1")
const stranger = ecSigner("s1")
const local: InspectedProvider = { id: "p1", name: "local", kind: "local", issuer, jwks_uri: `${issuer}/jwks` }
const keycloak: InspectedProvider = {
  ...local,
  id: "p2",
  name: "kc",
  kind: "keycloak",
  issuer: "https://kc.example/realms/a",
}
const payment = { id: "a1", identifier: audience, token_ttl_seconds: 300, scopes: ["payments:write", "payments:read"] }
const inventory = {
  id: "a2",
  identifier: "https://inventory-service.internal",
  token_ttl_seconds: 300,
  scopes: ["stock:read"],
}

function rig(
  more: {
    enabled?: boolean
    grants?: readonly { audience_id: string; scopes: readonly string[] }[]
    loaded?: LoadedKeys
  } = {},
) {
  const asked: unknown[] = []
  const registry: RegistryReads = {
    provider: () => Promise.resolve(null),
    providersByIssuer: (iss) => Promise.resolve([local, keycloak].filter((one) => one.issuer === iss)),
    providerOfAudience: () => Promise.resolve(null),
    issuers: () => Promise.resolve([local.issuer, keycloak.issuer]),
    client: (_, id) =>
      Promise.resolve(id === "order-service" ? { id: "c1", name: id, enabled: more.enabled ?? true } : null),
    audiences: (names) => Promise.resolve([payment, inventory].filter((one) => names.includes(one.identifier))),
    grants: (_, ids) =>
      Promise.resolve(
        (more.grants ?? [{ audience_id: "a1", scopes: ["payments:write"] }]).filter((one) =>
          ids.includes(one.audience_id),
        ),
      ),
  }
  const good: LoadedKeys = { set: readKeySet({ keys: [signer.jwk] }, "issuer"), ageSeconds: 7, problem: null }
  const keysFor = (...source: unknown[]) => {
    asked.push(source)
    return Promise.resolve(more.loaded ?? good)
  }
  const judge = (request: InspectRequest, provider: InspectedProvider | null = null) =>
    judgeToken(
      request,
      provider,
      { registry, keySets: { keysFor, forget: () => undefined, counts: () => ({ requests: 0, misses: 0 }) } },
      now * 1000,
    )
  return { judge, asked }
}

const token = (claims: object = goodClaims, by = signer) => sign(by, goodHeader(by), claims)
const check = (answer: Awaited<ReturnType<ReturnType<typeof rig>["judge"]>>, name: string) =>
  answer.checks.find((one) => one.name === name)

describe("the verdict of a token", () => {
  it("of a connected provider is valid, and tells what the registry knew", async () => {
    const { judge, asked } = rig()
    expect(await judge({ token: token() })).toMatchObject({
      verdict: "valid",
      overall: "valid",
      registry: {
        provider: { id: "p1", name: "local", kind: "local" },
        client: { id: "c1", name: "order-service", enabled: true },
        audiences: [{ id: "a1", identifier: audience }],
        granted_scopes: ["payments:write"],
        keys: { from: "issuer", url: `${issuer}/jwks`, age_seconds: 7, problem: null },
      },
    })
    expect(asked).toEqual([[{ issuer, url: `${issuer}/jwks` }, "e1"]])
  })

  it("of an issuer that is not connected is unverified, with a hint on a near miss, and fetches nothing", async () => {
    const { judge, asked } = rig()
    expect(await judge({ token: token({ ...goodClaims, iss: "https://elsewhere.example" }) })).toMatchObject({
      verdict: "unverified",
      overall: "not_verified",
    })
    const near = await judge({ token: token({ ...goodClaims, iss: `${issuer}/` }) })
    expect(near).toMatchObject({
      overall: "not_verified",
      why: expect.stringContaining("a slash at the end"),
      registry: { provider: null, keys: null },
    })
    expect(asked).toEqual([])
  })

  it("asked of another provider than its issuer is invalid by its issuer", async () => {
    const answer = await rig().judge({ token: token() }, keycloak)
    expect(answer.overall).toBe("rejected")
    expect(check(answer, "issuer")).toMatchObject({ is: "fail", why: expect.stringContaining(keycloak.issuer) })
  })

  it("is unverified while the issuer's keys cannot be loaded, and says why", async () => {
    const answer = await rig({
      loaded: { set: null, ageSeconds: null, problem: "Its key set address answered 503." },
    }).judge({ token: token() })
    expect(answer).toMatchObject({ overall: "not_verified", why: expect.stringContaining("503") })
  })

  it.each([
    ["a forged signature", { token: token(goodClaims, { ...stranger, kid: "e1" }) }, {}, "signature"],
    ["an unknown key", { token: token(goodClaims, stranger) }, {}, "key"],
    ["a disabled client", { token: token() }, { enabled: false }, "client"],
    ["no grant", { token: token() }, { grants: [] }, "scope"],
    ["an ungranted scope", { token: token({ ...goodClaims, scope: "payments:write payments:read" }) }, {}, "scope"],
    [
      "one ungranted audience of two",
      { token: token({ ...goodClaims, aud: [audience, inventory.identifier] }) },
      {},
      "scope",
    ],
    [
      "an audience that the registry does not know",
      { token: token({ ...goodClaims, aud: "https://nobody.example" }) },
      {},
      "audience",
    ],
    ["another audience than asked for", { token: token(), audience: inventory.identifier }, {}, "audience"],
    ["a scope that is needed and missing", { token: token(), scopes: ["payments:read"] }, {}, "scope"],
    ["the clock of the request", { token: token(), now: now + 331 }, {}, "expiry"],
    [
      "a plain JWT where RFC 9068 is due",
      { token: sign(signer, { alg: "ES256", kid: "e1", typ: "JWT" }, goodClaims) },
      {},
      "type",
    ],
  ])("is invalid for %s", async (_, request, more, name) => {
    const answer = await rig(more).judge(request)
    expect(answer.verdict).toBe("invalid")
    expect(check(answer, name)?.is).toBe("fail")
  })

  it("takes a plain JWT of a provider that writes them", async () => {
    const claims = { ...goodClaims, iss: keycloak.issuer }
    expect((await rig().judge({ token: sign(signer, { alg: "ES256", kid: "e1", typ: "JWT" }, claims) })).overall).toBe(
      "valid",
    )
  })

  it("reads scopes that a provider stores as audience/scope", async () => {
    const claims = { ...goodClaims, iss: keycloak.issuer, scope: `${audience}/payments:write` }
    expect((await rig().judge({ token: token(claims) })).overall).toBe("valid")
    expect((await rig().judge({ token: token({ ...claims, scope: `${audience}/payments:read` }) })).overall).toBe(
      "rejected",
    )
  })

  it("finds Cognito's audience in the scopes", async () => {
    const { judge } = rig()
    const { aud: _, ...claims } = { ...goodClaims, scope: `${audience}/payments:write`, token_use: "access" }
    const answer = await judge({ token: token(claims) }, { ...local, kind: "cognito" })
    expect(check(answer, "audience")?.is).toBe("pass")
    expect(answer.overall).toBe("valid")
  })

  it("with the caller's own keys needs no provider and fetches nothing", async () => {
    const { judge, asked } = rig()
    const foreign = token({ ...goodClaims, iss: "https://elsewhere.example" }, stranger)
    expect(await judge({ token: foreign, jwks: { keys: [stranger.jwk] }, audience })).toMatchObject({
      overall: "valid",
      registry: { keys: { from: "caller" } },
    })
    expect((await judge({ token: foreign, jwks: JSON.stringify(stranger.jwk), audience })).overall).toBe("valid")
    expect(
      (await judge({ token: foreign, jwks: { keys: [stranger.jwk] }, audience: "https://other.example" })).overall,
    ).toBe("rejected")
    expect((await judge({ token: foreign, jwks: "{not json" })).overall).toBe("rejected")
    expect(asked).toEqual([])
  })

  it("makes no lookup and no request for what is no token", async () => {
    const { judge, asked } = rig()
    expect(await judge({ token: "opaque-reference-token" })).toMatchObject({
      verdict: "invalid",
      form: "opaque",
      registry: { provider: null },
    })
    expect(asked).toEqual([])
  })

  it("is the same as the pure verdict under the same expectations", async () => {
    const { inspectToken } = await import("../token/inspect.ts")
    const pure = inspectToken(token(), contextFor(signer)).checks.map((one) => [one.name, one.is])
    expect((await rig().judge({ token: token() })).checks.map((one) => [one.name, one.is])).toEqual(pure)
  })
})

describe("the request", () => {
  it("takes a moment as seconds or RFC 3339, scopes as list or text, and nothing unknown", () => {
    expect(inspectRequest.parse({ token: "x", now: "2027-01-15T08:00:00Z", scopes: "a b" })).toEqual({
      token: "x",
      now: 1_800_000_000,
      scopes: ["a", "b"],
    })
    expect(inspectRequest.safeParse({ token: "x", issuer: "https://evil.example" }).success).toBe(false)
    expect(inspectRequest.safeParse({ token: 7 }).success).toBe(false)
  })

  it("says so when a handed-in key set stands in for a connected issuer's", async () => {
    const { judge } = rig()
    const handed = await judge({ token: token(), jwks: { keys: [signer.jwk] } })
    expect(handed.checks.find(({ name }) => name === "key_source")).toMatchObject({ is: "warn" })
    expect((await judge({ token: token() })).checks.some(({ name }) => name === "key_source")).toBe(false)
  })
})
