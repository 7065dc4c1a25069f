import { afterAll, beforeAll, expect, it } from "vitest"
import { startOpeniddictTwin, twinIntrospector, type OpeniddictTwin } from "../../connectors/fakes/openiddict/server.ts"
import type { EventLine } from "../../oauth/event-line.ts"
import { createIntrospector } from "../../oauth/introspection.ts"
import { providerConfig } from "../../oauth/provider-config.ts"
import { TokenManager } from "../../oauth/token-manager.ts"
import { greeterClient, startGreeter, type GreeterClient } from "./greeter.ts"
import type { RunningService } from "./serve.ts"

/** Document 1 as it stands there: an OpenIddict host that issues reference tokens, `CC`, and the gRPC service behind it. */
const secret = "s3cret-of-CC"
let host: OpeniddictTwin
let greeter: RunningService
let caller: GreeterClient
let tokens: TokenManager
const events: EventLine[] = []

beforeAll(async () => {
  host = await startOpeniddictTwin({ tokens: "reference" })
  const resources = [twinIntrospector.id]
  const more = { displayName: "", displayNames: {}, description: "", descriptions: {}, properties: {} }
  host.administer((before) => ({
    ...before,
    scopes: [
      { name: "dataEventRecords", resources, ...more },
      { name: "dataEventRecordsReadOnly", resources, ...more },
    ],
    applications: [
      ...before.applications,
      {
        clientId: "CC",
        clientType: "confidential",
        displayName: "CC for protected API",
        displayNames: {},
        jsonWebKeySet: null,
        permissions: ["ept:token", "gt:client_credentials", "scp:dataEventRecords", "scp:dataEventRecordsReadOnly"],
        resources: [],
        settings: {},
        properties: {},
      },
    ],
  }))
  host.setSecret("CC", secret)
  const verifier = createIntrospector({
    discoverFrom: host.url,
    auth: { method: "basic", clientId: twinIntrospector.id, secret: twinIntrospector.secret },
    audience: twinIntrospector.id,
    issuer: host.url,
  })
  greeter = await startGreeter("127.0.0.1", {
    verifier,
    onEvent: (line) => events.push(line),
    authServer: "openiddict",
  })
  caller = greeterClient(greeter.url)
  const provider = providerConfig("generic", { issuer: host.url, audienceParameter: "none" })
  tokens = new TokenManager({ provider, clientId: "CC", auth: { method: "client_secret_basic", secret } })
})
afterAll(async () => {
  caller.close()
  await greeter.close()
  await host.stop()
})
const tokenFor = async (scope: string) => (await tokens.get({ scope })).token

it("Greeter.SayHello answers Hello {name} to CC with a reference token, which says nothing by itself", async () => {
  const token = await tokenFor("dataEventRecords")
  expect(token).not.toContain(".")
  expect(await caller.sayHello("GreeterClient", token)).toEqual({ status: "OK", message: "Hello GreeterClient" })
  expect(await caller.sayHello("", token)).toEqual({ status: "OK", message: "Hello " })
  expect(events.at(-1)).toMatchObject({
    event: "token_validated",
    validation_result: "success",
    client_id: "CC",
    grant_type: "client_credentials",
    scopes: ["dataEventRecords"],
    audience: twinIntrospector.id,
    auth_server: "openiddict",
    resource: "greet.Greeter/SayHello",
  })
})

it("GET / on the same port answers GRPC service running...", async () => {
  const answer = await fetch(greeter.url)
  expect([answer.status, await answer.text()]).toEqual([200, "GRPC service running..."])
  expect((await fetch(`${greeter.url}/else`)).status).toBe(404)
})

it.each([
  ["no token", null, "UNAUTHENTICATED", "missing_token"],
  ["a token of nobody", "made-up", "UNAUTHENTICATED", "inactive"],
])("%s is UNAUTHENTICATED", async (_, token, status, reason) => {
  expect(await caller.sayHello("x", token)).toMatchObject({ status })
  expect(events.at(-1)).toMatchObject({ validation_result: "failure", failure_reason: reason })
})

it("a good token without the scope dataEventRecords is PERMISSION_DENIED", async () => {
  expect(await caller.sayHello("x", await tokenFor("dataEventRecordsReadOnly"))).toMatchObject({
    status: "PERMISSION_DENIED",
    message: "Insufficient scope: dataEventRecords",
  })
  expect(events.at(-1)).toMatchObject({ failure_reason: "insufficient_scope", client_id: "CC" })
})

it("the host's answer is believed for its minute, and not asked for again", async () => {
  const token = await tokenFor("dataEventRecords")
  await caller.sayHello("x", token)
  host.clock.advance(2 * 3_600_000)
  expect(await caller.sayHello("x", token)).toMatchObject({ status: "OK" })
})

it("closing ends connections that are open", async () => {
  const other = await startGreeter("127.0.0.1", { verifier: { verify: () => Promise.reject(new Error("unasked")) } })
  const client = greeterClient(other.url)
  await client.sayHello("x", null)
  await fetch(other.url)
  await other.close()
  await expect(client.sayHello("x", null)).rejects.toMatchObject({ code: 14 })
  client.close()
})
