/** What every normaliser of a provider's log takes and gives. Pure: no clock, no database. */

/** What the registry knows and the log does not tell. */
export interface NormalizeContext {
  /** Our name of the provider, as `auth_server` of its events. */
  readonly authServer: string
  /** The audience that owns this scope word on that provider; null: none, or several. */
  audienceOfScope(scope: string): string | null
  /** The audience that the provider knows by this id (an authorization server, an application); null: not one of ours. */
  audienceOf(remoteId: string): string | null
  /** Our name of the client with this OAuth client_id; null: not one of ours. */
  clientName(clientId: string): string | null
}

/** One line of contract.md section 6, as the ingestion takes it. Absent is unknown to the log. */
export interface TokenLine {
  readonly event: "token_issued" | "token_validated" | "token_revoked"
  /** The record's own id at the provider: what makes it the same event when it is read again. */
  readonly event_id: string
  /** RFC 3339. */
  readonly timestamp: string
  readonly trace_id?: string
  readonly client_id?: string
  readonly user_id?: string
  readonly grant_type?: string
  readonly scopes?: readonly string[]
  readonly audience?: string
  readonly validation_result?: "success" | "failure"
  /** A word of lib/events/words.ts, or the provider's own, which is kept in `extra`. */
  readonly failure_reason?: string
  readonly auth_server: string
  readonly duration_ms?: number
  readonly resource?: string
  readonly token_type?: "access" | "refresh" | "id"
  readonly expires_in?: number
  readonly ip?: string
  readonly user_agent?: string
  readonly jti?: string
  readonly kid?: string
  readonly secret_fingerprint?: string
  /** Whatever else is worth keeping; ends in the event's `extra`. */
  readonly [more: string]: unknown
}

/** `skipped`: not a token event, counted by the word; `rejected`: it should have been one and cannot be read. */
export type Normalized = { readonly line: TokenLine } | { readonly rejected: string } | { readonly skipped: string }

export type Normalize = (raw: unknown, context: NormalizeContext) => Normalized
