/** One line, checked and normalised. Absent is null. */
export interface ValidLine {
  /** Microseconds since 1970, null when the line carries no timestamp. */
  ts: number | null
  /** Position in eventNames, resultNames. */
  event: number
  result: number
  tokenType: number | null
  flags: number
  client: string | null
  audience: string | null
  provider: string | null
  /** Names joined by LF, in the order that they came, each once. */
  scopes: string | null
  reason: string | null
  grantType: string | null
  resource: string | null
  agent: string | null
  kid: string | null
  secret: string | null
  purpose: string | null
  durationMs: number | null
  expiresIn: number | null
  ip: string | null
  traceId: string | null
  jti: string | null
  userId: string | null
  givenId: string | null
  /** JSON text of the unknown fields. */
  extra: string | null
  /** Canonical JSON of the line (RFC 8785) where it carries no id of its own. */
  canonical: string | null
}

/** The times between which a line may lie, as of one moment. Milliseconds since 1970. */
export interface Window {
  readonly nowMs: number
  readonly oldestMs: number
}

export const blankLine = (): ValidLine => ({
  ts: null,
  event: -1,
  result: -1,
  tokenType: null,
  flags: 0,
  client: null,
  audience: null,
  provider: null,
  scopes: null,
  reason: null,
  grantType: null,
  resource: null,
  agent: null,
  kid: null,
  secret: null,
  purpose: null,
  durationMs: null,
  expiresIn: null,
  ip: null,
  traceId: null,
  jti: null,
  userId: null,
  givenId: null,
  extra: null,
  canonical: null,
})
