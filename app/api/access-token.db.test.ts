import { createServer, type Server } from "node:http"
import type { AddressInfo } from "node:net"
import { afterAll, beforeAll, expect, test } from "vitest"
import { newId } from "../../lib/base/id.ts"
import { db } from "../../lib/db/client.ts"
import { ecSigner, goodHeader, sign } from "../../lib/token/token.fixture.ts"
import { ask, granted, publicUrl, startEdge } from "./edge.fixture.ts"
import { GET as listClients, POST as makeClient } from "./v1/clients/route.ts"

const signer = ecSigner("e1")
const stranger = ecSigner("e1")
let edge: Awaited<ReturnType<typeof startEdge>>
let server: Server
let issuer = ""
let ids: Awaited<ReturnType<typeof granted>>

beforeAll(async () => {
  edge = await startEdge()
  server = createServer((_, response) =>
    response.setHeader("content-type", "application/json").end(JSON.stringify({ keys: [signer.jwk] })),
  )
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve))
  issuer = `http://127.0.0.1:${(server.address() as AddressInfo).port}`
  const providerId = newId()
  const [tokenEndpoint, jwksUri] = [`${issuer}/token`, `${issuer}/jwks`]
  await db().provider.create({
    data: {
      id: providerId,
      kind: "local",
      name: "local",
      environment: "test",
      issuer,
      tokenEndpoint,
      jwksUri,
      settings: {},
    },
  })
  ids = await granted(providerId, "deployer", publicUrl, ["registry:read", "registry:write", "events:read"])
  await db().grantScope.deleteMany({ where: { grantId: ids.grantId, scope: { name: "registry:write" } } })
})
afterAll(async () => {
  server.close()
  await edge.stop()
})

function token(claims: object = {}, header: object = {}, by = signer): string {
  const seconds = Math.floor(Date.now() / 1000)
  return sign(
    by,
    { ...goodHeader(signer), ...header },
    {
      iss: issuer,
      sub: "deployer",
      client_id: "deployer",
      aud: publicUrl,
      scope: "registry:read",
      iat: seconds - 5,
      exp: seconds + 200,
      jti: newId(),
      ...claims,
    },
  )
}
const list = (bearer: string) => ask(listClients, "/api/v1/clients", { token: bearer })

test("a connected provider's access token for Grantry opens what its scope names", async () => {
  const answer = await list(token())
  expect([answer.status, answer.body]).toEqual([200, expect.objectContaining({ items: expect.any(Array) })])
})

const seconds = () => Math.floor(Date.now() / 1000)
test.each<[string, () => string]>([
  ["for another audience", () => token({ aud: "https://payments.example" })],
  ["for Grantry and somebody else's audience that is not registered", () => token({ aud: "https://grantry.example/" })],
  ["that has expired", () => token({ iat: seconds() - 900, exp: seconds() - 600 })],
  ["that is not valid yet", () => token({ nbf: seconds() + 600 })],
  ["of an issuer that is not connected", () => token({ iss: "https://elsewhere.example" })],
  ["signed by a stranger under the known key id", () => token({}, {}, stranger)],
  ["of type JWT where the provider writes at+jwt", () => token({}, { typ: "JWT" })],
  ["without a type", () => token({}, { typ: undefined })],
  ["with alg none", () => `${token({}, { alg: "none" }).split(".").slice(0, 2).join(".")}.`],
  ["of a client that the registry does not know", () => token({ sub: "nobody", client_id: "nobody" })],
  ["that is no token", () => "abc"],
])("a token %s is 401, and says no more than that", async (_name, make) => {
  const bearer = make()
  const answer = await list(bearer)
  expect(answer.status).toBe(401)
  expect(answer.body).toMatchObject({ code: "unauthenticated", detail: expect.stringContaining("unknown, expired or") })
  expect(answer.headers.get("www-authenticate")).toBe('Bearer realm="grantry"')
  expect(answer.text).not.toContain(bearer)
})

test("a token without the scope is 403 and names the permission", async () => {
  const answer = await list(token({ scope: "events:read" }))
  expect([answer.status, answer.body]).toEqual([
    403,
    expect.objectContaining({ code: "forbidden", permission: "registry:read" }),
  ])
})

test("a scope in the token that the registry does not grant opens nothing", async () => {
  const answer = await ask(makeClient, "/api/v1/clients", {
    token: token({ scope: "registry:write" }),
    body: { name: "x" },
  })
  expect([401, 403]).toContain(answer.status)
  expect(await db().client.count({ where: { name: "x" } })).toBe(0)
})

test("a disabled client's token is 401 at once", async () => {
  await db().client.update({ where: { id: ids.clientId }, data: { enabled: false } })
  expect((await list(token())).status).toBe(401)
  await db().client.update({ where: { id: ids.clientId }, data: { enabled: true } })
  expect((await list(token())).status).toBe(200)
})
