import { describe, expect, test } from "vitest"
import type { NormalizeContext } from "./context.ts"
import { normalizeOkta } from "./okta.ts"

const context: NormalizeContext = {
  authServer: "okta-eu",
  audienceOfScope: (scope) => (scope.startsWith("orders:") ? "https://orders.by-scope" : null),
  audienceOf: (id) => (id === "aus8x" ? "https://api.orders.example" : null),
  clientName: (id) => (id === "0oa1foreign" ? "svc-adopted" : null),
}

const issued = {
  uuid: "11e97654-0000",
  published: "2026-11-18T17:29:13.031Z",
  eventType: "app.oauth2.as.token.grant.access_token",
  severity: "INFO",
  displayMessage: "OAuth2 access token is granted",
  outcome: { result: "SUCCESS", reason: null },
  actor: { id: "svc-orders-7f3a", type: "PublicClientApp", displayName: "svc-orders" },
  client: { ipAddress: "203.0.113.9", userAgent: { rawUserAgent: "node" } },
  target: [{ type: "access_token", detailEntry: {} }],
  transaction: { id: "Wij-1" },
  debugContext: {
    debugData: {
      authorizationServer: "aus8x",
      authorizationServerName: "Orders",
      grantType: "client_credentials",
      requestedScopes: "orders:read orders:write",
      grantedScopes: "orders:read",
    },
  },
}

const refused = {
  ...issued,
  eventType: "app.oauth2.as.token.grant",
  outcome: { result: "FAILURE", reason: "no_matching_policy" },
}

const lineOf = (raw: unknown) => {
  const told = normalizeOkta(raw, context)
  if (!("line" in told)) throw new Error(JSON.stringify(told))
  return told.line
}
const debug = (data: object) => ({ debugContext: { debugData: { ...issued.debugContext.debugData, ...data } } })

test("an issued token, whole", () => {
  expect(normalizeOkta(issued, context)).toEqual({
    line: {
      event: "token_issued",
      event_id: "11e97654-0000",
      timestamp: "2026-11-18T17:29:13.031Z",
      auth_server: "okta-eu",
      grant_type: "client_credentials",
      token_type: "access",
      validation_result: "success",
      trace_id: "Wij-1",
      client_id: "svc-orders-7f3a",
      scopes: ["orders:read"],
      audience: "https://api.orders.example",
      ip: "203.0.113.9",
      user_agent: "node",
      authorization_server: "aus8x",
    },
  })
})

test("a refusal tells what was asked for and why it was refused, in words of RFC 6749 and in Okta's own", () => {
  expect(lineOf(refused)).toMatchObject({
    validation_result: "failure",
    failure_reason: "access_denied",
    failure_text: "no_matching_policy",
    scopes: ["orders:read", "orders:write"],
  })
  expect(lineOf({ ...refused, outcome: { result: "FAILURE", reason: "no_matching_scope" } }).failure_reason).toBe(
    "invalid_scope",
  )
  expect(lineOf({ ...refused, outcome: { result: "FAILURE", reason: "invalid_dpop_proof" } }).failure_reason).toBe(
    "invalid_dpop_proof",
  )
  expect(lineOf({ ...refused, outcome: { result: "FAILURE", reason: "constructor" } }).failure_reason).toBe(
    "constructor",
  )
  expect(lineOf({ ...refused, outcome: { result: "DENY" } })).toMatchObject({
    failure_reason: "other",
    validation_result: "failure",
  })
})

test("repeated wrong secrets are one refusal of the client", () => {
  const line = lineOf({ ...refused, eventType: "app.oauth2.invalid_client_credentials", debugContext: null })
  expect(line).toMatchObject({
    validation_result: "failure",
    failure_reason: "invalid_client",
    client_id: "svc-orders-7f3a",
  })
  expect(line).not.toHaveProperty("grant_type")
})

test.each([
  ["app.oauth2.token.grant.access_token", "SUCCESS", "success"],
  ["app.oauth2.token.grant", "FAILURE", "failure"],
  ["app.oauth2.as.token.grant.access_token_success", null, "success"],
  ["app.oauth2.as.token.grant.access_token_failure", null, "failure"],
  ["app.oauth2.as.token.grant.access_token", null, "success"],
  ["app.oauth2.as.token.grant.access_token", "RATE_LIMIT", "failure"],
  ["app.oauth2.as.token.grant", null, "failure"],
])("%s with the result %s is a %s", (eventType, result, expected) => {
  expect(lineOf({ ...issued, eventType, outcome: { result } }).validation_result).toBe(expected)
})

describe("what is no token event of a service is skipped by its word", () => {
  test.each([
    ["another event", { eventType: "user.session.start" }, "user.session.start"],
    ["an ID token", { eventType: "app.oauth2.as.token.grant.id_token" }, "app.oauth2.as.token.grant.id_token"],
    [
      "a person's token",
      debug({ grantType: "authorization_code" }),
      "app.oauth2.as.token.grant.access_token authorization_code",
    ],
  ])("%s", (_name, change, skipped) => {
    expect(normalizeOkta({ ...issued, ...change }, context)).toEqual({ skipped })
  })
})

describe("what cannot be read is rejected by a word", () => {
  test.each([
    [null, "not_an_object"],
    ["text", "not_an_object"],
    [[issued], "not_an_object"],
    [{ ...issued, eventType: 7 }, "no_event_type"],
    [{ ...issued, uuid: null }, "no_uuid"],
    [{ ...issued, published: "yesterday" }, "no_published"],
  ])("%j", (raw, rejected) => {
    expect(normalizeOkta(raw, context)).toEqual({ rejected })
  })
})

test("nulls and absences are not told, and never thrown at", () => {
  const bare = { uuid: "u", published: issued.published, eventType: issued.eventType }
  const nulls = {
    ...bare,
    outcome: null,
    actor: null,
    client: null,
    target: null,
    transaction: null,
    debugContext: null,
  }
  for (const raw of [bare, nulls, { ...nulls, debugContext: { debugData: null }, client: { userAgent: null } }])
    expect(lineOf(raw)).toEqual({
      event: "token_issued",
      event_id: "u",
      timestamp: issued.published,
      auth_server: "okta-eu",
      token_type: "access",
      validation_result: "success",
    })
})

test("the audience is the server's, else that of all the scopes, else not told", () => {
  expect(lineOf({ ...issued, ...debug({ authorizationServer: "aus-other" }) }).audience).toBe("https://orders.by-scope")
  const mixed = debug({ authorizationServer: null, grantedScopes: "orders:read billing:read" })
  expect(lineOf({ ...issued, ...mixed })).not.toHaveProperty("audience")
})

test("an adopted app is told by our name of it, with Okta's beside it; scopes may have commas", () => {
  expect(lineOf({ ...issued, ...debug({ grantedScopes: "a, b,c" }), actor: { id: "0oa1foreign" } })).toMatchObject({
    client_id: "svc-adopted",
    provider_client_id: "0oa1foreign",
    scopes: ["a", "b", "c"],
  })
})
