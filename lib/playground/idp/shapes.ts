/** Shapes of the admin API, and of what stands behind it. */
import { z } from "zod"
import { isPrivateJwk } from "../../token/private-jwk.ts"

export const signingAlgs = [
  "RS256",
  "RS384",
  "RS512",
  "PS256",
  "PS384",
  "PS512",
  "ES256",
  "ES384",
  "ES512",
  "EdDSA",
] as const
export const authMethods = ["client_secret_basic", "client_secret_post", "private_key_jwt"] as const
export const tokenFormats = ["jwt", "opaque"] as const

/** RFC 6749 section 3.3: scope-token. */
export const scopeToken = z
  .string()
  .min(1)
  .max(200)
  .regex(/^[\x21\x23-\x5B\x5D-\x7E]+$/, "is not a scope token (RFC 6749 section 3.3)")

/** RFC 8707 section 2: an absolute URI without a fragment. */
export const audienceIdentifier = z
  .string()
  .max(512)
  .refine(
    (text) => URL.canParse(text) && !text.includes("#") && /^[\x21-\x7E]+$/.test(text),
    "must be an absolute URI without a fragment (RFC 8707 section 2)",
  )

/** RFC 6749 appendix A.1, without the space: it parts the two ends of a grant's key. A URL is a fine client_id. */
export const clientId = z
  .string()
  .min(1)
  .max(200)
  .regex(/^[\x21-\x7E]+$/, "must be visible ASCII without a space")

const publicJwk = z
  .looseObject({ kty: z.enum(["RSA", "EC", "OKP"]), kid: z.string().max(256).optional() })
  .refine((key) => !isPrivateJwk(key), "carries private key material")
const jwks = z.looseObject({ keys: z.array(publicJwk).min(1).max(10) })

const text = z
  .string()
  .max(500)
  .refine((value) => !value.includes("\u0000"), "must not hold NUL")
const marker = text.nullable()
const timestamp = z.iso.datetime({ offset: true })

const clientFields = {
  display_name: text,
  owner: text,
  auth_method: z.enum(authMethods),
  jwks: jwks.nullable(),
  enabled: z.boolean(),
  marker,
}
const needsKeys = (value: { auth_method?: string | undefined; jwks?: unknown }) =>
  value.auth_method !== "private_key_jwt" || Boolean(value.jwks)
export const clientCreate = z
  .strictObject({
    client_id: clientId,
    ...clientFields,
    display_name: text.default(""),
    owner: text.default(""),
    jwks: jwks.nullable().default(null),
    enabled: z.boolean().default(true),
    marker: marker.default(null),
  })
  .refine(needsKeys, { path: ["jwks"], message: "private_key_jwt needs at least one public key" })
export const clientPatch = z.strictObject(clientFields).partial()

const scopes = z
  .array(z.strictObject({ name: scopeToken, description: text.default("") }))
  .max(1_000)
  .refine((list) => new Set(list.map((scope) => scope.name)).size === list.length, "names a scope twice")
const audienceFields = {
  name: text,
  scopes,
  token_ttl_seconds: z.int().min(10).max(86_400),
  token_format: z.enum(tokenFormats),
  signing_alg: z.enum(signingAlgs),
  introspectors: z.array(clientId).max(100),
  marker,
}
export const audienceCreate = z.strictObject({
  identifier: audienceIdentifier,
  ...audienceFields,
  name: text.default(""),
  scopes: scopes.default([]),
  token_ttl_seconds: audienceFields.token_ttl_seconds.default(300),
  token_format: audienceFields.token_format.default("jwt"),
  signing_alg: audienceFields.signing_alg.default("RS256"),
  introspectors: audienceFields.introspectors.default([]),
  marker: marker.default(null),
})
export const audiencePatch = z.strictObject(audienceFields).partial()

const grantScopes = z
  .array(scopeToken)
  .max(1_000)
  .transform((list) => [...new Set(list)].sort())
export const grantCreate = z.strictObject({
  client_id: clientId,
  audience: audienceIdentifier,
  scopes: grantScopes,
  marker: marker.default(null),
})
export const grantPatch = z.strictObject({ scopes: grantScopes, marker }).partial()

/** A secret is visible ASCII (RFC 6749 appendix A.2). Without `value` the provider makes one and answers it once. */
export const secretCreate = z.strictObject({
  value: z
    .string()
    .min(16)
    .max(512)
    .regex(/^[\x21-\x7E]+$/, "must be visible ASCII")
    .optional(),
  fingerprint: text.min(1).max(200).optional(),
  expires_at: timestamp.nullable().default(null),
  marker: marker.default(null),
})

export const keyCreate = z.strictObject({ alg: z.enum(signingAlgs) })
export const keyRetire = z.strictObject({ force: z.boolean().default(false) })
export const initialAccessToken = z.strictObject({
  expires_in: z
    .int()
    .min(60)
    .max(30 * 86_400)
    .default(3_600),
})
/** A grant of this scope on an audience lets a client introspect the tokens for it: the audience's own service holds it. */
export const introspectScope = "tokens:introspect"
export const introspect = z.strictObject({ token: z.string().min(1).max(65_536) })

export interface Client {
  readonly id: string
  readonly client_id: string
  readonly display_name: string
  readonly owner: string
  readonly auth_method: string
  readonly jwks: unknown
  readonly enabled: boolean
  readonly marker: string | null
  readonly origin: "admin" | "registration"
  readonly revision: number
  readonly created_at: Date
  readonly updated_at: Date
}

export interface Scope {
  readonly name: string
  readonly description: string
}

export interface Audience {
  readonly id: string
  readonly identifier: string
  readonly name: string
  readonly scopes: readonly Scope[]
  readonly token_ttl_seconds: number
  readonly token_format: "jwt" | "opaque"
  readonly signing_alg: string
  readonly introspectors: readonly string[]
  readonly marker: string | null
  readonly revision: number
  readonly created_at: Date
  readonly updated_at: Date
}

export interface Grant {
  readonly id: string
  readonly client_id: string
  readonly audience: string
  readonly scopes: readonly string[]
  readonly marker: string | null
  readonly revision: number
  readonly created_at: Date
  readonly updated_at: Date
}

export interface SecretRow {
  readonly id: string
  readonly fingerprint: string
  readonly marker: string | null
  readonly created_at: Date
  readonly expires_at: Date | null
  readonly last_used_at: Date | null
  readonly retired_at: Date | null
}
