import { afterAll, beforeAll, expect, it } from "vitest"
import { startGoAuthkitTwin, twinPermission, type GoAuthkitTwin } from "../../connectors/fakes/go_authkit/idp.ts"
import type { EventLine } from "../../oauth/event-line.ts"
import { startResourceService } from "./resource.ts"
import type { ServiceLogLine } from "./resource-log.ts"
import type { RunningService } from "./serve.ts"

let idp: GoAuthkitTwin
let service: RunningService
const events: EventLine[] = []
const logged: ServiceLogLine[] = []

const start = (more: object = {}) =>
  startResourceService({
    host: "127.0.0.1",
    issuer: idp.url,
    introspectionToken: twinPermission,
    onEvent: (line) => events.push(line),
    onLog: (line) => logged.push(line),
    authServer: "go-authkit",
    ...more,
  })
beforeAll(async () => {
  idp = await startGoAuthkitTwin()
  service = await start()
})
afterAll(async () => {
  await service.close()
  await idp.stop()
})

/** As document 3 does it: `curl -XPOST -u user:user-pwd .../idp/token`. */
async function tokenOf(user: string): Promise<string> {
  const authorization = `Basic ${Buffer.from(`${user}:${user}-pwd`).toString("base64")}`
  const answer = await fetch(`${idp.url}/idp/token`, { method: "POST", headers: { authorization } })
  return ((await answer.json()) as { access_token: string }).access_token
}
async function ask(path: string, token: string | null, at = service): Promise<[number, string]> {
  const answer = await fetch(at.url + path, { headers: token === null ? {} : { authorization: `Bearer ${token}` } })
  return [answer.status, await answer.text()]
}
const failed = (code: string, message: string) => JSON.stringify({ error: { domain: "MyService", code, message } })

it.each(["user", "admin", "admin2"])("GET / greets %s, whose token is valid", async (user) => {
  expect(await ask("/", await tokenOf(user))).toEqual([200, `Hello, ${user}`])
})

it.each([
  ["user", 403, failed("authorizationFailed", "Authorization is failed.")],
  ["admin", 200, "Hi, admin"],
  ["admin2", 200, "Hi, admin2"],
])("GET /admin answers %s with %d, by what introspection tells", async (user, status, text) => {
  const token = await tokenOf(user)
  const carried = JSON.parse(Buffer.from(token.split(".")[1] ?? "", "base64url").toString()) as { scope?: unknown }
  expect(carried.scope === undefined).toBe(user !== "admin")
  expect(await ask("/admin", token)).toEqual([status, text])
  expect(events.at(-1)).toMatchObject({
    client_id: user,
    resource: "GET /admin",
    auth_server: "go-authkit",
    ...(status === 200
      ? { validation_result: "success", scopes: ["my_service:admin"] }
      : { validation_result: "failure", failure_reason: "insufficient_scope" }),
  })
})

it.each([
  ["no token", null, failed("bearerTokenMissing", "Authorization bearer token is missing."), "missing_token"],
  ["a made-up token", "a.b.c", failed("authenticationFailed", "Authentication is failed."), "inactive"],
])("%s is 401 with the domain and the code of document 3", async (_, token, body, reason) => {
  expect(await ask("/", token)).toEqual([401, body])
  expect(events.at(-1)).toMatchObject({ validation_result: "failure", failure_reason: reason })
})

it("the log says what was answered, durations in microseconds and milliseconds, and never the token", async () => {
  logged.splice(0)
  const token = await tokenOf("user")
  await ask("/admin", token)
  expect(logged.map(({ level, msg }) => `${level} ${msg}`)).toEqual([
    "error error in response",
    expect.stringMatching(/^info response completed in \d+\.\d{3}s$/),
  ])
  expect(logged[0]).toMatchObject({ error_code: "authorizationFailed", error_message: "Authorization is failed." })
  expect(logged[1]).toMatchObject({
    method: "GET",
    uri: "/admin",
    status: 403,
    bytes_sent: 98,
    remote_addr_ip: "127.0.0.1",
  })
  expect(Number(logged[1]?.["duration"])).toBeGreaterThanOrEqual(Number(logged[1]?.["duration_ms"]) * 1_000)
  expect(logged[0]?.["int_request_id"]).toBe(logged[1]?.["int_request_id"])
  expect(JSON.stringify(logged)).not.toContain(token.slice(0, 20))
})

it("a static introspection endpoint beats the discovered one, and may know another issuer's tokens", async () => {
  const other = await startGoAuthkitTwin()
  const pinned = await start({ issuer: other.url, introspectionEndpoint: `${idp.url}/idp/introspect_token` })
  idp.forgetCalls()
  expect(await ask("/", await idp.token("admin2"), pinned)).toEqual([200, "Hello, admin2"])
  expect(await ask("/", await other.token("admin2"), pinned)).toEqual([
    401,
    expect.stringContaining("authenticationFailed"),
  ])
  expect(idp.calls).toEqual(["/idp/introspect_token", "/idp/introspect_token"])
  expect(other.calls).toEqual([])
  await pinned.close()
  await other.stop()
})

it("nobody is let in while the identity provider is away", async () => {
  const gone = await startGoAuthkitTwin()
  const alone = await start({ issuer: gone.url })
  const token = await gone.token("admin")
  await gone.stop()
  expect(await ask("/admin", token, alone)).toEqual([
    503,
    failed("serviceUnavailable", "Service temporarily unavailable."),
  ])
  await alone.close()
})
