import { z } from "zod"
import type { Json } from "../../base/json.ts"
import { grantKey, type Fields, type ObjectKind, type RemoteObject } from "../objects.ts"

/** Settings of a provider of kind `local`. The bootstrap fills them from `local-idp.json`; `admin_token` is sealed. */
export const localSettings = z.object({
  issuer: z
    .url()
    .transform((text) => text.replace(/\/+$/, ""))
    .describe("The issuer of the local identity provider, as it names itself."),
  admin_token: z.string().min(1).describe("The token of its admin API; it stands in the data folder of its process."),
})

/** Our mark on what we made. The rest of the marker names the plan and the change. */
export const markPrefix = "grantry:"

const common = { id: z.string(), marker: z.string().nullish() }
const json = z.json().transform((value): Json => value)

const client = z.object({
  ...common,
  client_id: z.string(),
  display_name: z
    .string()
    .nullish()
    .transform((text) => text ?? ""),
  owner: z
    .string()
    .nullish()
    .transform((text) => text ?? ""),
  auth_method: z.string(),
  jwks: json.nullish().transform((value) => value ?? null),
  enabled: z.boolean(),
})
const audience = z.object({
  ...common,
  identifier: z.string(),
  name: z
    .string()
    .nullish()
    .transform((text) => text ?? ""),
  scopes: z.array(
    z.object({
      name: z.string(),
      description: z
        .string()
        .nullish()
        .transform((text) => text ?? ""),
    }),
  ),
  token_ttl_seconds: z.number(),
  token_format: z.string(),
  signing_alg: z.string(),
})
const grant = z.object({ ...common, client_id: z.string(), audience: z.string(), scopes: z.array(z.string()) })

const byName = (a: { name: string }, b: { name: string }): number => (a.name < b.name ? -1 : a.name > b.name ? 1 : 0)

const remote = (
  kind: ObjectKind,
  key: string,
  { id, marker }: { id: string; marker?: string | null | undefined },
  fields: Fields,
): RemoteObject => ({
  kind,
  key,
  remoteId: id,
  marked: marker?.startsWith(markPrefix) ?? false,
  marker: marker?.startsWith(markPrefix) ? marker.slice(markPrefix.length) : null,
  fields,
})

/** One object of each kind, from the admin API's words to ours. Sets are sorted, so that order is never drift. */
export const objectSchemas = {
  client: client.transform((row) =>
    remote("client", row.client_id, row, {
      display_name: row.display_name,
      owner: row.owner,
      auth_method: row.auth_method,
      jwks: row.jwks,
      enabled: row.enabled,
    }),
  ),
  audience: audience.transform((row) =>
    remote("audience", row.identifier, row, {
      name: row.name,
      scopes: row.scopes.toSorted(byName),
      token_ttl_seconds: row.token_ttl_seconds,
      token_format: row.token_format,
      signing_alg: row.signing_alg,
    }),
  ),
  grant: grant.transform((row) =>
    remote("grant", grantKey(row.client_id, row.audience), row, { scopes: row.scopes.toSorted() }),
  ),
} satisfies Record<ObjectKind, z.ZodType<RemoteObject>>

/** Kinds that we do not know are skipped: a newer provider may have more. */
export const statePage = z.object({
  items: z.array(z.looseObject({ kind: z.string() })),
  next: z.string().nullable(),
})

export const found = z.object({ items: z.array(z.unknown()) })

export const secret = z
  .object({
    id: z.string(),
    fingerprint: z.string().nullish(),
    created_at: z.string().nullish(),
    expires_at: z.string().nullish(),
    last_used_at: z.string().nullish(),
  })
  .transform((row) => ({
    remoteId: row.id,
    fingerprint: row.fingerprint ?? null,
    createdAt: row.created_at ?? null,
    expiresAt: row.expires_at ?? null,
    lastUsedAt: row.last_used_at ?? null,
  }))
export const secretList = z.object({ items: z.array(secret) })

export const info = z.object({
  issuer: z.string(),
  /** What our token may do here. */
  may: z.enum(["read", "write"]),
  time: z.iso.datetime({ offset: true }),
  outbox: z.object({ waiting: z.number(), oldest_at: z.iso.datetime({ offset: true }).nullable(), parked: z.number() }),
})

export const discovery = z.object({
  issuer: z.string(),
  token_endpoint: z.string(),
  jwks_uri: z.string(),
  introspection_endpoint: z.string().nullish(),
})
export const jwks = z.object({ keys: z.array(z.looseObject({ kid: z.string().nullish() })) })
