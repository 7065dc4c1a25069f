import "server-only"
import type { Pool } from "../db/pool.ts"
import { wordsOf } from "./dictionary.ts"
import { printTimestamp } from "./timestamp.ts"
import { eventNames, type FlagName, flagsOf, resultNames, tokenTypes } from "./words.ts"

/** The line as it came, and what Grantry knows of it. */
export interface EventItem {
  readonly id: string
  readonly event_id: string | null
  readonly event: string
  readonly timestamp: string
  readonly received_at: string
  readonly source_id: string
  readonly trace_id: string | null
  readonly client_id: string | null
  readonly user_id: string | null
  readonly grant_type: string | null
  readonly scopes: readonly string[]
  readonly audience: string | null
  readonly validation_result: "success" | "failure" | null
  readonly failure_reason: string | null
  readonly auth_server: string | null
  readonly duration_ms: number | null
  readonly resource: string | null
  readonly token_type: string | null
  readonly expires_in: number | null
  readonly ip: string | null
  readonly user_agent: string | null
  readonly jti: string | null
  readonly kid: string | null
  readonly secret_fingerprint: string | null
  readonly flags: readonly FlagName[]
  readonly extra: Readonly<Record<string, unknown>> | null
}

export interface StoredRow {
  id: string
  us: string
  received_us: string
  duration_ms: number | null
  source: number
  client: number | null
  audience: number | null
  provider: number | null
  scopes: number | null
  reason: number | null
  grant_type: number | null
  resource: number | null
  agent: number | null
  kid: number | null
  secret: number | null
  expires_in: number | null
  event: number
  result: number
  token_type: number | null
  flags: number
  ip: string | null
  trace_id: string | null
  jti: string | null
  user_id: string | null
  given_id: string | null
  inline: Record<string, string> | null
  extra: Record<string, unknown> | null
}

export const storedColumns = `id::text, (extract(epoch from ts) * 1000000)::int8::text as us, (extract(epoch from received_at) * 1000000)::int8::text as received_us,
  duration_ms, source, client, audience, provider, scopes, reason, grant_type, resource, agent, kid, secret, expires_in, event, result, token_type, flags,
  host(ip) as ip, trace_id, jti, user_id, given_id, inline, extra`

/** Rows with their dictionary words put back. */
export async function itemsOf(pool: Pool, rows: readonly StoredRow[]): Promise<EventItem[]> {
  const ids = new Set<number>()
  for (const r of rows) {
    for (const id of [
      r.source,
      r.client,
      r.audience,
      r.provider,
      r.scopes,
      r.reason,
      r.grant_type,
      r.resource,
      r.agent,
      r.kid,
      r.secret,
    ])
      if (id !== null) ids.add(id)
  }
  const words = await wordsOf(pool, ids)
  return rows.map((r) => {
    const word = (id: number | null, field: string): string | null =>
      id === null ? null : (words.get(id) ?? r.inline?.[field] ?? null)
    return {
      id: r.id,
      event_id: r.given_id,
      event: eventNames[r.event] ?? "token_validated",
      timestamp: printTimestamp(Number(r.us)),
      received_at: printTimestamp(Number(r.received_us)),
      source_id: word(r.source, "source") ?? "",
      trace_id: r.trace_id,
      client_id: word(r.client, "client"),
      user_id: r.user_id,
      grant_type: word(r.grant_type, "grantType"),
      scopes: word(r.scopes, "scopes")?.split("\n") ?? [],
      audience: word(r.audience, "audience"),
      validation_result: resultNames[r.result] === "unknown" ? null : r.result === 1 ? "failure" : "success",
      failure_reason: word(r.reason, "reason"),
      auth_server: word(r.provider, "provider"),
      duration_ms: r.duration_ms,
      resource: word(r.resource, "resource"),
      token_type: r.token_type === null ? null : (tokenTypes[r.token_type] ?? null),
      expires_in: r.expires_in,
      ip: r.ip,
      user_agent: word(r.agent, "agent"),
      jti: r.jti,
      kid: word(r.kid, "kid"),
      secret_fingerprint: word(r.secret, "secret"),
      flags: flagsOf(r.flags),
      extra: r.extra,
    }
  })
}
