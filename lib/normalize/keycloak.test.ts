import { expect, test } from "vitest"
import * as fc from "fast-check"
import type { NormalizeContext } from "./context.ts"
import { normalizeKeycloak } from "./keycloak.ts"

const owners: Readonly<Record<string, string>> = {
  "orders:read": "https://api.orders.example",
  "https://api.billing.example/read": "https://api.billing.example",
}
const context: NormalizeContext = {
  authServer: "kc-eu",
  audienceOfScope: (word) => owners[word] ?? null,
  audienceOf: () => null,
  clientName: (id) => (id === "svc-billing" ? "svc-billing" : null),
}
/** As a 26.7.4 server answers them. */
const issued = {
  id: "380de866-0000-4000-8000-000000000001",
  time: 1795219040123,
  type: "CLIENT_LOGIN",
  realmId: "93ea2270-3db2-497f-8f7c-515b354cab43",
  clientId: "svc-billing",
  userId: "9764df4b-2936-4e9e-9d2a-ac5593739259",
  ipAddress: "203.0.113.7",
  details: {
    token_id: "trrtcc:5281fd66",
    grant_type: "client_credentials",
    scope: "email orders:read",
    client_auth_method: "client-secret",
    username: "service-account-svc-billing",
  },
}
const of = (raw: unknown) => {
  const answer = normalizeKeycloak(raw, context)
  if (!("line" in answer)) throw new Error(JSON.stringify(answer))
  return answer.line
}

test("a client login is an issued token: its audience comes from its scopes, its service account is nobody", () => {
  expect(of(issued)).toEqual({
    event: "token_issued",
    token_type: "access",
    event_id: issued.id,
    timestamp: "2026-11-20T23:57:20.123Z",
    auth_server: "kc-eu",
    client_id: "svc-billing",
    scopes: ["email", "orders:read"],
    audience: "https://api.orders.example",
    grant_type: "client_credentials",
    jti: "trrtcc:5281fd66",
    ip: "203.0.113.7",
    validation_result: "success",
    provider_event: "CLIENT_LOGIN",
    client_auth_method: "client-secret",
    realm_id: issued.realmId,
  })
})

test("a scope stored under its long name has its own word again; two audiences are told, and none is chosen", () => {
  const both = { ...issued, details: { ...issued.details, scope: "orders:read https://api.billing.example/read" } }
  expect(of(both)).toMatchObject({
    scopes: ["orders:read", "read"],
    audiences: ["https://api.billing.example", "https://api.orders.example"],
  })
  expect(of(both)).not.toHaveProperty("audience")
})

test("a signed assertion names its key", () => {
  const signed = { ...issued, details: { ...issued.details, client_auth_method: "client-jwt", client_jwt_kid: "k1" } }
  expect(of(signed)).toMatchObject({ kid: "k1", client_auth_method: "client-jwt" })
})

test.each([
  ["invalid_client_credentials", undefined, "invalid_client"],
  ["client_not_found", undefined, "invalid_client"],
  ["client_disabled", undefined, "invalid_client"],
  ["client_credentials_setup_required", undefined, "invalid_client"],
  ["invalid_client", "Client not enabled to retrieve service account", "unauthorized_client"],
  ["invalid_request", "Invalid scopes: orders:read nonsense", "invalid_scope"],
  ["invalid_request", "something else", "invalid_request"],
  ["new_word", undefined, "new_word"],
])("a refused login with error %s (%s) failed for %s", (error, reason, expected) => {
  const { scope: _scope, ...details } = issued.details
  const raw = { ...issued, type: "CLIENT_LOGIN_ERROR", error, details: { ...details, ...(reason ? { reason } : {}) } }
  expect(of(raw)).toMatchObject({
    event: "token_issued",
    validation_result: "failure",
    failure_reason: expected,
    provider_error: error,
  })
})

test("the scopes of a refused request are those it asked for", () => {
  const details = { grant_type: "client_credentials", reason: "Invalid scopes: orders:read nonsense" }
  const raw = { ...issued, type: "CLIENT_LOGIN_ERROR", error: "invalid_request", details }
  expect(of(raw)).toMatchObject({ scopes: ["orders:read", "nonsense"], audience: "https://api.orders.example" })
})

const introspected = {
  id: "380de866-0000-4000-8000-000000000002",
  time: 1795219040124,
  type: "INTROSPECT_TOKEN",
  clientId: "https://api.orders.example",
  userId: "9764df4b-2936-4e9e-9d2a-ac5593739259",
  details: { token_issued_for: "svc-billing", token_id: "trrtcc:5281fd66", token_type: "Bearer" },
}

test("an introspection is a validation by the audience that asked, of the client's token", () => {
  expect(of(introspected)).toMatchObject({
    event: "token_validated",
    client_id: "svc-billing",
    audience: "https://api.orders.example",
    jti: "trrtcc:5281fd66",
    validation_result: "success",
  })
  expect(of(introspected)).not.toHaveProperty("grant_type")
})

test("an introspection by somebody outside aud failed for the wrong audience; a bad token stays invalid_token", () => {
  const failure = { ...introspected, type: "INTROSPECT_TOKEN_ERROR", error: "invalid_token" }
  const outside = { ...failure, details: { reason: "Client 'x' is not in the token audience" } }
  expect(of(outside)).toMatchObject({ validation_result: "failure", failure_reason: "wrong_audience" })
  expect(of({ ...failure, details: { reason: "Access token JWT check failed" } })).toMatchObject({
    failure_reason: "invalid_token",
  })
})

test.each([
  [{ ...introspected, type: "INTROSPECT_TOKEN_ERROR", error: "invalid_client_credentials" }, "skipped"],
  [{ ...issued, type: "LOGIN" }, "skipped"],
  [{ ...issued, id: undefined }, "rejected"],
  [{ ...issued, time: "soon" }, "rejected"],
  [{ ...issued, time: 9e15 }, "rejected"],
  ["CLIENT_LOGIN", "rejected"],
])("what tells nothing of a token, or cannot be read, is no line", (raw, word) => {
  expect(normalizeKeycloak(raw, context)).toHaveProperty(word)
})

test("whatever comes, it answers", () => {
  fc.assert(
    fc.property(fc.jsonValue(), fc.constantFrom(...["CLIENT_LOGIN", "INTROSPECT_TOKEN_ERROR"]), (value, type) => {
      const given = { ...issued, type, details: value, userId: value, clientId: value, error: value }
      expect(Object.keys(normalizeKeycloak(given, context))).toHaveLength(1)
      expect(Object.keys(normalizeKeycloak(value, context))).toHaveLength(1)
    }),
  )
})

test("a word that every object inherits is no kind, no grant type and no refusal of ours", () => {
  for (const type of ["constructor", "toString", "__proto__", "hasOwnProperty"])
    expect(normalizeKeycloak({ ...issued, type }, context)).toEqual({ skipped: type })
  const refused = { ...issued, type: "CLIENT_LOGIN_ERROR", error: "constructor" }
  expect(of(refused)).toMatchObject({ failure_reason: "constructor", provider_error: "constructor" })
})
