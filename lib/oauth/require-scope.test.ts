import { createServer } from "node:http"
import type { AddressInfo } from "node:net"
import { beforeAll, expect, it } from "vitest"
import type { EventLine } from "./event-line.ts"
import { goodClaims, makeIssuer, testAudience, testNow, type TestIssuer } from "./issuer.fixture.ts"
import { requireScope } from "./require-scope.ts"
import { createVerifier } from "./verifier.ts"

let idp: TestIssuer
beforeAll(async () => {
  idp = await makeIssuer()
})

function rig(scopes: string | string[] = "payments:write") {
  const events: EventLine[] = []
  const verifier = createVerifier({
    issuer: idp.issuer,
    audience: testAudience,
    jwksUri: "https://idp.example/jwks",
    fetch: idp.fetch,
    now: () => testNow,
  })
  const guard = requireScope(scopes, {
    verifier,
    onEvent: (line) => events.push(line),
    authServer: "local",
    now: () => testNow,
  })
  const serve = guard.web((_, access) => Response.json({ processedFor: access.caller }))
  const call = (authorization?: string, headers: Record<string, string> = {}) =>
    serve(
      new Request("https://pay.example/api/payments/charge?x=1", {
        method: "POST",
        headers: { ...headers, ...(authorization === undefined ? {} : { authorization }) },
      }),
    )
  return { guard, call, events }
}

it("lets a good token through and tells the whole story in one event", async () => {
  const { call, events } = rig()
  const traceparent = "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01"
  const answer = await call(`Bearer ${await idp.sign(goodClaims())}`, { traceparent, "user-agent": "test/1" })
  expect(await answer.json()).toEqual({ processedFor: "order-service" })
  expect(events).toEqual([
    {
      event: "token_validated",
      event_id: expect.any(String) as string,
      timestamp: "2026-11-21T12:00:00.000Z",
      trace_id: "4bf92f3577b34da6a3ce929d0e0e4736",
      client_id: "order-service",
      grant_type: "client_credentials",
      scopes: ["payments:write"],
      audience: testAudience,
      validation_result: "success",
      auth_server: "local",
      duration_ms: 0,
      resource: "POST /api/payments/charge",
      token_type: "access",
      user_agent: "test/1",
      jti: "token-1",
      kid: "key-1",
    },
  ])
})

it.each([undefined, "", "Basic abc", "Bearer", "Bearer ", "Bearer a b"])(
  "%j is 401 Missing Bearer token, with a bare challenge",
  async (authorization) => {
    const { call, events } = rig()
    const answer = await call(authorization)
    expect([answer.status, await answer.json(), answer.headers.get("www-authenticate")]).toEqual([
      401,
      { error: "Missing Bearer token" },
      "Bearer",
    ])
    expect(events).toMatchObject([{ validation_result: "failure", failure_reason: "missing_token" }])
  },
)

it("a lower-case scheme is a scheme", async () => {
  const { call } = rig()
  expect((await call(`bearer ${await idp.sign(goodClaims())}`)).status).toBe(200)
})

it("a missing scope is 403 and names what is required and what is missing", async () => {
  const { call, events } = rig(["payments:write", "payments:refund"])
  const answer = await call(`Bearer ${await idp.sign(goodClaims())}`)
  expect(answer.status).toBe(403)
  expect(await answer.json()).toEqual({
    error: "Insufficient scope",
    required: ["payments:write", "payments:refund"],
    missing: ["payments:refund"],
  })
  expect(answer.headers.get("www-authenticate")).toBe(
    'Bearer error="insufficient_scope", scope="payments:write payments:refund"',
  )
  expect(events).toMatchObject([{ failure_reason: "insufficient_scope", client_id: "order-service" }])
  expect(events[0]).not.toHaveProperty("claims_unverified")
})

it("an expired token is named with its client; a forged one is marked as unverified", async () => {
  const { call, events } = rig()
  const expired = await call(`Bearer ${await idp.sign(goodClaims({ exp: testNow / 1000 - 60 }))}`)
  expect(await expired.json()).toEqual({ error: "Token expired" })
  const forged = await call(`Bearer ${await (await makeIssuer()).sign(goodClaims())}`)
  expect(await forged.json()).toEqual({ error: "Invalid token signature" })
  expect(
    events.map(({ failure_reason, client_id, claims_unverified }) => [failure_reason, client_id, claims_unverified]),
  ).toEqual([
    ["expired", "order-service", undefined],
    ["invalid_signature", "order-service", true],
  ])
})

it("a user's token names the user", async () => {
  const { call, events } = rig()
  await call(`Bearer ${await idp.sign(goodClaims({ sub: "user-7", azp: "web" }))}`)
  expect(events[0]).toMatchObject({ client_id: "web", user_id: "user-7" })
  expect(events[0]).not.toHaveProperty("grant_type")
})

it("a token that names no client is no proof of a client's own grant", async () => {
  const { call, events } = rig()
  await call(`Bearer ${await idp.sign(goodClaims({ sub: "admin2", client_id: undefined }))}`)
  expect(events[0]).toMatchObject({ client_id: "admin2", validation_result: "success" })
  expect(events[0]).not.toHaveProperty("grant_type")
})

it("no event and no answer ever holds the token", async () => {
  const { call, events } = rig()
  for (const claims of [{}, { exp: 1 }, { aud: "x" }, { scope: "" }]) {
    const token = await idp.sign(goodClaims(claims))
    const answer = await call(`Bearer ${token}`)
    const written = JSON.stringify(events) + (await answer.text()) + JSON.stringify([...answer.headers])
    for (const part of token.split(".")) expect(written).not.toContain(part.slice(0, 16))
  }
})

it("guards a plain node:http server", async () => {
  const { guard, events } = rig()
  const server = createServer(guard.node((_, res, access) => res.end(JSON.stringify({ processedFor: access.caller }))))
  await new Promise<void>((done) => server.listen(0, "127.0.0.1", done))
  try {
    const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}/api/payments/charge`
    const good = await fetch(url, {
      method: "POST",
      headers: { authorization: `Bearer ${await idp.sign(goodClaims())}` },
    })
    expect([good.status, await good.json()]).toEqual([200, { processedFor: "order-service" }])
    const bare = await fetch(url, { method: "POST" })
    expect([bare.status, await bare.json()]).toEqual([401, { error: "Missing Bearer token" }])
    expect(events[1]).toMatchObject({ resource: "POST /api/payments/charge", ip: "127.0.0.1" })
  } finally {
    server.close()
  }
})

it("a handler that throws answers 500 without a detail, and the process lives", async () => {
  const verifier = createVerifier({
    issuer: idp.issuer,
    audience: testAudience,
    jwksUri: "https://idp.example/jwks",
    fetch: idp.fetch,
    now: () => testNow,
  })
  const seen: unknown[] = []
  const guard = requireScope([], { verifier, onError: (error) => seen.push(error) })
  const server = createServer(guard.node(() => Promise.reject(new Error("the database password is hunter2"))))
  await new Promise<void>((done) => server.listen(0, "127.0.0.1", done))
  try {
    const answer = await fetch(`http://127.0.0.1:${(server.address() as AddressInfo).port}/`, {
      headers: { authorization: `Bearer ${await idp.sign(goodClaims())}` },
    })
    expect([answer.status, await answer.json()]).toEqual([500, { error: "Internal error" }])
    expect(seen).toHaveLength(1)
  } finally {
    server.close()
  }
})
