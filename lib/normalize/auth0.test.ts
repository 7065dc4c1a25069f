import fc from "fast-check"
import { expect, test } from "vitest"
import { normalizeAuth0 } from "./auth0.ts"
import type { NormalizeContext } from "./context.ts"

const context: NormalizeContext = {
  authServer: "auth0-eu",
  audienceOfScope: () => null,
  audienceOf: () => null,
  clientName: (id) => (id === "qoQK7" ? "svc-orders" : null),
}

/** The vendor's sample, values replaced: without `environment_name`, with `isMobile`, as real records come. */
const success = {
  date: "2026-10-24T19:06:17.460Z",
  type: "seccft",
  description: "Client Credentials for Access Token",
  connection_id: "",
  client_id: "qoQK7",
  client_name: "svc-orders",
  ip: "203.0.113.72",
  user_agent: "Other 0.0.0 / Other 0.0.0",
  hostname: "acme.eu.auth0.com",
  user_id: "",
  user_name: "",
  audience: "https://api.orders.example",
  scope: "orders:read orders:write",
  $event_schema: { version: "1.0.0" },
  log_id: "90020261024190617",
  tenant_name: "acme",
  _id: "90020261024190617",
  isMobile: false,
}
const failure = { ...success, type: "feccft", description: "Unauthorized", scope: "" }

test("a success becomes token_issued, every field from its place", () => {
  expect(normalizeAuth0(success, context)).toEqual({
    line: {
      event: "token_issued",
      event_id: "90020261024190617",
      timestamp: "2026-10-24T19:06:17.460Z",
      auth_server: "auth0-eu",
      grant_type: "client_credentials",
      token_type: "access",
      validation_result: "success",
      trace_id: "90020261024190617",
      client_id: "svc-orders",
      provider_client_id: "qoQK7",
      audience: "https://api.orders.example",
      scopes: ["orders:read", "orders:write"],
      ip: "203.0.113.72",
      user_agent: "Other 0.0.0 / Other 0.0.0",
      auth_host: "acme.eu.auth0.com",
    },
  })
})

const lineOf = (raw: unknown): Record<string, unknown> => {
  const told = normalizeAuth0(raw, context)
  if (!("line" in told)) throw new Error(JSON.stringify(told))
  return told.line
}

test.each([
  ["the trace id before the correlation id", { trace_id: "a".repeat(32), correlation_id: "c1" }, "a".repeat(32)],
  ["the correlation id before the record's own", { correlation_id: "c1" }, "c1"],
])("the trace is %s", (_name, references, expected) => {
  expect(lineOf({ ...success, references }).trace_id).toBe(expected)
})

test("the token's id stands in details; scopes may be a list; a client of nobody keeps its client_id", () => {
  const line = lineOf({
    ...success,
    client_id: "stranger",
    scope: ["a", "b"],
    details: { access_token_jti: "j1", actions: { executions: [] } },
  })
  expect(line).toMatchObject({ jti: "j1", scopes: ["a", "b"], client_id: "stranger" })
  expect(line).not.toHaveProperty("provider_client_id")
})

test("a wrapped record of a log stream is the same event as the bare one of the log API", () => {
  const { log_id, ...data } = success
  expect(normalizeAuth0({ log_id, data }, context)).toEqual(normalizeAuth0(success, context))
})

test.each([
  ["Unauthorized", {}, "invalid_client"],
  ["whatever it says", { client_authentoication_error: "bad assertion" }, "invalid_client"],
  ["whatever it says", { client_authentication_error: "bad assertion" }, "invalid_client"],
  ["Grant type 'client_credentials' not allowed for the client.", {}, "unauthorized_client"],
  ['Client is not authorized to access "x". You need to create a "client-grant"', {}, "access_denied"],
  ["Service not found: https://x", {}, "invalid_target"],
  ["Something new", {}, "Something new"],
])("a failure with %s is %j: its reason is told", (description, details, reason) => {
  expect(lineOf({ ...failure, description, details })).toMatchObject({
    validation_result: "failure",
    failure_reason: reason,
  })
})

test("a failure may name no client, no reason and no audience", () => {
  const line = lineOf({ type: "feccft", log_id: "1", date: { $date: "2026-01-01T00:00:00.000Z" }, client_id: null })
  expect(line).toMatchObject({ failure_reason: "other", timestamp: "2026-01-01T00:00:00.000Z", trace_id: "1" })
  for (const field of ["client_id", "audience", "scopes", "ip", "duration_ms", "expires_in"])
    expect(line).not.toHaveProperty(field)
})

test.each([
  ["sapi", { skipped: "sapi" }],
  ["constructor", { skipped: "constructor" }],
  ["api_limit", { skipped: "api_limit" }],
])("a record of type %s is no token event", (type, expected) => {
  expect(normalizeAuth0({ ...success, type }, context)).toEqual(expected)
})

test.each([
  [null, "not_an_object"],
  [{ log_id: "1" }, "no_type"],
  [{ ...success, log_id: null, _id: undefined }, "no_log_id"],
  [{ ...success, date: "yesterday" }, "no_date"],
])("what cannot be read is rejected by a word: %j", (raw, rejected) => {
  expect(normalizeAuth0(raw, context)).toEqual({ rejected })
})

test("it answers anything with one of its three answers", () => {
  const raw = fc.oneof(
    fc.jsonValue(),
    fc.record({
      type: fc.constantFrom("seccft", "feccft"),
      log_id: fc.string(),
      date: fc.jsonValue(),
      scope: fc.jsonValue(),
      details: fc.jsonValue(),
      data: fc.jsonValue(),
    }),
  )
  fc.assert(
    fc.property(raw, (any) => {
      expect(Object.keys(normalizeAuth0(any, context))).toHaveLength(1)
    }),
  )
})
