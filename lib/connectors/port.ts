/**
 * What Grantry asks of a kind of identity provider. A capability is a port or a reason, never a flag: the capability page
 * and docs/connectors.md are drawn from these literals. Connectors get plain data and an injected fetch, never the database.
 */
import type { GuardedFetch, GuardedResolve } from "../base/http.ts"
import type { Json } from "../base/json.ts"
import type { ChangesPort, EventsPort } from "./log-ports.ts"
import type { DesiredObject, ObjectKey, Projection, Refusal, Shaped } from "./objects.ts"
import type { SecretsPort } from "./secrets-port.ts"
import type { WritePort } from "./write-port.ts"

export interface Cannot {
  readonly cannot: string
  readonly source: string
}

export const isPort = <T extends object>(port: T | Cannot): port is T => !("cannot" in port)

export interface Check {
  readonly name: string
  readonly is: "pass" | "fail" | "warn" | "skip"
  readonly why: string
}

/** RFC 7662 section 2.2: `active` and, when it is, the members that the provider tells. */
export type Introspected = { readonly active: boolean } & Readonly<Record<string, unknown>>

/** Asks the provider about any of its tokens with Grantry's own credentials, so that no client is needed for it. */
export interface IntrospectionPort {
  /** What an inactive answer may mean here besides "expired, revoked, or not one of its tokens". */
  readonly doubt?: string
  introspect(token: string): Promise<Introspected>
}

/** Everything that is wanted, as one file for a provider that takes no writes; and what it holds, taken in from such a file. */
export interface DocumentPort {
  /** A name for the file. */
  readonly name: string
  export(): Promise<Json>
  /**
   * What the provider really holds now: the next plan is made against it. Throws ConnectorError `invalid`; keeps nothing
   * until what it answers is called.
   */
  load(document: unknown): { keep(): Promise<void> }
}

/** A limit of one server that its kind leaves open, told beside the port that it limits. */
export interface Learned {
  readonly port: "write" | "secrets"
  readonly cannot: string
}

/** How a token for scopes of one audience is asked for (RFC 6749 section 4.4.2). */
export interface TokenRequest {
  readonly tokenEndpoint: string
  readonly issuer: string
  /** Everything beside grant type and client authentication; `scope` among it where this provider wants one. */
  readonly parameters: Readonly<Record<string, string>>
}

/** What a verifier of this provider's tokens must know. */
export interface Endpoints {
  readonly issuer: string
  readonly tokenEndpoint: string
  readonly jwksUri: string
  readonly introspectionEndpoint: string | null
}

export interface Connector {
  readonly kind: string
  check(): Promise<readonly Check[]>
  endpoints(): Promise<Endpoints>
  /** Pure: what the provider would refuse, before any call. */
  reject(desired: readonly DesiredObject[]): readonly Refusal[]
  /** Pure: what a grant becomes on this provider, beside the other grants that are wanted there. */
  project(grant: DesiredObject, all: readonly DesiredObject[]): Projection
  /**
   * Pure: the wanted objects as this provider can hold them: fields that it cannot hold left out, values rounded, what
   * belongs elsewhere moved there. Plan, apply and drift know only these. What `observe` answers has the same fields.
   */
  shape(desired: readonly DesiredObject[]): Shaped
  /** Pure: the OAuth client_id of a client of ours here. */
  clientIdOf(client: { readonly key: ObjectKey; readonly remoteId: string }): string
  tokenRequest(audience: string, scopes: readonly string[]): Promise<TokenRequest>
  readonly write: WritePort | Cannot
  readonly secrets: SecretsPort | Cannot
  readonly introspection: IntrospectionPort | Cannot
  readonly events: EventsPort | Cannot
  readonly changes: ChangesPort | Cannot
  /** What this very server turned out not to do, found by trying. Calls nothing: it is remembered. */
  learned?(): Promise<readonly Learned[]>
  /** Only for kinds that can be served by a file. */
  readonly document?: DocumentPort | Cannot
}

/** What a connector must remember between two openings and the provider will not tell: a rotating access token, the last bundle. */
export interface Memory {
  read(name: string): Promise<string | null>
  /** Sealed and committed when this resolves. `null` forgets. */
  write(name: string, value: string | null): Promise<void>
}

/** Opens a connector for one configured provider. `settings` is parsed by the kind's schema; secrets in it are opened by the caller. */
export interface Opened {
  readonly providerId: string
  readonly settings: Readonly<Record<string, unknown>>
  readonly fetch: GuardedFetch
  /** The same guard for connections that are no HTTP requests; absent: none may be made. */
  readonly resolve?: GuardedResolve
  readonly memory: Memory
  /** The vault's fingerprint of a secret value, as it stands in the registry and in events. */
  readonly fingerprint: (value: string) => string
}
