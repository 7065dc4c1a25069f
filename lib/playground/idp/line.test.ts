import { expect, test } from "vitest"
import {
  introspectedLine,
  issuedLine,
  opaqueJti,
  plainIp,
  traceId,
  type IssueFacts,
  type RequestFacts,
} from "./line.ts"

const facts: RequestFacts = {
  eventId: "e1",
  at: new Date("2026-11-21T10:00:00.000Z"),
  durationMs: 4.5678,
  ip: "::ffff:10.0.0.7",
  userAgent: "curl/8",
  traceparent: "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01",
  purpose: null,
  authServer: "local",
}
const issue: IssueFacts = {
  clientId: "order-service",
  grantType: "client_credentials",
  scopes: ["payments:write"],
  audience: "https://payment-service.internal",
  secret: { id: "s1", fingerprint: "fp_1", is: "live" },
  assertionKid: null,
  issued: { jti: "j1", kid: "k1", expiresIn: 300, format: "jwt" },
  refused: null,
}

test("an issued token names its secret, its key and its life", () => {
  expect(issuedLine(facts, issue)).toEqual({
    event: "token_issued",
    event_id: "e1",
    timestamp: "2026-11-21T10:00:00.000Z",
    trace_id: "4bf92f3577b34da6a3ce929d0e0e4736",
    auth_server: "local",
    duration_ms: 4.57,
    ip: "10.0.0.7",
    user_agent: "curl/8",
    client_id: "order-service",
    grant_type: "client_credentials",
    scopes: ["payments:write"],
    audience: "https://payment-service.internal",
    validation_result: "success",
    token_type: "access",
    expires_in: 300,
    jti: "j1",
    kid: "k1",
    secret_fingerprint: "fp_1",
    extra: { secret_id: "s1", token_format: "jwt" },
  })
})

test("a refusal carries the OAuth error as its reason, the detail beside it, and no token fields", () => {
  const line = issuedLine(facts, {
    ...issue,
    secret: { id: "s0", fingerprint: "fp_0", is: "retired" },
    issued: null,
    refused: {
      error: "invalid_client",
      description: "client authentication failed",
      detail: "invalid secret provided",
    },
  })
  expect(line).toMatchObject({
    validation_result: "failure",
    failure_reason: "invalid_client",
    secret_fingerprint: "fp_0",
    extra: { secret_state: "retired", error_detail: "invalid secret provided" },
  })
  for (const absent of ["jti", "kid", "expires_in", "token_type"]) expect(line).not.toHaveProperty(absent)
})

test("an introspection that answers inactive without a known reason says inactive, not success", () => {
  const line = introspectedLine(facts, {
    caller: "payments",
    active: false,
    why: null,
    clientId: null,
    audience: null,
    scopes: [],
    jti: null,
  })
  expect(line).toMatchObject({
    event: "token_validated",
    validation_result: "failure",
    failure_reason: "inactive",
    extra: { introspected_by: "payments" },
  })
})

test("only IPv4-mapped addresses are rewritten", () => {
  expect([plainIp("::ffff:1.2.3.4"), plainIp("::1"), plainIp("2001:db8::ffff:1.2.3.4")]).toEqual([
    "1.2.3.4",
    "::1",
    "2001:db8::ffff:1.2.3.4",
  ])
})

test("a malformed or all-zero traceparent is no trace", () => {
  expect(traceId("00-00000000000000000000000000000000-00f067aa0ba902b7-01")).toBeNull()
  expect(traceId("hello")).toBeNull()
  expect(traceId(null)).toBeNull()
})

test("an opaque token never stands in its own event", () => {
  expect(opaqueJti("the-token-itself")).not.toContain("the-token-itself")
  expect(opaqueJti("a")).not.toBe(opaqueJti("b"))
})

test("no text from outside can make the row unstorable: NUL, lone surrogates, endless scopes", () => {
  const line = issuedLine(facts, {
    ...issue,
    clientId: "a\u0000b\ud800",
    scopes: Array.from({ length: 500 }, (_, i) => `s${i}`.repeat(400)),
  })
  expect(line.client_id).toBe("a\u2400b\ufffd")
  expect(line.scopes).toHaveLength(100)
  expect(JSON.stringify(line).length).toBeLessThan(64_000)
})
