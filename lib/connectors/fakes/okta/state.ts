import { randomBytes, randomUUID } from "node:crypto"
import type { Json } from "../../../base/json.ts"
import type { Clock } from "../base/clock.ts"
import { signingKey, type SigningKey } from "../base/signing.ts"

export type Body = Readonly<Record<string, Json>>
export type Status = "ACTIVE" | "INACTIVE"

export interface FakeSecret {
  readonly id: string
  readonly value: string
  status: Status
  readonly created: string
  lastUpdated: string
}

export interface FakeApp {
  readonly id: string
  readonly clientId: string
  status: Status
  readonly created: string
  lastUpdated: string
  /** As it was posted or put, without secrets. */
  body: Body
  secrets: FakeSecret[]
  /** Okta scopes that a Super Admin granted to it. */
  grants: ReadonlySet<string>
  /** Wrong secrets in a row. */
  wrong: number
}

export interface FakeRule {
  readonly id: string
  readonly created: string
  body: Body
  status: Status
}

export interface FakePolicy {
  readonly id: string
  readonly created: string
  body: Body
  status: Status
  rules: FakeRule[]
}

export interface FakeScope {
  readonly id: string
  readonly system: boolean
  body: Body
}

export interface FakeServer {
  readonly id: string
  readonly created: string
  lastUpdated: string
  status: Status
  body: Body
  scopes: FakeScope[]
  /** In the order of their priority, which is the place in this list. */
  policies: FakePolicy[]
  readonly key: () => Promise<SigningKey>
}

export interface Modes {
  /** Real answers hold nulls that the contract forbids. */
  nulls: boolean
  /** False: 401 E0000015 wherever a custom authorization server is asked for. */
  apiAccessManagement: boolean
  /** False: lists of secrets show no values. */
  clearSecrets: boolean
  /** Requests a minute for each family of endpoints. Null: no limit. */
  perMinute: number | null
  /** What Okta wrote meanwhile and shows later. */
  pageSize: number
}

export interface Org {
  readonly clock: Clock
  readonly apps: Map<string, FakeApp>
  readonly servers: Map<string, FakeServer>
  /** In the order of arrival; `published` may be earlier than that of the one before. */
  readonly log: Body[]
  /** API tokens and whose they are. */
  readonly tokens: Map<string, { readonly id: string; readonly displayName: string }>
  readonly modes: Modes
  readonly windows: Map<string, { used: number; endsAt: number }>
}

export const newOrg = (clock: Clock): Org => ({
  clock,
  apps: new Map(),
  servers: new Map(),
  log: [],
  tokens: new Map(),
  modes: { nulls: false, apiAccessManagement: true, clearSecrets: true, perMinute: null, pageSize: 200 },
  windows: new Map(),
})

export const newId = (prefix: string): string => `${prefix}${randomBytes(9).toString("hex").slice(0, 17)}`
export const newSecretValue = (): string => randomBytes(32).toString("base64url")
export const nowText = (org: Org): string => org.clock.now().toISOString()

/** Made at its first use: most servers of a test never sign. */
export function lazyKey(kid: string): () => Promise<SigningKey> {
  let made: Promise<SigningKey> | null = null
  return () => (made ??= signingKey(kid))
}

export interface Actor {
  readonly id: string
  readonly type: "User" | "PublicClientApp"
  readonly displayName: string
}

/** Adds one event to the System Log, as it arrives now. `ageMs`: it happened that long ago and was late. */
export function writeLog(org: Org, eventType: string, more: Body & { readonly actor: Json }, ageMs = 0): void {
  org.log.push({
    uuid: randomUUID(),
    published: new Date(org.clock.now().getTime() - ageMs).toISOString(),
    eventType,
    version: "0",
    severity: "INFO",
    displayMessage: eventType,
    outcome: { result: "SUCCESS" },
    client: { ipAddress: "203.0.113.9", userAgent: { rawUserAgent: "node" } },
    transaction: { type: "WEB", id: newId("W") },
    ...more,
    arrived: org.clock.now().getTime(),
  })
}
