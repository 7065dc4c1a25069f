import { afterAll, beforeAll, expect, test } from "vitest"
import { foldRollups } from "../../lib/events/jobs.ts"
import { rootToken, startEdge, ask } from "../api/edge.fixture.ts"
import { POST as sendEvents } from "../api/v1/events/route.ts"
import { GET } from "./route.ts"

let edge: Awaited<ReturnType<typeof startEdge>>
beforeAll(async () => {
  edge = await startEdge()
})
afterAll(() => edge.stop())

test("events that were taken in are counted under the names of the alert rules, folded or not, each once", async () => {
  const at = new Date().toISOString()
  const issued = { event: "token_issued", grant_type: "client_credentials", client_id: "a", timestamp: at }
  const seen = { event: "token_validated", client_id: "a", timestamp: at, duration_ms: 3 }
  const lines = [
    issued,
    { ...issued, event_id: "2" },
    { ...issued, event_id: "3", grant_type: 'made"up' },
    { ...issued, event_id: "4", failure_reason: "invalid_client" },
    { ...seen, validation_result: "success" },
    { ...seen, event_id: "5", validation_result: "failure", failure_reason: "expired" },
  ]
  const send = () => ask(sendEvents, "/api/v1/events", { token: rootToken, body: lines })
  expect((await send()).body).toMatchObject({ stored: 6 })
  await foldRollups()
  expect((await send()).body).toMatchObject({ stored: 0, duplicates: 6 })
  expect(
    (await ask(sendEvents, "/api/v1/events", { token: rootToken, body: [{ ...seen, event_id: "6" }] })).body,
  ).toMatchObject({ stored: 1 })

  const answer = await GET()
  expect(answer.headers.get("content-type")).toContain("text/plain")
  const text = await answer.text()
  const samples = text
    .split("\n")
    .filter((line) => /^(token|oauth|jwks|active)_/.test(line) && !line.includes("_bucket"))
  expect(samples.toSorted()).toEqual([
    "jwks_cache_miss_total 0",
    "jwks_cache_request_total 0",
    'oauth_error_total{code="invalid_client"} 1',
    'token_issuance_total{grant_type="client_credentials"} 2',
    'token_issuance_total{grant_type="other"} 1',
    "token_validation_duration_seconds_count 3",
    expect.stringMatching(/^token_validation_duration_seconds_sum 0\.0\d+$/),
    'token_validation_failure_total{reason="expired"} 1',
    'token_validation_total{result="failure"} 1',
    'token_validation_total{result="success"} 1',
    'token_validation_total{result="unknown"} 1',
  ])
  expect(text).toContain("# TYPE token_validation_duration_seconds histogram")
  expect(text).toContain('token_validation_duration_seconds_bucket{le="0.004"} 3')

  // A second scrape within seconds is answered from memory.
  await ask(sendEvents, "/api/v1/events", { token: rootToken, body: [{ ...seen, event_id: "7" }] })
  expect(await (await GET()).text()).toContain('token_validation_total{result="unknown"} 1')
})
