/** What the connector contract is run against. */
import type { GuardedFetch } from "../base/http.ts"
import type { Json } from "../base/json.ts"
import { grantKey, type DesiredObject, type Fields, type ObjectKind } from "./objects.ts"
import { isPort, type Cannot, type Connector, type TokenRequest } from "./port.ts"
import type { SecretsPort } from "./secrets-port.ts"
import type { WritePort } from "./write-port.ts"

export interface ContractProvider {
  /** Opens the connector over this way to the provider. */
  connector(fetch: GuardedFetch): Connector
  /** The undisturbed way. */
  readonly fetch: GuardedFetch
  /** Is this request only a look on the way to a write? By default every GET is. */
  reads?(url: string, init: Parameters<GuardedFetch>[1]): boolean
  /** Does this request fetch the connector's own access token? It is never tampered with. */
  ourToken?(url: string): boolean
  /** Lets whatever is slow at the provider arrive: replication, a secret's propagation, a cache. */
  settle?(): Promise<void>
  /** What an administrator does behind Grantry's back. Null: the provider shows nobody else's doing, for this reason. */
  readonly behind: Behind | Cannot
  /** Asks for a real token as the client with this OAuth client_id. Answers the OAuth error, or null for a token. */
  tokenError(clientId: string, secret: string, request: TokenRequest): Promise<string | null>
  stop(): Promise<void>
}

export interface Behind {
  create(object: DesiredObject): Promise<void>
  /** `remoteId` is that of the object, as `create` or `find` told it. */
  change(kind: ObjectKind, key: string, field: string, value: Json, remoteId: string): Promise<void>
}

/** In the registry's words: the suite passes them through `shape` first. */
export interface ContractSamples {
  readonly audience: DesiredObject
  readonly client: DesiredObject
  readonly grant: DesiredObject
  /** Another allowed value for every field that `shape` leaves, in its words. */
  readonly other: Readonly<Record<ObjectKind, Readonly<Record<string, Json>>>>
  /** Fields of which the provider knows one value only, so that there is no other: in `shape` and in its answers all the same. */
  readonly fixed?: readonly string[]
  /** A secret value that the provider takes. */
  secretValue(): string
  /** The names of the nth samples, where a plain suffix is not allowed. */
  named?(n: number): { readonly audience: string; readonly client: string }
  /** The word for refused credentials at the token endpoint; by default `invalid_client`. */
  readonly refused?: string
  /** Which ports are there, and by which law secrets are replaced; the suite holds the connector to it. */
  readonly ports: {
    readonly write: boolean
    readonly secrets: "overlap" | "in_place" | "none"
    readonly behind: boolean
  }
  /** A create whose answer is lost cannot be found again (RFC 7591: no list): this sentence says so. */
  readonly orphans?: string
  /** Writes ask nobody (a bundle that Grantry keeps itself), so no answer can be lost: this sentence says so. */
  readonly unasked?: string
  /** The kind whose writes are calls, where audiences are remembered here only; by default `audience`. */
  readonly written?: ObjectKind
  /** Each object has credentials of its own (RFC 7592): a 401 is about that object alone, and stops nothing else. */
  readonly ownCredentials?: boolean
  /** Fields that are sent and that this server does not tell again: they must be answered as unknown. */
  readonly untold?: readonly string[]
  /** The kind whose create is one call, for the tests of lost answers; by default the first one held. */
  readonly oneCall?: ObjectKind
  /** A 2xx on an update is believed, since a read right after it may still show what was before: this sentence says so. */
  readonly believed?: string
  /** The first secret is the one that came with the registration, handed over without a call: this sentence says so. */
  readonly secretAtHand?: string
  /** A client without scopes has whatever the server gives by default: this sentence says so. */
  readonly scopelessDefault?: string
  /** A registration whose secret is in use is not changed any more, by a refusal: this sentence says so. */
  readonly fixedInUse?: string
  /** The server never replaces a secret: this sentence says so. */
  readonly keepsSecret?: string
}

/** Whatever is only looked at on the way. */
export const looks = (provider: ContractProvider, url: string, init: Parameters<GuardedFetch>[1]): boolean =>
  provider.ourToken?.(url) === true || (provider.reads?.(url, init) ?? (init?.method ?? "GET") === "GET")

export function behindOf(provider: ContractProvider): Behind {
  if (!isPort<Behind>(provider.behind)) throw new Error(`nothing behind our back: ${provider.behind.cannot}`)
  return provider.behind
}

/** A started provider, and what each test takes from it. */
export interface Running {
  readonly provider: ContractProvider
  connector(): Connector
  /** The samples under fresh names, so that no test meets the objects of another. */
  fresh(): ContractSamples
}

/** The fields that the provider tells again. */
export const told = ({ untold = [] }: ContractSamples, fields: Fields): Record<string, Json> =>
  Object.fromEntries(Object.entries(fields).filter(([field]) => !untold.includes(field)))

type Objects = Pick<ContractSamples, "audience" | "client" | "grant">

export const inOrder = ({ audience, client, grant }: Objects): readonly DesiredObject[] => [audience, client, grant]

/** What the provider can hold of the samples, in the order of creation. */
export const shaped = (running: Running, samples: Objects): readonly DesiredObject[] =>
  running.connector().shape(inOrder(samples)).objects

export function named(samples: ContractSamples, n: number): ContractSamples {
  const names = samples.named?.(n) ?? { client: `${samples.client.key}-${n}`, audience: `${samples.audience.key}/${n}` }
  const client = { ...samples.client, key: names.client }
  const audience = { ...samples.audience, key: names.audience }
  return { ...samples, client, audience, grant: { ...samples.grant, key: grantKey(client.key, audience.key) } }
}

export function writing(connector: Connector): WritePort {
  if (!isPort<WritePort>(connector.write)) throw new Error(`no write port: ${connector.write.cannot}`)
  return connector.write
}

export function secretsOf(connector: Connector): SecretsPort {
  if (!isPort<SecretsPort>(connector.secrets)) throw new Error(`no secrets port: ${connector.secrets.cannot}`)
  return connector.secrets
}
