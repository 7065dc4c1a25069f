/** What Grantry asks of a provider whose client secrets it replaces. */

export interface RemoteSecret {
  readonly remoteId: string
  /** The marker given to `issue`, where the provider keeps one. */
  readonly marker?: string | null
  readonly fingerprint: string | null
  readonly createdAt: string | null
  readonly expiresAt: string | null
  readonly lastUsedAt: string | null
}

/** `value` where the provider chose it (`chooser: "provider"`): told this once. The caller seals it before anything else. */
export type IssuedSecret = RemoteSecret & { readonly value?: string }

/** How a secret of this client would be replaced now, with the sentence that a person confirms. */
export interface Strategy {
  readonly is: "overlap" | "in_place"
  readonly why: string
  /** In place: for how long requests with either value may fail. Null: unknown. */
  readonly downtimeSeconds: number | null
}

export interface SecretsPort {
  readonly liveMax: number
  readonly chooser: "caller" | "provider" | "either"
  readonly expiry: "per_secret" | "policy" | "none"
  readonly list: "ids" | "values" | "none"
  readonly end: "by_id" | "all_rotated" | "by_policy" | "at_once"
  readonly strategy: "overlap" | "in_place"
  /** Where the strategy depends on the provider's state (Keycloak's policy, live secrets): read afresh before each rotation. */
  strategyOf?(client: string): Promise<Strategy>
  /** How long a new value may be refused and an old one taken after `issue`, in milliseconds; absent: not at all. */
  readonly settleMs?: number
  readonly evidenceByLog: "A" | "none"
  /** Adds a secret. `value` is sealed by the caller before the call, so that a lost answer loses nothing. Idempotent by `marker`. */
  issue(input: {
    client: string
    value: string
    fingerprint: string
    marker: string
    expiresAt: string | null
  }): Promise<IssuedSecret>
  listSecrets(client: string): Promise<readonly RemoteSecret[]>
  /** Ends exactly one secret by its id. Gone already is done. */
  retire(client: string, secretRemoteId: string): Promise<void>
}
