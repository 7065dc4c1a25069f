/** What this room takes in and gives out. contract.md section 4. */
import { z } from "zod"
import { isObject, type Json } from "../base/json.ts"

const name = z
  .string()
  .trim()
  .min(1)
  .max(120)
  .regex(/^[^\p{Cc}\p{Cs}]*$/u, "must not hold control characters")
const environment = z
  .string()
  .trim()
  .min(1)
  .max(60)
  .regex(/^[^\p{Cc}\p{Cs}]*$/u, "must not hold control characters")

export const providerInput = z.strictObject({
  kind: z.string().min(1).max(40),
  name,
  environment: environment.default("production"),
  settings: z.record(z.string(), z.unknown()).default({}),
})
export type ProviderInput = z.infer<typeof providerInput>

/** A setting that is not named stays as it is; so does a secret. */
export const providerPatch = z.strictObject({
  name: name.optional(),
  environment: environment.optional(),
  settings: z.record(z.string(), z.unknown()).optional(),
  /** How often it is read without being asked; null: every ten minutes. */
  read_every_seconds: z.int().min(60).max(86_400).nullable().optional(),
})
export type ProviderPatch = z.infer<typeof providerPatch>

export interface ProviderWire {
  readonly id: string
  readonly kind: string
  readonly name: string
  readonly environment: string
  readonly issuer: string
  readonly token_endpoint: string
  readonly jwks_uri: string
  readonly introspection_endpoint: string | null
  readonly status: string
  readonly status_why: string | null
  readonly latency_ms: number | null
  readonly checked_at: string | null
  readonly last_read_at: string | null
  readonly last_read_error: string | null
  readonly read_requested_at: string | null
  readonly read_every_seconds: number | null
  readonly next_read_at: string | null
  /** It asked us to slow down: nobody calls it before then. */
  readonly retry_at: string | null
  readonly settings: { readonly [field: string]: Json }
  /** Names of settings that are kept sealed. */
  readonly sealed: readonly string[]
  readonly created_at: string
  readonly updated_at: string
  readonly version: number
}

/** A row as answered: no secret can be in it, since secrets stand in another column. `lastRead` is left to its own query. */
export interface ProviderRow {
  readonly id: string
  readonly kind: string
  readonly name: string
  readonly environment: string
  readonly issuer: string
  readonly tokenEndpoint: string
  readonly jwksUri: string
  readonly introspectionEndpoint: string | null
  readonly settings: unknown
  readonly sealedSettings: unknown
  readonly status: string
  readonly statusWhy: string | null
  readonly latencyMs: number | null
  readonly checkedAt: Date | null
  readonly lastReadAt: Date | null
  readonly lastReadError: string | null
  readonly readRequestedAt: Date | null
  readonly readEverySeconds: number | null
  readonly nextReadAt: Date | null
  readonly retryAt: Date | null
  readonly createdAt: Date
  readonly updatedAt: Date
  readonly version: number
}

export const toWire = (row: ProviderRow): ProviderWire => ({
  id: row.id,
  kind: row.kind,
  name: row.name,
  environment: row.environment,
  issuer: row.issuer,
  token_endpoint: row.tokenEndpoint,
  jwks_uri: row.jwksUri,
  introspection_endpoint: row.introspectionEndpoint,
  status: row.status,
  status_why: row.statusWhy,
  latency_ms: row.latencyMs,
  checked_at: row.checkedAt?.toISOString() ?? null,
  last_read_at: row.lastReadAt?.toISOString() ?? null,
  last_read_error: row.lastReadError,
  read_requested_at: row.readRequestedAt?.toISOString() ?? null,
  read_every_seconds: row.readEverySeconds,
  next_read_at: row.nextReadAt?.toISOString() ?? null,
  retry_at: row.retryAt?.toISOString() ?? null,
  settings: isObject(row.settings) ? (row.settings as Record<string, Json>) : {},
  sealed: isObject(row.sealedSettings) ? Object.keys(row.sealedSettings).sort() : [],
  created_at: row.createdAt.toISOString(),
  updated_at: row.updatedAt.toISOString(),
  version: row.version,
})
