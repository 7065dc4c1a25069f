/**
 * The whole registry as one document (config as code), pure: how it looks, how it is read, and what changes between two of
 * them. Things are named by what people write: clients by name, audiences by identifier, providers by name.
 */
import { z } from "zod"
import { Invalid, type FieldError } from "../../base/errors.ts"
import { canonicalJson } from "../../base/json.ts"
import { parseInput } from "../../base/parse.ts"
import { audienceInput, clientInput, grantInput, type AuthMethod } from "../schema.ts"
import type { PublicJwks } from "../jwks.ts"

export interface DocumentClient {
  readonly name: string
  readonly display_name: string
  readonly owner: string
  readonly description: string
  readonly auth_method: AuthMethod
  readonly jwks: PublicJwks | null
  readonly enabled: boolean
  readonly tags: readonly string[]
  readonly providers: readonly string[]
}
export interface DocumentAudience {
  readonly identifier: string
  readonly name: string
  readonly legacy: boolean
  readonly token_ttl_seconds: number
  readonly token_format: string
  readonly signing_alg: string
  readonly scopes: readonly { readonly name: string; readonly description: string }[]
  readonly tags: readonly string[]
  readonly providers: readonly string[]
}
export interface DocumentGrant {
  readonly client: string
  readonly audience: string
  readonly scopes: readonly string[]
  readonly reason: string
  readonly expires_at: string | null
}
export interface RegistryDocument {
  readonly version: 1
  readonly audiences: readonly DocumentAudience[]
  readonly clients: readonly DocumentClient[]
  readonly grants: readonly DocumentGrant[]
}

const item = z.record(z.string(), z.unknown())
const items = z.array(item).max(100_000).default([])
const outline = z.strictObject({ version: z.literal(1).default(1), audiences: items, clients: items, grants: items })
const providerNames = z.array(z.string().min(1).max(200)).max(50).default([])

/** Stands in while a part is parsed by the same schema as a single POST; names are resolved apart. */
const noIds = { provider_ids: [] }

/**
 * Reads a document. Each part obeys the very rules of its POST; then the whole is checked: nothing twice, and grants name
 * only what the document holds. Throws Invalid that names every unusable field by its path. Sorted and without defaults left open.
 */
export function readDocument(raw: unknown, knownProviders: ReadonlySet<string>): RegistryDocument {
  const parts = parseInput(outline, raw)
  const errors: FieldError[] = []
  const each = <T>(
    kind: "audiences" | "clients" | "grants",
    read: (value: Record<string, unknown>, path: string) => T,
  ): T[] =>
    parts[kind].flatMap((value, i) => {
      try {
        return [read(value, `${kind}.${i}`)]
      } catch (error) {
        if (!(error instanceof Invalid)) throw error
        errors.push(
          ...error.errors.map((e) => ({ ...e, path: e.path === "" ? `${kind}.${i}` : `${kind}.${i}.${e.path}` })),
        )
        return []
      }
    })
  const providersOf = (value: unknown, path: string): string[] => {
    const names = [
      ...new Set(parseInput(z.object({ providers: providerNames }), { providers: value }).providers),
    ].sort()
    names.forEach((name) => {
      if (!knownProviders.has(name))
        errors.push({
          path: `${path}.providers`,
          code: "unknown_provider",
          message: `There is no provider ${JSON.stringify(name)}.`,
        })
    })
    return names
  }
  const audiences = each("audiences", ({ providers, ...rest }, path): DocumentAudience => {
    const { provider_ids: _ids, ...audience } = parseInput(audienceInput, { ...rest, ...noIds })
    return {
      ...audience,
      scopes: [...audience.scopes].sort((a, b) => compare(a.name, b.name)),
      providers: providersOf(providers, path),
    }
  })
  const clients = each("clients", ({ providers, ...rest }, path): DocumentClient => {
    const { provider_ids: _ids, display_name, ...client } = parseInput(clientInput, { ...rest, ...noIds })
    return { ...client, display_name: display_name ?? client.name, providers: providersOf(providers, path) }
  })
  const grants = each("grants", (value): DocumentGrant => {
    const grant = parseInput(grantInput, value)
    return { ...grant, expires_at: grant.expires_at === null ? null : new Date(grant.expires_at).toISOString() }
  })
  if (errors.length === 0) errors.push(...wholeErrors({ audiences, clients, grants }))
  if (errors.length > 0) throw new Invalid(errors.slice(0, 200))
  return sorted({ version: 1, audiences, clients, grants })
}

const compare = (a: string, b: string): number => (a < b ? -1 : a > b ? 1 : 0)
export const grantName = (grant: { readonly client: string; readonly audience: string }): string =>
  `${grant.client} ${grant.audience}`

