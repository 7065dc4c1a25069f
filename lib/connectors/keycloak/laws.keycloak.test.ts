/** What the mapping promises of tokens, words, lifetimes and weak credentials, on a real server. */
import { exportJWK, generateKeyPair, SignJWT } from "jose"
import { afterAll, beforeAll, describe, expect, test } from "vitest"
import type { GuardedFetch } from "../../base/http.ts"
import { isObject } from "../../base/json.ts"
import { secretsOf, writing } from "../contract-subject.ts"
import { grantKey, type DesiredObject } from "../objects.ts"
import { isPort, type Connector, type IntrospectionPort } from "../port.ts"
import { testFetch, testRealm, type TestRealm } from "./realm.fixture.ts"
import { samples } from "./samples.fixture.ts"
import { serverUnderTest } from "./server.fixture.ts"
import { realmUrl, tokenUrl } from "./settings.ts"

let realm: TestRealm
let connector: Connector
beforeAll(async () => {
  realm = await testRealm(serverUnderTest())
  connector = realm.connector()
})
afterAll(() => realm?.remove())

const audience = (key: string, scopes: readonly string[], ttl = 300, alg = "RS256"): DesiredObject => ({
  kind: "audience",
  key,
  fields: {
    name: key,
    scopes: scopes.map((name) => ({ name, description: "" })),
    token_ttl_seconds: ttl,
    token_format: "jwt",
    signing_alg: alg,
  },
})
const client = (key: string, fields: Record<string, never> | object = {}): DesiredObject => ({
  kind: "client",
  key,
  fields: { ...samples.client.fields, ...fields },
})
const grant = (of: string, to: string, scopes: readonly string[]): DesiredObject => ({
  kind: "grant",
  key: grantKey(of, to),
  fields: { scopes: [...scopes] },
})

async function bring(...objects: readonly DesiredObject[]): Promise<void> {
  for (const object of connector.shape(objects).objects) await writing(connector).create(object, "p:c")
}
async function secretFor(name: string): Promise<string> {
  const value = samples.secretValue()
  await secretsOf(connector).issue({ client: name, value, fingerprint: "", marker: value, expiresAt: null })
  return value
}
const part = (token: unknown, index: number): Record<string, unknown> =>
  JSON.parse(Buffer.from(String(token).split(".")[index] ?? "", "base64url").toString()) as Record<string, unknown>
async function token(name: string, secret: string, parameters: Readonly<Record<string, string>>) {
  const { status, body } = await realm.token(name, secret, parameters)
  const answer = isObject(body) ? body : {}
  return {
    status,
    error: answer.error,
    token: String(answer.access_token),
    claims: status === 200 ? part(answer.access_token, 1) : {},
  }
}

