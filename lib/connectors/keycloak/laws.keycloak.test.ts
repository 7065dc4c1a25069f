/** What the mapping promises of tokens, words, lifetimes and the objects of others, on a real server. */
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
import { audience, bringTo, client, grant } from "./wanted.fixture.ts"

let realm: TestRealm
let connector: Connector
beforeAll(async () => {
  realm = await testRealm(serverUnderTest())
  connector = realm.connector()
})
afterAll(() => realm?.remove())

const bring = (...objects: readonly DesiredObject[]) => bringTo(connector, objects)
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
