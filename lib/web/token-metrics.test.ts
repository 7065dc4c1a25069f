import { expect, test } from "vitest"
import { bucketOf } from "../events/delta.ts"
import { type Counted, grow, noTotals } from "../events/tally.ts"
import { tokenMetrics } from "./token-metrics.ts"

const metricsOf = (...rows: [of: Counted, n: number][]) =>
  tokenMetrics(
    grow(
      noTotals,
      rows.map(([of, n]) => ({ day: 1, of, n })),
    ),
    { requests: 7, misses: 2 },
  ).split("\n")

test("every event counts where its name says", () => {
  const lines = metricsOf(
    [[0, 0, null, "client_credentials"], 3],
    [[0, 1, "invalid_client", "client_credentials"], 2],
    [[1, 0, null, null], 10],
    [[1, 1, "expired", null], 4],
    [[1, 2, null, null], 1],
    [[2, 0, null, null], 9],
  )
  expect(lines.filter((line) => line !== "" && !line.startsWith("#") && !line.includes("_bucket"))).toEqual([
    'token_issuance_total{grant_type="client_credentials"} 3',
    'oauth_error_total{code="invalid_client"} 2',
    'token_validation_total{result="success"} 10',
    'token_validation_total{result="failure"} 4',
    'token_validation_total{result="unknown"} 1',
    'token_validation_failure_total{reason="expired"} 4',
    "token_validation_duration_seconds_sum 0",
    "token_validation_duration_seconds_count 0",
    "jwks_cache_request_total 7",
    "jwks_cache_miss_total 2",
  ])
  expect(lines).toContain("# TYPE active_sessions_total gauge")
})

test("a grant type that a sender made up makes no series of its own", () => {
  const lines = metricsOf([[0, 0, null, 'x"} 1\nfake'], 1], [[0, 0, null, "y"], 1], [[0, 0, null, null], 1])
  expect(lines.filter((line) => line.startsWith("token_issuance_total"))).toEqual([
    'token_issuance_total{grant_type="other"} 2',
    'token_issuance_total{grant_type="unknown"} 1',
  ])
})

test("durations fall into cumulative buckets with their edges in seconds", () => {
  const lines = metricsOf([[bucketOf(0.9)], 5], [[bucketOf(3)], 1], [[bucketOf(100_000)], 1])
  const at = (le: string) =>
    lines.find((line) => line.startsWith(`token_validation_duration_seconds_bucket{le="${le}"}`))?.split(" ")[1]
  expect([at("0.0005"), at("0.001"), at("0.004"), at("32.768"), at("+Inf")]).toEqual(["0", "5", "6", "6", "7"])
  expect(lines).toContain("token_validation_duration_seconds_count 7")
})
