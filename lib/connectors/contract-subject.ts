/** What the connector contract is run against. */
import type { GuardedFetch } from "../base/http.ts"
import type { Json } from "../base/json.ts"
import {
  isPort,
  type Connector,
  type DesiredObject,
  type ObjectKind,
  type SecretsPort,
  type WritePort,
} from "./port.ts"

export interface ContractProvider {
  /** Opens the connector over this way to the provider. */
  connector(fetch: GuardedFetch): Connector
  /** The undisturbed way. */
  readonly fetch: GuardedFetch
  /** What an administrator does behind Grantry's back. */
  readonly behind: {
    create(object: DesiredObject): Promise<void>
    change(kind: ObjectKind, key: string, field: string, value: Json): Promise<void>
  }
  /** Asks for a real token. Answers the OAuth error, or null for a token. */
  tokenError(client: string, secret: string, audience: string, scopes: readonly string[]): Promise<string | null>
  stop(): Promise<void>
}

export interface ContractSamples {
  readonly audience: DesiredObject
  readonly client: DesiredObject
  readonly grant: DesiredObject
  /** Another allowed value for every owned field. */
  readonly other: Readonly<Record<ObjectKind, Readonly<Record<string, Json>>>>
  /** A secret value that the provider takes. */
  secretValue(): string
}

export interface Subject {
  readonly provider: ContractProvider
  readonly samples: ContractSamples
}

export function writing(connector: Connector): WritePort {
  if (!isPort<WritePort>(connector.write)) throw new Error(`no write port: ${connector.write.cannot}`)
  return connector.write
}

export function secretsOf(connector: Connector): SecretsPort {
  if (!isPort<SecretsPort>(connector.secrets)) throw new Error(`no secrets port: ${connector.secrets.cannot}`)
  return connector.secrets
}