export const sorted = (document: RegistryDocument): RegistryDocument => ({
  version: 1,
  audiences: [...document.audiences].sort((a, b) => compare(a.identifier, b.identifier)),
  clients: [...document.clients].sort((a, b) => compare(a.name, b.name)),
  grants: [...document.grants].sort((a, b) => compare(grantName(a), grantName(b))),
})

function wholeErrors({ audiences, clients, grants }: Omit<RegistryDocument, "version">): FieldError[] {
  const errors: FieldError[] = []
  const twice = (kind: string, keys: readonly string[]) => {
    const seen = new Set<string>()
    keys.forEach((key, i) => {
      if (seen.has(key))
        errors.push({ path: `${kind}.${i}`, code: "duplicate", message: `${key} stands in the document twice` })
      seen.add(key)
    })
  }
  twice(
    "audiences",
    audiences.map((a) => a.identifier),
  )
  twice(
    "clients",
    clients.map((c) => c.name),
  )
  twice("grants", grants.map(grantName))
  const scopes = new Map(audiences.map((a) => [a.identifier, new Set(a.scopes.map((s) => s.name))]))
  const names = new Set(clients.map((c) => c.name))
  grants.forEach((grant, i) => {
    if (!names.has(grant.client))
      errors.push({
        path: `grants.${i}.client`,
        code: "unknown_client",
        message: `The document holds no client ${grant.client}.`,
      })
    const known = scopes.get(grant.audience)
    if (!known)
      errors.push({
        path: `grants.${i}.audience`,
        code: "unknown_audience",
        message: `The document holds no audience ${grant.audience}.`,
      })
    grant.scopes.forEach((scope, s) => {
      if (known && !known.has(scope))
        errors.push({
          path: `grants.${i}.scopes.${s}`,
          code: "unknown_scope",
          message: `${grant.audience} has no scope ${JSON.stringify(scope)}.`,
        })
    })
  })
  return errors
}

export interface DocumentChange {
  readonly verb: "create" | "update" | "delete"
  readonly kind: "audience" | "client" | "grant"
  readonly key: string
  readonly fields: readonly { readonly field: string; readonly from: unknown; readonly to: unknown }[]
}

/** What leads from one document to another. Empty for equal ones, so that sending one twice changes nothing the second time. */
export function changesBetween(from: RegistryDocument, to: RegistryDocument): DocumentChange[] {
  return [
    ...changesOf("audience", from.audiences, to.audiences, (a) => a.identifier),
    ...changesOf("client", from.clients, to.clients, (c) => c.name),
    ...changesOf("grant", from.grants, to.grants, grantName),
  ]
}

function changesOf<T extends object>(
  kind: DocumentChange["kind"],
  from: readonly T[],
  to: readonly T[],
  keyOf: (item: T) => string,
): DocumentChange[] {
  const had = new Map(from.map((x) => [keyOf(x), x]))
  const wanted = new Set(to.map(keyOf))
  const made = to.flatMap((x): DocumentChange[] => {
    const before = had.get(keyOf(x))
    const fields = fieldsBetween(before ?? null, x)
    return fields.length === 0 ? [] : [{ verb: before ? "update" : "create", kind, key: keyOf(x), fields }]
  })
  const gone = from
    .filter((x) => !wanted.has(keyOf(x)))
    .map((x): DocumentChange => ({ verb: "delete", kind, key: keyOf(x), fields: fieldsBetween(x, null) }))
  return [...made, ...gone]
}

function fieldsBetween(from: object | null, to: object | null): DocumentChange["fields"] {
  const a = new Map<string, unknown>(Object.entries(from ?? {}))
  const b = new Map<string, unknown>(Object.entries(to ?? {}))
  return [...new Set([...a.keys(), ...b.keys()])].flatMap((field) => {
    const [x, y] = [a.get(field) ?? null, b.get(field) ?? null]
    return canonicalJson(x) === canonicalJson(y) ? [] : [{ field, from: x, to: y }]
  })
}

/** A grant may keep an end that has passed; it may not get one. */
export function pastEnds(from: RegistryDocument, to: RegistryDocument, now: Date): FieldError[] {
  const had = new Map(from.grants.map((g) => [grantName(g), g.expires_at]))
  return to.grants.flatMap((grant, i) =>
    grant.expires_at !== null && new Date(grant.expires_at) <= now && had.get(grantName(grant)) !== grant.expires_at
      ? [
          {
            path: `grants.${i}.expires_at`,
            code: "in_the_past",
            message: `must be in the future: ${grantName(grant)} would grant nothing`,
          },
        ]
      : [],
  )
}
