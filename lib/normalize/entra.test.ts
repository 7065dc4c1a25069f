import fc from "fast-check"
import { expect, test } from "vitest"
import type { NormalizeContext } from "./context.ts"
import { normalizeEntra } from "./entra.ts"

const context: NormalizeContext = {
  authServer: "entra-prod",
  audienceOfScope: () => null,
  audienceOf: (id) => (id === "api-1" ? "https://api.orders.example" : null),
  clientName: (id) => (id === "app-1" ? "svc-orders" : null),
}

/** As Graph beta gives it. */
const signIn = {
  id: "s-1",
  createdDateTime: "2026-11-20T10:00:00Z",
  appId: "app-1",
  clientCredentialType: "clientSecret",
  correlationId: "c-1",
  ipAddress: "203.0.113.12",
  isInteractive: false,
  processingTimeInMilliseconds: 41,
  resourceDisplayName: "Orders API",
  resourceId: "api-1",
  servicePrincipalId: "sp-1",
  servicePrincipalCredentialKeyId: "key-1",
  signInEventTypes: ["servicePrincipal"],
  status: { errorCode: 0, failureReason: null },
  uniqueTokenIdentifier: "u-1",
  userAgent: "curl/8",
}

const lineOf = (raw: unknown): Record<string, unknown> => {
  const told = normalizeEntra(raw, context)
  if (!("line" in told)) throw new Error(JSON.stringify(told))
  return told.line
}

test("a sign-in becomes token_issued, every field from its place", () => {
  expect(lineOf(signIn)).toEqual({
    event: "token_issued",
    event_id: "s-1",
    timestamp: "2026-11-20T10:00:00.000Z",
    auth_server: "entra-prod",
    grant_type: "client_credentials",
    token_type: "access",
    validation_result: "success",
    trace_id: "c-1",
    client_id: "svc-orders",
    provider_client_id: "app-1",
    audience: "https://api.orders.example",
    duration_ms: 41,
    ip: "203.0.113.12",
    user_agent: "curl/8",
    provider_secret_id: "key-1",
    credential_type: "clientSecret",
    provider_token_id: "u-1",
  })
})

test("the envelope of a diagnostic setting reads the same, in lower case and with the result as a text", () => {
  const { signInEventTypes: _, status: __, ...properties } = signIn
  const lower = Object.fromEntries(Object.entries(properties).map(([key, value]) => [key.toLowerCase(), value]))
  const envelope = {
    category: "ServicePrincipalSignInLogs",
    time: "2026-11-20T10:00:01Z",
    resulttype: "7000215",
    properties: lower,
  }
  expect(lineOf(envelope)).toMatchObject({
    event_id: "s-1",
    client_id: "svc-orders",
    validation_result: "failure",
    failure_reason: "invalid_client",
    provider_error: "AADSTS7000215",
  })
})

test.each([
  [7_000_222, "invalid_client"],
  [700_016, "unauthorized_client"],
  [500_011, "invalid_target"],
  [501_051, "access_denied"],
  [53_003, "AADSTS53003"],
])("the number %i is told as %s, and the number stays", (errorCode, reason) => {
  const line = lineOf({ ...signIn, status: { errorCode, failureReason: "why" } })
  expect(line).toMatchObject({ failure_reason: reason, provider_error: `AADSTS${errorCode}`, failure_text: "why" })
})

test("what the registry does not know stays as the provider names it", () => {
  expect(lineOf({ ...signIn, appId: "x", resourceId: "y" })).toMatchObject({
    client_id: "x",
    provider_audience_id: "y",
    provider_audience_name: "Orders API",
  })
  expect(lineOf({ ...signIn, resourceId: "y" })).not.toHaveProperty("audience")
})

test("a duration of 0 and a key of zeros are not told", () => {
  const line = lineOf({
    ...signIn,
    processingTimeInMilliseconds: 0,
    servicePrincipalCredentialKeyId: "00000000-0000-0000-0000-000000000000",
  })
  expect(line).not.toHaveProperty("duration_ms")
  expect(line).not.toHaveProperty("provider_secret_id")
})

test.each([
  [{ ...signIn, signInEventTypes: ["interactiveUser"] }, { skipped: "interactiveUser" }],
  [{ ...signIn, signInEventTypes: ["managedIdentity"] }, { skipped: "managedIdentity" }],
  [{ ...signIn, signInEventTypes: null, isInteractive: true }, { skipped: "interactive" }],
  [{ category: "AuditLogs", properties: {} }, { skipped: "AuditLogs" }],
  [{ ...signIn, id: null }, { rejected: "no_id" }],
  [{ ...signIn, createdDateTime: "soon" }, { rejected: "no_time" }],
  [{ ...signIn, status: null }, { rejected: "no_result" }],
  [null, { rejected: "not_an_object" }],
])("%j is told apart", (raw, expected) => {
  expect(normalizeEntra(raw, context)).toEqual(expected)
})

test("whatever comes, it answers and never throws", () => {
  const anything = fc.oneof(
    fc.anything(),
    fc.record(Object.fromEntries(Object.keys(signIn).map((key) => [key, fc.oneof(fc.constant(null), fc.anything())])), {
      requiredKeys: [],
    }),
  )
  fc.assert(
    fc.property(anything, (raw) => {
      const told = normalizeEntra(raw, context)
      expect(Object.keys(told)).toHaveLength(1)
    }),
  )
})
