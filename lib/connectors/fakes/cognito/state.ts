/** What a user pool holds. Tests look here and change things behind our back. */
import { randomBytes } from "node:crypto"
import { secondMs } from "../../../base/time.ts"
import type { Clock } from "../base/clock.ts"
import { refusal, type ClientSettings } from "./law.ts"

export interface FakeSecret {
  readonly id: string
  readonly value: string
  /** Seconds since 1970. */
  readonly createdAt: number
}

export interface FakeClient {
  readonly id: string
  settings: ClientSettings
  readonly createdAt: number
  modifiedAt: number
  readonly type: "REGULAR" | "DCR"
  secrets: FakeSecret[]
}

export interface FakeServer {
  readonly identifier: string
  name: string
  scopes: { ScopeName: string; ScopeDescription: string }[]
}

/** How the pool behaves; a test turns these over. */
export interface Modes {
  /** Requests per second and operation; null: as many as come. */
  perSecond: number | null
  /** The next so many updates of a client meet somebody else's. */
  concurrent: number
  /** Every field that may be null or absent is null. */
  nulls: boolean
  clientsMax: number
  /** 25 in a new account, and adjustable. */
  serversMax: number
  hasDomain: boolean
  /** How long a record stays out of CloudTrail's sight. */
  logDelayMs: number
}

export interface FakePool {
  readonly id: string
  readonly region: string
  readonly clock: Clock
  readonly modes: Modes
  readonly clients: Map<string, FakeClient>
  readonly servers: Map<string, FakeServer>
  /** Access keys, with their secret and the actions that their policy allows. */
  readonly keys: Map<string, { readonly secret: string; allowed: ReadonlySet<string> | "all"; readonly user: string }>
  /** CloudTrail's records, oldest first. */
  readonly trail: Record<string, unknown>[]
  readonly calls: { operation: string; at: number }[]
}

export const newPool = (clock: Clock): FakePool => ({
  id: "eu-central-1_FakePool1",
  region: "eu-central-1",
  clock,
  modes: {
    perSecond: null,
    concurrent: 0,
    nulls: false,
    clientsMax: 10_000,
    serversMax: 10_000,
    hasDomain: true,
    logDelayMs: 0,
  },
  clients: new Map(),
  servers: new Map(),
  keys: new Map(),
  trail: [],
  calls: [],
})

const alphabet = "abcdefghijklmnopqrstuvwxyz0123456789"
/** Twenty-six letters and digits, as a client_id looks. */
export const newId = (length = 26): string =>
  [...randomBytes(length)].map((byte) => alphabet[byte % alphabet.length]).join("")

/** Fifty-one of them are a secret of AWS's own making. */
export const newSecretValue = (): string => newId(51)

export const seconds = (pool: FakePool): number => pool.clock.now().getTime() / secondMs

export function addSecretTo(pool: FakePool, client: FakeClient, value: string): FakeSecret {
  const createdAt = seconds(pool)
  let at = Math.floor(createdAt)
  while (client.secrets.some(({ id }) => id === `${client.id}--${at}`)) at += 1
  const secret = { id: `${client.id}--${at}`, value, createdAt }
  client.secrets.push(secret)
  return secret
}

/** Throws Refused. */
export function clientAt(pool: FakePool, id: string): FakeClient {
  const client = pool.clients.get(id)
  if (!client) throw refusal("ResourceNotFoundException", `User pool client ${id} does not exist.`)
  return client
}

/** Wire names of scopes that a resource server has. */
export const liveScopes = ({ servers }: FakePool): ReadonlySet<string> =>
  new Set(
    [...servers.values()].flatMap(({ identifier, scopes }) =>
      scopes.map(({ ScopeName }) => `${identifier}/${ScopeName}`),
    ),
  )

/** One page of a list, after the key that the token names. */
export function pageOf<T>(
  all: readonly T[],
  keyOf: (one: T) => string,
  { MaxResults: max, NextToken: token }: { MaxResults: number; NextToken?: string | undefined },
): { readonly items: readonly T[]; readonly next: string | undefined } {
  const after = token === undefined ? null : Buffer.from(token, "base64url").toString("utf8")
  const sorted = all.toSorted((a, b) => (keyOf(a) < keyOf(b) ? -1 : 1))
  const rest = after === null ? sorted : sorted.filter((one) => keyOf(one) > after)
  const items = rest.slice(0, max)
  const last = items.at(-1)
  return { items, next: rest.length > max && last ? Buffer.from(keyOf(last)).toString("base64url") : undefined }
}
