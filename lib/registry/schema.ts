/** What the registry takes in (zod) and gives out (wire shapes, snake_case). contract.md section 3. */
import { z } from "zod"
import { publicJwks, type PublicJwks } from "./jwks.ts"
import {
  authMethods,
  clientName,
  identifierProblem,
  scopeToken,
  signingAlgs,
  tokenFormats,
  tokenTtlSeconds,
} from "./rules.ts"
import { distinct, line, prose, words } from "./text.ts"

const id = z.uuid("must be an id").toLowerCase()
export const idParams = z.object({ id })

const providerIds = distinct(z.uuid("must be the id of a provider").toLowerCase(), 50)
const tags = distinct(words(60), 30)
/** RFC 3339 with an offset. */
export const moment = z.iso.datetime({
  offset: true,
  error: "must be a time as RFC 3339 has it, such as 2027-01-31T12:00:00Z",
})

// ---------------------------------------------------------------- clients

export const clientNameField = z
  .string()
  .regex(clientName, "must be 1 to 128 letters, digits and . _ - and begin with a letter or digit")

const clientFields = {
  display_name: words(200),
  owner: words(200),
  description: prose(2000),
  auth_method: z.enum(authMethods),
  jwks: publicJwks.nullable(),
  provider_ids: providerIds,
  tags,
  enabled: z.boolean(),
}
/** Keys belong to private_key_jwt, and to nothing else. Null, or the sentence. */
export function keysProblem(client: { readonly auth_method: string; readonly jwks?: unknown }): string | null {
  const has = client.jwks !== null && client.jwks !== undefined
  if (client.auth_method === "private_key_jwt")
    return has ? null : "is needed for private_key_jwt: the client's public keys"
  return has ? `has no meaning with ${client.auth_method}: only private_key_jwt uses keys` : null
}
export const clientInput = z
  .strictObject({
    ...clientFields,
    name: clientNameField,
    display_name: clientFields.display_name.optional(),
    description: clientFields.description.default(""),
    auth_method: clientFields.auth_method.default("client_secret_basic"),
    jwks: clientFields.jwks.default(null),
    provider_ids: providerIds.default([]),
    tags: tags.default([]),
    enabled: z.boolean().default(true),
  })
  .superRefine((client, context) => {
    const problem = keysProblem(client)
    if (problem)
      context.addIssue({
        code: "custom",
        params: { code: client.jwks === null ? "required" : "not_allowed" },
        path: ["jwks"],
        message: problem,
      })
  })
/** A missing field stays as it is. `name` may be repeated, not changed. */
export const clientPatch = z.strictObject({ name: z.string(), ...clientFields }).partial()
export type ClientInput = z.infer<typeof clientInput>
export type ClientPatch = z.infer<typeof clientPatch>
export type AuthMethod = (typeof authMethods)[number]

export interface ClientView {
  readonly id: string
  readonly name: string
  readonly display_name: string
  readonly owner: string
  readonly description: string
  readonly auth_method: AuthMethod
  readonly jwks: PublicJwks | null
  readonly provider_ids: readonly string[]
  readonly tags: readonly string[]
  readonly enabled: boolean
  readonly created_at: string
  readonly updated_at: string
  readonly version: number
}

// ---------------------------------------------------------------- audiences

export const identifierField = z.string().min(1).max(500)
const scopeInput = z.strictObject({
  name: z
    .string()
    .min(1)
    .max(200)
    .regex(scopeToken, 'must be a scope token: visible ASCII without space, " and \\ (RFC 6749 section 3.3)'),
  description: line(500).default(""),
})
const scopes = z
  .array(scopeInput)
  .max(500)
  .superRefine((list, context) => {
    const seen = new Set<string>()
    list.forEach(({ name }, i) => {
      if (seen.has(name))
        context.addIssue({
          code: "custom",
          params: { code: "duplicate" },
          path: [i, "name"],
          message: `${name} is named twice`,
        })
      seen.add(name)
    })
  })
const audienceFields = {
  name: words(200),
  token_ttl_seconds: z.int().min(tokenTtlSeconds.min).max(tokenTtlSeconds.max),
  token_format: z.enum(tokenFormats),
  signing_alg: z.enum(signingAlgs),
  scopes,
  provider_ids: providerIds,
  tags,
}
export const audienceInput = z
  .strictObject({
    ...audienceFields,
    identifier: identifierField,
    legacy: z.boolean().default(false),
    token_ttl_seconds: audienceFields.token_ttl_seconds.default(900),
    token_format: audienceFields.token_format.default("jwt"),
    signing_alg: audienceFields.signing_alg.default("RS256"),
    scopes: scopes.default([]),
    provider_ids: providerIds.default([]),
    tags: tags.default([]),
  })
  .superRefine((audience, context) => {
    const problem = identifierProblem(audience.identifier, audience.legacy)
    if (problem)
      context.addIssue({ code: "custom", params: { code: "bad_identifier" }, path: ["identifier"], message: problem })
  })
export const audiencePatch = z
  .strictObject({ identifier: z.string(), legacy: z.boolean(), ...audienceFields })
  .partial()
export type AudienceInput = z.infer<typeof audienceInput>
export type AudiencePatch = z.infer<typeof audiencePatch>

export interface ScopeView {
  readonly name: string
  readonly description: string
}

export interface AudienceView {
  readonly id: string
  readonly identifier: string
  readonly name: string
  readonly legacy: boolean
  readonly token_ttl_seconds: number
  readonly token_format: string
  readonly signing_alg: string
  /** Sorted by name. */
  readonly scopes: readonly ScopeView[]
  readonly provider_ids: readonly string[]
  readonly tags: readonly string[]
  readonly created_at: string
  readonly updated_at: string
  readonly version: number
}

// ---------------------------------------------------------------- grants

const scopeNames = z
  .array(z.string().min(1).max(200))
  .min(1, "needs at least one scope")
  .max(500)
  .transform((list) => [...new Set(list)].sort())
const expiresAt = moment.nullable()
export const grantInput = z.strictObject({
  client: words(200),
  audience: words(500),
  scopes: scopeNames,
  reason: words(1000),
  expires_at: expiresAt.default(null),
})
export const grantPatch = z
  .strictObject({
    client: z.string(),
    audience: z.string(),
    scopes: scopeNames,
    reason: words(1000),
    expires_at: expiresAt,
  })
  .partial()
export type GrantInput = z.infer<typeof grantInput>
export type GrantPatch = z.infer<typeof grantPatch>

export interface GrantView {
  readonly id: string
  readonly client_id: string
  /** The client's name. */
  readonly client: string
  readonly audience_id: string
  /** The audience's identifier. */
  readonly audience: string
  readonly audience_name: string
  /** Sorted names. */
  readonly scopes: readonly string[]
  readonly reason: string
  readonly expires_at: string | null
  /** `expired` is out of the desired state. */
  readonly state: "active" | "expired"
  readonly created_by: string
  readonly created_at: string
  readonly updated_at: string
  readonly version: number
}
