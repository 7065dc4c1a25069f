import fc from "fast-check"
import { expect, test } from "vitest"
import { readServiceLog } from "./service-log.ts"

const ids = { pid: 1, request_id: "r1", int_request_id: "i1", trace_id: "" }
const failed = (code: string, more: object = {}) =>
  JSON.stringify({
    level: "error",
    time: "2026-11-21T10:46:21.621356+03:00",
    msg: "error in response",
    ...ids,
    error_code: code,
    error_message: "told to people",
    ...more,
  })
const completed = (status: number, more: object = {}) =>
  JSON.stringify({
    level: "info",
    time: "2026-11-21T10:46:21.621421+03:00",
    msg: "response completed in 0.002s",
    ...ids,
    method: "GET",
    uri: "/admin?page=2",
    remote_addr_ip: "127.0.0.1",
    user_agent: "curl/8.7.1",
    duration_ms: 1,
    duration: 1673,
    status,
    bytes_sent: 98,
    ...more,
  })
const eventsOf = (...log: string[]) => readServiceLog(log).lines.map((line) => JSON.parse(line) as object)

test("a call that was let through is a validation; its duration is the one in microseconds", () => {
  expect(eventsOf(completed(200))).toEqual([
    {
      event: "token_validated",
      event_id: "i1",
      timestamp: "2026-11-21T10:46:21.621421+03:00",
      trace_id: "r1",
      validation_result: "success",
      duration_ms: 1.673,
      resource: "GET /admin",
      ip: "127.0.0.1",
      user_agent: "curl/8.7.1",
      status: 200,
    },
  ])
  expect(eventsOf(completed(200, { duration: undefined }))).toMatchObject([{ duration_ms: 1 }])
})

test.each([
  ["bearerTokenMissing", 401, "missing_token"],
  ["authenticationFailed", 401, "authenticationFailed"],
  ["authorizationFailed", 403, "insufficient_scope"],
  ["serviceUnavailable", 503, "introspection_unavailable"],
  // A word of the library's own that every object has too.
  ["constructor", 401, "constructor"],
])("a refusal with %s and %i failed for %s", (code, status, reason) => {
  expect(eventsOf(failed(code), completed(status))).toMatchObject([
    { validation_result: "failure", failure_reason: reason, status },
  ])
})

test("without the line of its code a refusal has what its status says", () => {
  expect(eventsOf(completed(401), completed(403))).toMatchObject([
    { failure_reason: "invalid_token" },
    { failure_reason: "insufficient_scope" },
  ])
})

test("requests side by side are told apart by their ids, without ids by their order", () => {
  const other = { int_request_id: "i2" }
  expect(
    eventsOf(failed("bearerTokenMissing"), failed("authorizationFailed", other), completed(403, other), completed(401)),
  ).toMatchObject([{ failure_reason: "insufficient_scope" }, { failure_reason: "missing_token" }])
  const none = { request_id: "", int_request_id: "" }
  const [first, second] = eventsOf(failed("bearerTokenMissing", none), completed(401, none), completed(200, none))
  expect(first).toMatchObject({ failure_reason: "missing_token" })
  expect(second).toMatchObject({ validation_result: "success" })
  expect(first).not.toMatchObject({ event_id: (second as { event_id: string }).event_id })
})

test("what no guard has judged is no event; what is no line of such a log goes on as it is, in its place", () => {
  const log = [completed(404), completed(500), '{"msg":"server started"}', "no json", completed(200)]
  expect(readServiceLog(log)).toMatchObject({ lines: ["no json", expect.stringContaining("success")], at: [3, 4] })
})

test("the same log sent again has the same ids", () => {
  const none = { request_id: "", int_request_id: "" }
  expect(eventsOf(completed(200, none))).toEqual(eventsOf(completed(200, none)))
})

test("whatever comes, it answers and never throws", () => {
  const member = fc.oneof(fc.constant("error in response"), fc.constant("response completed in 1s"), fc.jsonValue())
  const line = fc.oneof(
    fc.string(),
    fc
      .record({ msg: member, status: fc.jsonValue(), uri: fc.jsonValue(), duration: fc.jsonValue() })
      .map((raw) => JSON.stringify(raw)),
  )
  fc.assert(
    fc.property(fc.array(line), (log) => {
      const { lines, at } = readServiceLog(log)
      expect(at).toHaveLength(lines.length)
    }),
  )
})
