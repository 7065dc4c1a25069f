/** What a tenant holds. Tests look here and change things behind our back. */
import { randomBytes } from "node:crypto"
import type { Clock } from "../base/clock.ts"

export interface FakeClient {
  readonly client_id: string
  name: string
  description: string
  app_type: string
  is_first_party: boolean
  oidc_conformant: boolean
  grant_types: string[]
  token_endpoint_auth_method: string | null
  client_authentication_methods: { private_key_jwt: { credentials: { id: string }[] } } | null
  client_metadata: Record<string, string>
  jwt_configuration: { alg: string; lifetime_in_seconds: number }
  readonly global: boolean
  client_secret: string
  /** The value before this one, and until when it may still be accepted. */
  previous: { readonly value: string; readonly changedAt: number } | null
}

export interface FakeCredential {
  readonly id: string
  readonly name: string
  readonly kid: string
  readonly alg: string
  readonly pem: string
  readonly credential_type: "public_key"
  readonly created_at: string
  expires_at: string | null
}

export interface FakeApi {
  readonly id: string
  readonly identifier: string
  name: string
  readonly is_system: boolean
  scopes: { value: string; description?: string | undefined }[]
  signing_alg: string
  token_lifetime: number
  token_dialect: string
  subject_type_authorization: unknown
}

export interface FakeGrant {
  id: string
  readonly client_id: string
  readonly audience: string
  scope: string[]
  readonly subject_type: "client" | "user"
  allow_all_scopes: boolean
  readonly is_system: boolean
}

export interface FakeLog {
  readonly log_id: string
  readonly date: string
  readonly type: string
  readonly [field: string]: unknown
}

/** How the tenant behaves; a test turns these over. */
export interface Modes {
  /** Which of the three shapes lists have. `totals` and `bare` ignore `from` and `take`. */
  lists: "checkpoint" | "totals" | "bare"
  /** Every field that may be null or absent is. */
  nulls: boolean
  /** Errors come without a body. */
  emptyErrors: boolean
  entitiesMax: number
  /** Requests that the bucket holds, and how many flow in each second. */
  bucket: { readonly burst: number; readonly perSecond: number } | null
  /** As the vendor's contract has it, where real tenants do otherwise (lib/connectors/auth0/vendor-exceptions.ts). */
  byContract: boolean
  /** How long a new secret is not known yet, within the half minute in which the old one may still be. */
  secretLagMs: number
  /** How long a log record stays invisible. */
  logDelayMs: number
}

export interface Tenant {
  readonly clock: Clock
  readonly modes: Modes
  readonly clients: Map<string, FakeClient>
  readonly credentials: Map<string, FakeCredential[]>
  readonly apis: Map<string, FakeApi>
  readonly grants: Map<string, FakeGrant>
  readonly logs: FakeLog[]
  /** How many records the log has ever had. */
  logged: number
  readonly bucket: { left: number; at: number }
}

export const newTenant = (clock: Clock): Tenant => ({
  clock,
  modes: {
    lists: "checkpoint",
    nulls: false,
    emptyErrors: false,
    entitiesMax: 100_000,
    bucket: null,
    byContract: false,
    secretLagMs: 0,
    logDelayMs: 0,
  },
  clients: new Map(),
  credentials: new Map(),
  apis: new Map(),
  grants: new Map(),
  logs: [],
  logged: 0,
  bucket: { left: 0, at: 0 },
})

/** Thirty-two letters and digits, as a client_id looks. */
export const newId = (prefix = "", length = 32): string => {
  const alphabet = "ABCDEFGHJKLMNPQRSTUVWXYZabcdefghjkmnpqrstuvwxyz23456789"
  return prefix + [...randomBytes(length)].map((byte) => alphabet[byte % alphabet.length]).join("")
}

export const newSecret = (): string => randomBytes(48).toString("base64url")

/** `client_metadata` merges by key, and null deletes one. */
export function mergeMetadata(client: FakeClient, change: Readonly<Record<string, string | null>>): void {
  const merged = { ...client.client_metadata, ...change }
  client.client_metadata = Object.fromEntries(
    Object.entries(merged).filter((entry): entry is [string, string] => entry[1] !== null),
  )
}

/** Either value may be accepted for up to thirty seconds (Rotate Client Secret). */
const eitherMs = 30_000

export function acceptsSecret({ clock, modes }: Tenant, client: FakeClient, secret: string): boolean {
  const age = client.previous === null ? eitherMs : clock.now().getTime() - client.previous.changedAt
  return age < eitherMs && secret === client.previous?.value
    ? true
    : secret === client.client_secret && age >= modes.secretLagMs
}

export function changeSecret(tenant: Tenant, client: FakeClient, value: string): void {
  if (value === client.client_secret) return
  client.previous = { value: client.client_secret, changedAt: tenant.clock.now().getTime() }
  client.client_secret = value
}

/** Ordered by their ids, as the log is. */
export function writeLog(tenant: Tenant, type: string, fields: Readonly<Record<string, unknown>>): void {
  tenant.logged += 1
  const log_id = `90020261121${String(tenant.logged).padStart(12, "0")}`
  tenant.logs.push({
    date: tenant.clock.now().toISOString(),
    type,
    log_id,
    _id: log_id,
    tenant_name: "fake",
    environment_name: "local-1",
    isMobile: false,
    ...fields,
  })
}
