import { bucketTopMs, latencyBuckets } from "../events/delta.ts"
import type { Totals } from "../events/tally.ts"

/** Registered or widely used grant types (RFC 6749, 7522, 7523, 8628, 8693, CIBA). A sender's other words are one. */
const grantTypes: ReadonlySet<string> = new Set([
  "client_credentials",
  "authorization_code",
  "refresh_token",
  "password",
  "implicit",
  "urn:ietf:params:oauth:grant-type:device_code",
  "urn:ietf:params:oauth:grant-type:jwt-bearer",
  "urn:ietf:params:oauth:grant-type:saml2-bearer",
  "urn:ietf:params:oauth:grant-type:token-exchange",
  "urn:openid:params:grant-type:ciba",
])

export interface KeyCacheCounts {
  readonly requests: number
  readonly misses: number
}

type Series = ReadonlyMap<string, number>

/**
 * The metrics that the runbooks and alert rules name, as Prometheus text (exposition format 0.0.4). Labels come from closed
 * lists, so no sender can make series. The counts are the fleet's and the same from every web process; those of the key
 * cache are this process's. `active_sessions_total` has no sample: no source tells it yet. Pure.
 */
export function tokenMetrics(totals: Totals, keyCache: KeyCacheCounts): string {
  const issued = new Map<string, number>()
  const errors = new Map<string, number>()
  const validated = new Map([
    ["success", 0],
    ["failure", 0],
    ["unknown", 0],
  ])
  const failed = new Map<string, number>()
  const buckets = new Map<number, number>()
  for (const { of, n } of totals.counts.values()) {
    if (of.length === 1) {
      add(buckets, of[0], n)
      continue
    }
    const [event, result, reason, grantType] = of
    if (event === 0 && result === 0)
      add(issued, grantType === null ? "unknown" : grantTypes.has(grantType) ? grantType : "other", n)
    if (event === 0 && result === 1) add(errors, reason ?? "unknown", n)
    if (event === 1) add(validated, result === 0 ? "success" : result === 1 ? "failure" : "unknown", n)
    if (event === 1 && result === 1) add(failed, reason ?? "unknown", n)
  }
  return [
    counter("token_issuance_total", "Tokens issued, by grant type", "grant_type", issued),
    counter("oauth_error_total", "Token requests that a provider refused, by OAuth error code", "code", errors),
    counter("token_validation_total", "Tokens validated by services, by result", "result", validated),
    counter("token_validation_failure_total", "Tokens that services refused, by reason", "reason", failed),
    histogram(
      "token_validation_duration_seconds",
      "Duration of validations; the sum is estimated from the buckets",
      buckets,
    ),
    single("jwks_cache_request_total", "Key set lookups of this process", keyCache.requests),
    single("jwks_cache_miss_total", "Key set lookups of this process that waited for the issuer", keyCache.misses),
    head("active_sessions_total", "Live refresh tokens; no sample while no source reports them", "gauge"),
  ].join("")
}

function add<K>(series: Map<K, number>, key: K, n: number): void {
  series.set(key, (series.get(key) ?? 0) + n)
}

const head = (name: string, help: string, type: string): string => `# HELP ${name} ${help}\n# TYPE ${name} ${type}\n`

const single = (name: string, help: string, n: number): string => `${head(name, help, "counter")}${name} ${n}\n`

/** Label values are of our closed lists: none needs an escape. */
const counter = (name: string, help: string, label: string, series: Series): string =>
  head(name, help, "counter") + [...series].map(([value, n]) => `${name}{${label}="${value}"} ${n}\n`).join("")

function histogram(name: string, help: string, buckets: ReadonlyMap<number, number>): string {
  let text = head(name, help, "histogram")
  let count = 0
  let sum = 0
  for (let bucket = 0; bucket < latencyBuckets; bucket++) {
    const n = buckets.get(bucket) ?? 0
    count += n
    // A bucket reaches from its top divided by the square root of two up to its top: the middle, by ratio.
    sum += (n * bucketTopMs(bucket)) / 2 ** 0.25 / 1_000
    // Every second edge: powers of two from a quarter of a millisecond to half a minute.
    if (bucket % 2 === 0 && bucket <= 34) text += `${name}_bucket{le="${bucketTopMs(bucket) / 1_000}"} ${count}\n`
  }
  return `${text}${name}_bucket{le="+Inf"} ${count}\n${name}_sum ${sum}\n${name}_count ${count}\n`
}
