/** One line of Grantry's ingestion (`POST /api/v1/events`). Members that do not apply are left out. */
export interface EventLine {
  readonly event: "token_issued" | "token_validated"
  /** Made once, with the line: a re-sent line is the same event. */
  readonly event_id: string
  /** RFC 3339, UTC */
  readonly timestamp: string
  readonly trace_id?: string
  readonly client_id?: string
  readonly user_id?: string
  readonly grant_type?: string
  readonly scopes?: readonly string[]
  readonly audience?: string
  readonly validation_result: "success" | "failure"
  readonly failure_reason?: string
  /** One sentence: what was found and what was expected. */
  readonly failure_detail?: string
  readonly auth_server?: string
  readonly duration_ms: number
  readonly resource?: string
  readonly token_type?: "access"
  readonly expires_in?: number
  readonly ip?: string
  readonly user_agent?: string
  readonly jti?: string
  readonly kid?: string
  readonly secret_fingerprint?: string
  /** True where client, scopes and jti are only what an unverified token says of itself. */
  readonly claims_unverified?: true
}

/** Leaves out what is undefined, which is what an absent member of a line means. */
export function eventLine(line: { [K in keyof EventLine]: EventLine[K] | undefined }): EventLine {
  return Object.fromEntries(Object.entries(line).filter(([, value]) => value !== undefined)) as unknown as EventLine
}
