import { randomBytes } from "node:crypto"

/** Lines as a gateway writes them: 200 clients, 12 audiences, one in twelve refused; every second one carries an id of its own. */
export function eventLines(count: number, newestMs: number, spreadMs: number, label: string): string[] {
  return Array.from({ length: count }, (_, i) => {
    const issued = i % 4 === 0
    const failed = i % 12 === 5
    return JSON.stringify({
      event: issued ? "token_issued" : "token_validated",
      ...(i % 2 === 0 ? { event_id: `${label}-${i}` } : {}),
      timestamp: new Date(newestMs - Math.floor(Math.random() * spreadMs)).toISOString(),
      trace_id: randomBytes(16).toString("hex"),
      client_id: `service-${(i * 7) % 200}`,
      grant_type: "client_credentials",
      scopes: i % 3 === 0 ? ["payments:read", "payments:write"] : ["orders:read"],
      audience: `https://api-${i % 12}.internal`,
      validation_result: failed ? "failure" : "success",
      ...(failed ? { failure_reason: issued ? "invalid_scope" : i % 24 === 5 ? "expired" : "wrong_audience" } : {}),
      auth_server: i % 5 === 0 ? "auth0" : "keycloak",
      duration_ms: (i % 90) / 10,
      resource: `POST /api/resource-${i % 40}`,
      token_type: "access",
      ...(issued ? { expires_in: 3600 } : {}),
      ip: `10.${i % 4}.${i % 16}.${i % 250}`,
      user_agent: `service-sdk/2.${i % 9}`,
      jti: randomBytes(12).toString("base64url"),
    })
  })
}

export function quantile(values: readonly number[], share: number): number {
  const sorted = values.toSorted((a, b) => a - b)
  return sorted[Math.min(sorted.length - 1, Math.ceil(share * sorted.length) - 1)] ?? Number.NaN
}