describe("tokens", () => {
  const [api, other] = ["https://orders.example", "https://billing.example"]
  let secret = ""
  beforeAll(async () => {
    await bring(
      audience(api, ["orders:read", "shared"], 600, "ES256"),
      audience(other, ["shared"], 120),
      client("worker"),
      grant("worker", api, ["orders:read"]),
      grant("worker", other, ["shared"]),
    )
    secret = await secretFor("worker")
  })

  test("aud is there only when a scope of the audience is asked for, and then it is that one", async () => {
    const { parameters } = await connector.tokenRequest(api, ["orders:read"])
    expect(parameters).toEqual({ scope: "orders:read" })
    expect(await token("worker", secret, parameters)).toMatchObject({
      claims: { aud: api, scope: "orders:read", client_id: "worker" },
    })
    expect((await token("worker", secret, {})).claims).not.toHaveProperty("aud")
  })

  test("the lifetime is the smallest of the client's audiences, and the algorithm the one of that audience", async () => {
    const answer = await token("worker", secret, (await connector.tokenRequest(api, ["orders:read"])).parameters)
    expect(Number(answer.claims.exp) - Number(answer.claims.iat)).toBe(120)
    expect(part(answer.token, 0)).toMatchObject({ alg: "RS256", typ: "at+jwt" })
  })

  test("a word that another audience holds is stored under its long name, asked for by it, and shown as our word", async () => {
    const { parameters } = await connector.tokenRequest(other, ["shared"])
    expect(parameters).toEqual({ scope: `${other}/shared` })
    expect(await token("worker", secret, parameters)).toMatchObject({ claims: { aud: other } })
    expect(await writing(connector).find("audience", other)).toMatchObject({ fields: { scopes: [{ name: "shared" }] } })
  })

  test("a scope that was not granted refuses the whole request", async () => {
    const { parameters } = await connector.tokenRequest(api, ["orders:read", "shared"])
    expect(await token("worker", secret, parameters)).toMatchObject({ status: 400, error: "invalid_scope" })
  })

  test("two audiences in one request are both in aud: that is why such grants are widened", async () => {
    const mixed = await token("worker", secret, { scope: `orders:read ${other}/shared` })
    expect([...(mixed.claims.aud as string[])].sort()).toEqual([other, api])
  })

  test("introspection asks as the token's own audience; the client that the token was issued to may not", async () => {
    const { parameters } = await connector.tokenRequest(api, ["orders:read"])
    const { token: issued } = await token("worker", secret, parameters)
    if (!isPort<IntrospectionPort>(connector.introspection)) throw new Error("no introspection")
    expect(await connector.introspection.introspect(issued)).toMatchObject({ active: true, client_id: "worker" })
    expect((await realm.introspect(issued, "worker", secret)).body).toEqual({ active: false })
    expect(await connector.introspection.introspect("nonsense")).toEqual({ active: false })
  })

  test("a masked secret is never sent as a credential: introspection is forbidden by name", async () => {
    const { token: issued } = await token("worker", secret, { scope: "orders:read" })
    const sent: string[] = []
    const masking: GuardedFetch = async (url, init) => {
      sent.push(url)
      const answer = await testFetch(url, init)
      return { ...answer, text: answer.text.replace(/"secret":"[^"]*"/g, '"secret":"**********"') }
    }
    const { introspection } = realm.connector(masking)
    if (!isPort<IntrospectionPort>(introspection)) throw new Error("no introspection")
    await expect(introspection.introspect(issued)).rejects.toMatchObject({
      code: "forbidden",
      message: expect.stringContaining("manage-clients") as string,
    })
    expect(sent.filter((url) => url.endsWith("/introspect"))).toEqual([])
  })

  test("a disabled client gets no token", async () => {
    const { parameters } = await connector.tokenRequest(api, ["orders:read"])
    const there = await writing(connector).find("client", "worker")
    const put = (to: boolean) =>
      writing(connector).update(there?.remoteId ?? "", client("worker"), [{ field: "enabled", from: !to, to }])
    await put(false)
    expect(await token("worker", secret, parameters)).toMatchObject({ status: 401, error: "invalid_client" })
    await put(true)
    expect(await token("worker", secret, parameters)).toMatchObject({ status: 200 })
  })

  test("a client whose service account was switched off by hand shows as disabled, and enabling it mends it", async () => {
    const { parameters } = await connector.tokenRequest(api, ["orders:read"])
    const port = writing(connector)
    const there = await port.find("client", "worker")
    const id = there?.remoteId ?? ""
    await realm.admin("PUT", `/clients/${id}`, { serviceAccountsEnabled: false, attributes: {} })
    expect(await token("worker", secret, parameters)).toMatchObject({ status: 401 })
    expect((await port.find("client", "worker"))?.fields).toEqual({ ...there?.fields, enabled: false })
    await port.update(id, client("worker"), [{ field: "enabled", from: false, to: true }])
    expect(await token("worker", secret, parameters)).toMatchObject({ status: 200 })
  })

  test("a new client has the grants that come with it from one request; a scope that is gone by then is not taken for granted", async () => {
    const [here, gone] = ["https://along.example", "https://along-gone.example"]
    await bring(audience(here, ["along:read", "along:write"]), audience(gone, ["along:gone"]))
    const port = writing(connector)
    await port.observe()
    const { body } = await realm.admin("GET", "/client-scopes")
    const id = (body as { id: string; name: string }[]).find(({ name }) => name === "along:gone")?.id ?? ""
    await realm.admin("DELETE", `/client-scopes/${id}`)
    const grants = [grant("rider", here, ["along:read"]), grant("rider", gone, ["along:gone"])]
    await port.create(client("rider"), "p:along", grants)
    expect(await port.find("grant", grantKey("rider", here))).toMatchObject({ fields: { scopes: ["along:read"] } })
    expect(await port.find("grant", grantKey("rider", gone))).toBeNull()
  })

  test("a client of ours has a service account, and no flow of a browser or of a password", async () => {
    await bring(client("no-flows"))
    expect((await realm.admin("GET", "/clients?clientId=no-flows")).body).toMatchObject([
      {
        serviceAccountsEnabled: true,
        standardFlowEnabled: false,
        implicitFlowEnabled: false,
        directAccessGrantsEnabled: false,
        publicClient: false,
        redirectUris: [],
        webOrigins: [],
      },
    ])
  })

  test("a scope of Keycloak's own name does not become ours: it is stored under the long name", async () => {
    await bring(audience("https://mail.example", ["email"]))
    expect((await connector.tokenRequest("https://mail.example", ["email"])).parameters).toEqual({
      scope: "https://mail.example/email",
    })
  })

  test("two audiences that want one word at the same moment both get their scope", async () => {
    const pair = [audience("https://a.example", ["race"]), audience("https://b.example", ["race"])]
    const made = connector.shape(pair).objects.map((object) => writing(realm.connector()).create(object, "p:r"))
    await Promise.all(made)
    const names = await Promise.all(pair.map(({ key }) => realm.connector().tokenRequest(key, ["race"])))
    expect(new Set(names.map(({ parameters }) => parameters.scope)).size).toBe(2)
    expect(names.map(({ parameters }) => parameters.scope)).toContain("race")
  })
})

test("private_key_jwt: a token is fetched with a signed assertion, and two keys are live", async () => {
  const api = "https://keys.example"
  const pairs = await Promise.all(["k1", "k2"].map(async (kid) => ({ kid, ...(await generateKeyPair("ES256")) })))
  const keys = await Promise.all(
    pairs.map(async ({ kid, publicKey }) => ({ ...(await exportJWK(publicKey)), kid, alg: "ES256", use: "sig" })),
  )
  await bring(
    audience(api, ["keys:use"]),
    client("signer", { auth_method: "private_key_jwt", jwks: { keys } }),
    grant("signer", api, ["keys:use"]),
  )
  for (const { kid, privateKey } of pairs) {
    const assertion = await new SignJWT()
      .setProtectedHeader({ alg: "ES256", kid })
      .setIssuer("signer")
      .setSubject("signer")
      .setAudience(realmUrl(realm.settings))
      .setJti(`${kid}-${Date.now()}`)
      .setIssuedAt()
      .setExpirationTime("60s")
      .sign(privateKey)
    const body = new URLSearchParams({
      grant_type: "client_credentials",
      scope: "keys:use",
      client_assertion_type: "urn:ietf:params:oauth:client-assertion-type:jwt-bearer",
      client_assertion: assertion,
    }).toString()
    const headers = { "content-type": "application/x-www-form-urlencoded" }
    const { status, text } = await testFetch(tokenUrl(realm.settings), { method: "POST", headers, body })
    expect(status, text).toBe(200)
  }
})

describe("a scope of ours whose audience mapper", () => {
  const api = "https://mended.example"
  const wanted = audience(api, ["mend:use"])
  interface Mapped {
    id: string
    name: string
    protocolMappers?: { id: string; name: string; protocol: string; protocolMapper: string; config: object }[]
  }
  beforeAll(() => bring(wanted))

  test.each([
    ["was taken away", "DELETE"],
    ["was switched off", "PUT"],
  ])("%s by hand is brought back", async (_how, method) => {
    const { body } = await realm.admin("GET", "/client-scopes")
    const scope = (body as Mapped[]).find(({ name }) => name === "mend:use")
    const mapper = scope?.protocolMappers?.[0]
    const off = { ...mapper, config: { ...mapper?.config, "access.token.claim": "false" } }
    const path = `/client-scopes/${scope?.id}/protocol-mappers/models/${mapper?.id}`
    await realm.admin(method, path, method === "PUT" ? off : undefined)
    const port = writing(realm.connector())
    const seen = await port.find("audience", api)
    expect(seen?.fields.scopes).toEqual([])
    const change = { field: "scopes", from: [], to: wanted.fields.scopes ?? null }
    const again = audience(api, ["mend:use"])
    expect((await port.update(seen?.remoteId ?? "", again, [change])).fields.scopes).toEqual(wanted.fields.scopes)
    expect((await realm.connector().tokenRequest(api, ["mend:use"])).parameters).toEqual({ scope: "mend:use" })
  })
})

describe("objects of others", () => {
  test("a scope that somebody else gave our audience is taken off it and not deleted", async () => {
    const api = "https://shared.example"
    await bring(audience(api, ["ours"]))
    await realm.admin("POST", "/client-scopes", {
      name: "theirs",
      protocol: "openid-connect",
      protocolMappers: [
        {
          name: "aud",
          protocol: "openid-connect",
          protocolMapper: "oidc-audience-mapper",
          config: { "included.custom.audience": api, "access.token.claim": "true" },
        },
      ],
    })
    const port = writing(realm.connector())
    const seen = await port.find("audience", api)
    expect(seen?.fields.scopes).toEqual([
      { name: "ours", description: "" },
      { name: "theirs", description: "" },
    ])
    const wanted = connector.shape([audience(api, ["ours"])]).objects[0] ?? audience(api, [])
    const change = { field: "scopes", from: seen?.fields.scopes ?? null, to: wanted.fields.scopes ?? null }
    expect((await port.update(seen?.remoteId ?? "", wanted, [change])).fields.scopes).toEqual(wanted.fields.scopes)
    const { body } = await realm.admin("GET", "/client-scopes")
    expect((body as { name: string }[]).map(({ name }) => name)).toContain("theirs")
  })

  test("Keycloak's own clients and Grantry's own are not shown", async () => {
    const names = (await writing(connector).observe()).map(({ key }) => key)
    for (const hidden of ["account", "realm-management", realm.settings.client_id]) expect(names).not.toContain(hidden)
  })
})

/** The realm through an API that hides something of each answer, as a later version does for weaker credentials. */
function seenThrough(hide: (path: string, body: unknown) => unknown): GuardedFetch {
  return async (url, init) => {
    const answer = await testFetch(url, init)
    const path = url.split(`/admin/realms/${realm.settings.realm}`)[1]?.split("?")[0]
    if (path === undefined || (init?.method ?? "GET") !== "GET" || answer.status !== 200) return answer
    return { ...answer, text: JSON.stringify(hide(path, JSON.parse(answer.text))) }
  }
}
const withoutScopes = (body: unknown): unknown =>
  Array.isArray(body)
    ? body.map(withoutScopes)
    : { ...(body as object), defaultClientScopes: [], optionalClientScopes: [] }

describe("weak credentials", () => {
  test("query-clients alone is forbidden by name, and never an empty realm", async () => {
    const weak = await realm.as(["query-clients"])
    await expect(writing(weak).observe()).rejects.toMatchObject({
      code: "forbidden",
      message: expect.stringMatching(/view-clients|manage-clients/) as string,
    })
    await expect(writing(weak).find("client", "worker")).rejects.toMatchObject({ code: "forbidden" })
    await expect(secretsOf(weak).listSecrets("worker")).rejects.toMatchObject({ code: "forbidden" })
  })

  test("where scopes or their assignments are out of sight, no grant is taken for gone", async () => {
    const api = "https://hidden.example"
    await bring(audience(api, ["hidden:use"]), client("hidden-worker"), grant("hidden-worker", api, ["hidden:use"]))
    const there = await writing(connector).find("grant", grantKey("hidden-worker", api))
    const { remoteId = "", key = "" } = there ?? {}
    const narrower = grant("hidden-worker", api, [])
    const noAssignments = seenThrough((path, body) => (path.startsWith("/clients") ? withoutScopes(body) : body))
    const noScopes = seenThrough((path, body) => (path === "/client-scopes" ? [] : body))
    for (const port of [noAssignments, noScopes].map((fetch) => writing(realm.connector(fetch)))) {
      await expect(port.find("grant", key)).rejects.toMatchObject({ code: "forbidden" })
      await expect(port.observe()).rejects.toMatchObject({ code: "forbidden" })
      await expect(port.update(remoteId, narrower, [])).rejects.toMatchObject({ code: "forbidden" })
      await expect(port.remove("grant", remoteId, key)).rejects.toMatchObject({ code: "forbidden" })
    }
    expect(await writing(realm.connector()).find("grant", key)).toEqual(there)
  })

  test("a client whose scopes were all taken away by hand has no grant, as it shows", async () => {
    const api = "https://bare.example"
    await bring(audience(api, ["bare:use"]), client("bare-worker"), grant("bare-worker", api, ["bare:use"]))
    const port = writing(realm.connector())
    const { remoteId = "" } = (await port.find("client", "bare-worker")) ?? {}
    const { body } = await realm.admin("GET", "/client-scopes")
    for (const { id } of body as { id: string }[])
      await realm.admin("DELETE", `/clients/${remoteId}/default-client-scopes/${id}`)
    expect(await writing(realm.connector()).find("grant", grantKey("bare-worker", api))).toBeNull()
  })

  test("view-clients reads everything and may not write", async () => {
    const reader = await realm.as(["view-clients"])
    expect((await writing(reader).observe()).length).toBeGreaterThan(0)
    const [object] = reader.shape([client("never")]).objects
    await expect(writing(reader).create(object ?? client("never"), "m")).rejects.toMatchObject({ code: "forbidden" })
  })

  test("each missing role is named by the check", async () => {
    const none = await (await realm.as([])).check()
    const said = (name: string) => none.find((one) => one.name === name)
    for (const [name, role] of [
      ["clients", "manage-clients"],
      ["logs", "view-events"],
      ["policies", "view-realm"],
    ] as const)
      expect(said(name)).toMatchObject({ is: "fail", why: expect.stringContaining(role) as string })
    const reader = await (await realm.as(["view-clients", "view-events", "view-realm"])).check()
    expect(reader.filter(({ is }) => is === "fail").map(({ name }) => name)).toEqual(["may_write"])
  })
})

test("an access token that ended early is renewed once, in the middle of the work", async () => {
  let logins = 0
  let spoil = false
  const spoiling: GuardedFetch = async (url, init) => {
    if (url === tokenUrl(realm.settings)) logins += 1
    const headers = spoil && init?.headers?.authorization?.startsWith("Bearer ") ? { authorization: "Bearer old" } : {}
    spoil = false
    return await testFetch(url, { ...init, headers: { ...init?.headers, ...headers } })
  }
  const port = writing(realm.connector(spoiling))
  await port.find("client", "worker")
  spoil = true
  expect(await port.find("client", "worker")).toMatchObject({ key: "worker" })
  expect(logins).toBe(2)
})
