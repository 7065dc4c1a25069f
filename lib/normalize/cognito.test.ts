import { describe, expect, test } from "vitest"
import { normalizeCognito } from "./cognito.ts"
import type { NormalizeContext } from "./context.ts"

const context: NormalizeContext = {
  authServer: "cognito-eu",
  audienceOfScope: () => null,
  audienceOf: () => null,
  clientName: (clientId) => (clientId === "1example23456789" ? "order-service" : null),
}

/** As the vendor's guide shows one, with words of our own in it. */
const record = (more: Readonly<Record<string, unknown>> = {}, asked: Readonly<Record<string, unknown>> = {}) => ({
  eventVersion: "1.08",
  userIdentity: { accountId: "123456789012" },
  eventTime: "2026-05-12T21:07:05Z",
  eventSource: "cognito-idp.amazonaws.com",
  eventName: "Token_POST",
  awsRegion: "us-west-2",
  sourceIPAddress: "192.0.2.1",
  userAgent: "orders/2",
  additionalEventData: {
    responseParameters: { status: 200 },
    requestParameters: { grant_type: ["client_credentials"], client_id: ["1example23456789"], ...asked },
    userPoolDomain: "acme.auth.us-west-2.amazoncognito.com",
    userPoolId: "us-west-2_EXAMPLE",
  },
  requestID: "request-1",
  eventID: "event-1",
  eventType: "AwsServiceEvent",
  ...more,
})
const withStatus = (status: unknown, more: object = {}) => {
  const base = record()
  return { ...base, additionalEventData: { ...base.additionalEventData, responseParameters: { status } }, ...more }
}

test("a token request that was granted", () => {
  expect(normalizeCognito(record(), context)).toEqual({
    line: {
      event: "token_issued",
      event_id: "event-1",
      timestamp: "2026-05-12T21:07:05.000Z",
      auth_server: "cognito-eu",
      token_type: "access",
      validation_result: "success",
      grant_type: "client_credentials",
      trace_id: "request-1",
      client_id: "order-service",
      provider_client_id: "1example23456789",
      ip: "192.0.2.1",
      user_agent: "orders/2",
      auth_host: "acme.auth.us-west-2.amazoncognito.com",
    },
  })
})

describe("one that was refused", () => {
  test.each([
    ["says no more than its status", withStatus(400), "http 400"],
    ["as text", withStatus("400"), "http 400"],
    ["names the error", withStatus(400, { errorMessage: "invalid_client" }), "invalid_client"],
    ["says it in other words", withStatus(400, { errorCode: "E", errorMessage: "Bad luck" }), "Bad luck"],
    ["has an error and no status", withStatus(undefined, { errorCode: "invalid_scope" }), "invalid_scope"],
  ])("%s", (_how, raw, reason) => {
    expect(normalizeCognito(raw, context)).toMatchObject({
      line: { validation_result: "failure", failure_reason: reason },
    })
  })

  test("empty words are none: the vendor's own samples carry them on success", () =>
    expect(normalizeCognito(record({ errorCode: "", errorMessage: "" }), context)).toMatchObject({
      line: { validation_result: "success" },
    }))

  test("a status of 200.0 is 200", () =>
    expect(normalizeCognito(withStatus(200.0), context)).toMatchObject({ line: { validation_result: "success" } }))
})

test("with HTTP Basic the client may be missing, and is then not told", () => {
  const told = normalizeCognito(record({}, { client_id: undefined }), context)
  expect(told).toMatchObject({ line: { event_id: "event-1" } })
  expect("line" in told && "client_id" in told.line).toBe(false)
})

test("a client that is none of ours goes by its own id", () => {
  const told = normalizeCognito(record({}, { client_id: ["other"] }), context)
  expect(told).toMatchObject({ line: { client_id: "other" } })
  expect("line" in told && "provider_client_id" in told.line).toBe(false)
})

test.each([
  ["another event", record({ eventName: "Login_GET" }), { skipped: "Login_GET" }],
  [
    "a person's token",
    record({}, { grant_type: ["authorization_code"] }),
    { skipped: "Token_POST authorization_code" },
  ],
  ["a person's renewal", record({}, { grant_type: ["refresh_token"] }), { skipped: "Token_POST refresh_token" }],
  ["no object", "text", { rejected: "not_an_object" }],
  ["null", null, { rejected: "not_an_object" }],
  ["what CloudTrail garbled", { eventID: "e", unreadable: true }, { rejected: "not_an_object" }],
  ["no name", record({ eventName: null }), { rejected: "no_event_name" }],
  ["no id", record({ eventID: "" }), { rejected: "no_event_id" }],
  ["no time", record({ eventTime: "yesterday" }), { rejected: "no_event_time" }],
  ["no status and no error", record({ additionalEventData: null }), { rejected: "no_status" }],
])("%s is no event", (_what, raw, told) => expect(normalizeCognito(raw, context)).toEqual(told))
