/** What inspection asks of the registry: plain rows, handed in, so that the verdict is tested without a database. */
export interface InspectedProvider {
  readonly id: string
  readonly name: string
  readonly kind: string
  readonly issuer: string
  readonly jwks_uri: string
  readonly introspection_endpoint?: string
  /** Pinned by the provider's settings; absent: what its keys permit. */
  readonly algorithms?: readonly string[]
}

export interface InspectedClient {
  readonly id: string
  readonly name: string
  readonly enabled: boolean
}

export interface InspectedAudience {
  readonly id: string
  readonly identifier: string
  readonly token_ttl_seconds: number
  readonly scopes: readonly string[]
}

export interface InspectedGrant {
  readonly audience_id: string
  readonly scopes: readonly string[]
}

export interface RegistryReads {
  readonly provider: (id: string) => Promise<InspectedProvider | null>
  readonly providersByIssuer: (issuer: string) => Promise<readonly InspectedProvider[]>
  /**
   * The provider, of all or the one named, where one of these audiences has exactly this issuer for itself; with that
   * issuer's own addresses. Said by the provider's connector, never by a token.
   */
  readonly providerOfAudience: (
    issuer: string,
    audiences: readonly string[],
    providerId: string | null,
  ) => Promise<InspectedProvider | null>
  /** Issuers of every provider, for a hint on a near miss. */
  readonly issuers: () => Promise<readonly string[]>
  /** The service client that this provider knows under this id. */
  readonly client: (providerId: string, clientId: string) => Promise<InspectedClient | null>
  /** Those of the identifiers that are audiences of the registry. */
  readonly audiences: (identifiers: readonly string[]) => Promise<readonly InspectedAudience[]>
  /** Grants in force at `at` of one client on these audiences. */
  readonly grants: (clientId: string, audienceIds: readonly string[], at: Date) => Promise<readonly InspectedGrant[]>
}
