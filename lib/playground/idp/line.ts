/** The token event lines of this provider (contract section 6), from the facts of one request. Pure. */
import { createHash } from "node:crypto"

export interface RequestFacts {
  readonly eventId: string
  readonly at: Date
  readonly durationMs: number
  readonly ip: string | null
  readonly userAgent: string | null
  readonly traceparent: string | null
  readonly purpose: string | null
  readonly authServer: string
}

export interface IssueFacts {
  readonly clientId: string | null
  readonly grantType: string | null
  readonly scopes: readonly string[]
  readonly audience: string | null
  readonly secret: { readonly id: string; readonly fingerprint: string; readonly is: string } | null
  /** Key id of the client's assertion (private_key_jwt). */
  readonly assertionKid: string | null
  readonly issued: {
    readonly jti: string | null
    readonly kid: string | null
    readonly expiresIn: number
    readonly format: string
  } | null
  readonly refused: {
    readonly error: string
    readonly description: string | null
    readonly detail: string | null
  } | null
}

export type Line = Readonly<Record<string, unknown>>

/** An IPv4 address that arrived on an IPv6 socket is written as IPv4. */
export const plainIp = (ip: string): string => ip.replace(/^::ffff:(?=\d+\.\d+\.\d+\.\d+$)/i, "")

/** W3C Trace Context: the trace-id of a valid `traceparent`, else null. */
export function traceId(traceparent: string | null): string | null {
  const id = /^[0-9a-f]{2}-([0-9a-f]{32})-[0-9a-f]{16}-[0-9a-f]{2}/.exec(traceparent ?? "")?.[1]
  return id === undefined || /^0+$/.test(id) ? null : id
}

/** An opaque token is its own id, so its event carries a digest: enough to follow it, useless to spend it. */
export const opaqueJti = (token: string): string =>
  `sha256:${createHash("sha256").update(token).digest("base64url").slice(0, 22)}`

const common = (event: string, facts: RequestFacts): Record<string, unknown> => ({
  event,
  event_id: facts.eventId,
  timestamp: facts.at.toISOString(),
  trace_id: traceId(facts.traceparent),
  auth_server: facts.authServer,
  duration_ms: Math.round(facts.durationMs * 100) / 100,
  ip: facts.ip === null ? null : plainIp(facts.ip),
  user_agent: facts.userAgent,
})

export function issuedLine(facts: RequestFacts, issue: IssueFacts): Line {
  const { secret, issued, refused } = issue
  return tidy({
    ...common("token_issued", facts),
    client_id: issue.clientId,
    grant_type: issue.grantType,
    scopes: issue.scopes,
    audience: issue.audience,
    validation_result: refused ? "failure" : "success",
    failure_reason: refused?.error,
    token_type: issued ? "access" : null,
    expires_in: issued?.expiresIn,
    jti: issued?.jti,
    kid: issued?.kid,
    secret_fingerprint: secret?.fingerprint,
    extra: tidy({
      secret_id: secret?.id,
      secret_state: secret && secret.is !== "live" ? secret.is : null,
      assertion_kid: issue.assertionKid,
      token_format: issued?.format,
      error_description: refused?.description,
      error_detail: refused?.detail,
      purpose: facts.purpose,
    }),
  })
}

export interface ValidationFacts {
  readonly caller: string
  readonly active: boolean
  readonly why: string | null
  readonly clientId: string | null
  readonly audience: string | null
  readonly scopes: readonly string[]
  readonly jti: string | null
}

export function introspectedLine(facts: RequestFacts, seen: ValidationFacts): Line {
  return tidy({
    ...common("token_validated", facts),
    client_id: seen.clientId,
    scopes: seen.scopes,
    audience: seen.audience,
    validation_result: seen.active ? "success" : "failure",
    failure_reason: seen.active ? null : (seen.why ?? "inactive"),
    resource: "POST /token/introspection",
    token_type: "access",
    jti: seen.jti,
    extra: tidy({ introspected_by: seen.caller, purpose: facts.purpose }),
  })
}

export function revokedLine(
  facts: RequestFacts,
  seen: Pick<ValidationFacts, "clientId" | "audience" | "scopes" | "jti">,
): Line {
  return tidy({
    ...common("token_revoked", facts),
    client_id: seen.clientId,
    scopes: seen.scopes,
    audience: seen.audience,
    token_type: "access",
    jti: seen.jti,
  })
}

const textMax = 512
const listMax = 100

/** Absent is absent: no nulls, no empty `extra`. Text from outside is bounded, and nothing in it can make Postgres refuse the row. */
function tidy(line: Record<string, unknown>): Line {
  return Object.fromEntries(
    Object.entries(line).flatMap(([name, value]) => {
      if (value === null || value === undefined) return []
      if (name === "extra" && typeof value === "object" && Object.keys(value).length === 0) return []
      return [[name, storable(value)]]
    }),
  )
}

function storable(value: unknown): unknown {
  if (typeof value === "string") return value.slice(0, textMax).toWellFormed().replaceAll("\u0000", "\u2400")
  if (Array.isArray(value)) return value.slice(0, listMax).map(storable)
  return value
}
