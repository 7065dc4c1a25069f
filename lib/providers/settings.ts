/** Parts settings into what is stored plain and what is sealed, and joins them again. */
import { z } from "zod"
import { Invalid, invalid } from "../base/errors.ts"
import { isObject, type Json } from "../base/json.ts"
import { parseInput } from "../base/parse.ts"
import { Secret } from "../base/secret.ts"
import type { ProviderKind } from "../connectors/kind.ts"
import { kindOf } from "../connectors/kinds.ts"
import { open, seal, type Sealed } from "../vault/seal.ts"

/** The kind, or 422 `kind_not_available`. */
export function availableKind(kind: string): ProviderKind {
  const known = kindOf(kind)
  if (!known)
    throw invalid("kind", "kind_not_available", `Providers of kind ${kind} cannot be connected by this version.`)
  return known
}

const context = (providerId: string, field: string) => ({ table: "provider", id: providerId, field })

export interface StoredSettings {
  readonly settings: { readonly [field: string]: Json }
  readonly sealed: { readonly [field: string]: Sealed }
}

/** Checks settings by the kind's schema and seals its secrets for this provider's row. Throws Invalid with paths below `settings`. */
export function storeSettings(
  kind: ProviderKind,
  providerId: string,
  settings: Readonly<Record<string, unknown>>,
): StoredSettings {
  const parsed = parseSettings(kind, settings)
  const plain: Record<string, Json> = {}
  const sealed: Record<string, Sealed> = {}
  for (const [field, value] of Object.entries(parsed)) {
    if (value === undefined) continue
    if (kind.secrets.includes(field))
      sealed[field] = seal(new Secret(z.string().parse(value)), context(providerId, field))
    else plain[field] = value as Json
  }
  return { settings: plain, sealed }
}

/** The whole settings with their secrets opened. Throws CannotOpen when the key is another one. */
export function openSettings(row: {
  id: string
  kind: string
  settings: unknown
  sealedSettings: unknown
}): Record<string, unknown> {
  const settings: Record<string, unknown> = isObject(row.settings) ? { ...row.settings } : {}
  for (const [field, sealed] of Object.entries(isObject(row.sealedSettings) ? row.sealedSettings : {})) {
    settings[field] = open(sealed, context(row.id, field)).reveal()
  }
  return settings
}

/** Settings as the kind's connector takes them. Throws Invalid with paths below `settings`. */
export function parseSettings(
  kind: ProviderKind,
  settings: Readonly<Record<string, unknown>>,
): Record<string, unknown> {
  const schema: z.ZodObject = kind.settings.strict()
  return under("settings", () => parseInput(schema, settings))
}

/** Where a setting leads: the origin of a URL, or `host:port` (a gRPC target). Null: it is no address. */
function addressOf(value: unknown): string | null {
  if (typeof value !== "string") return null
  if (/^[^\s/]+:\d+$/.test(value)) return value.toLowerCase()
  return URL.parse(value)?.origin ?? null
}

/**
 * A sealed secret never goes to another host by itself: where a patch moves an address, it must name every secret again.
 * Otherwise whoever may edit a provider could have its credentials sent to a host of their own. Throws Invalid.
 */
export function requireSecretsAgain(
  kind: ProviderKind,
  before: { settings: unknown; sealedSettings: unknown },
  patch: Readonly<Record<string, unknown>>,
): void {
  const known = isObject(before.settings) ? before.settings : {}
  const moved = Object.keys(patch).some(
    (field) => !kind.secrets.includes(field) && addressOf(patch[field]) !== addressOf(known[field]),
  )
  if (!moved) return
  const sealed = isObject(before.sealedSettings) ? Object.keys(before.sealedSettings) : []
  const unnamed = sealed.filter((field) => !(field in patch))
  if (unnamed.length === 0) return
  throw new Invalid(
    unnamed.map((field) => ({
      path: `settings.${field}`,
      code: "needed_again",
      message: "The address moves to another host, so this secret must be given again.",
    })),
  )
}

function under<T>(path: string, run: () => T): T {
  try {
    return run()
  } catch (error) {
    if (!(error instanceof Invalid)) throw error
    throw new Invalid(error.errors.map((e) => ({ ...e, path: e.path === "" ? path : `${path}.${e.path}` })))
  }
}
