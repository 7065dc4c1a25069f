/** The shapes of request bodies, closed as Auth0's are, and its errors. */
import { z } from "zod"
import { jsonOf, type FakeAnswer, type FakeRequest } from "../base/server.ts"
import type { Tenant } from "./state.ts"

export class Refused extends Error {
  readonly answer: FakeAnswer
  constructor(answer: FakeAnswer) {
    super("refused")
    this.answer = answer
  }
}

const words: Readonly<Record<number, string>> = {
  400: "Bad Request",
  401: "Unauthorized",
  403: "Forbidden",
  404: "Not Found",
  409: "Conflict",
  429: "Too Many Requests",
}

export function refuse(tenant: Tenant, statusCode: number, message: string, errorCode?: string): FakeAnswer {
  if (tenant.modes.emptyErrors) return { status: statusCode }
  const error = words[statusCode] ?? "Error"
  return { status: statusCode, json: { statusCode, error, message, ...(errorCode === undefined ? {} : { errorCode }) } }
}

/** Reads a body by its schema. Throws Refused 400, with Auth0's words as far as they are known. */
export function bodyOf<T>(tenant: Tenant, request: FakeRequest, schema: z.ZodType<T>): T {
  const parsed = schema.safeParse(jsonOf(request))
  if (parsed.success) return parsed.data
  const issue = parsed.error.issues[0]
  const message = `Payload validation error: '${issue?.message ?? ""}' on property ${issue?.path.join(".") ?? ""}.`
  throw new Refused(refuse(tenant, 400, message, "invalid_body"))
}

const name = z.string().regex(/^[^<>]+$/)
const metadataKey = z.string().max(255)
const metadata = <T extends z.ZodType>(value: T) =>
  z.record(metadataKey, value).refine((all) => Object.keys(all).length <= 10, { error: "Too many properties" })
const metadataText = z.string().max(255)
const authMethod = z.enum(["none", "client_secret_post", "client_secret_basic"])
const algs = z.enum(["HS256", "RS256", "RS512", "PS256"])
const grantTypes = z.array(z.string().min(1))

export const credentialBody = z.strictObject({
  credential_type: z.literal("public_key"),
  name: z.string().max(128).optional(),
  pem: z.string(),
  alg: z.enum(["RS256", "RS384", "PS256"]).default("RS256"),
  kid: z
    .string()
    .regex(/^[0-9a-zA-Z-_]{10,64}$/)
    .optional(),
  expires_at: z.iso.datetime().optional(),
})

const clientCommon = {
  description: z.string().max(140).optional(),
  app_type: z.enum(["native", "spa", "regular_web", "non_interactive"]).optional(),
  is_first_party: z.boolean().optional(),
  oidc_conformant: z.boolean().optional(),
  grant_types: grantTypes.optional(),
  jwt_configuration: z.strictObject({ alg: algs.optional(), lifetime_in_seconds: z.int().optional() }).optional(),
}

/** `client_secret` is no property of it: a secret is refused on create. */
export const newClientBody = z
  .strictObject({
    ...clientCommon,
    name,
    token_endpoint_auth_method: authMethod.optional(),
    client_authentication_methods: z
      .strictObject({ private_key_jwt: z.strictObject({ credentials: z.array(credentialBody).max(2) }) })
      .optional(),
    client_metadata: metadata(metadataText).optional(),
  })
  .refine((body) => !(body.token_endpoint_auth_method && body.client_authentication_methods), {
    error: "token_endpoint_auth_method and client_authentication_methods are mutually exclusive",
  })

export const clientPatchBody = z
  .strictObject({
    ...clientCommon,
    name: name.optional(),
    client_secret: z.string().min(1).optional(),
    token_endpoint_auth_method: authMethod.nullable().optional(),
    client_authentication_methods: z
      .strictObject({
        private_key_jwt: z.strictObject({ credentials: z.array(z.strictObject({ id: z.string() })).max(2) }),
      })
      .nullable()
      .optional(),
    client_metadata: metadata(metadataText.nullable()).optional(),
  })
  .refine((body) => Object.keys(body).length > 0, { error: "Too few properties" })

const apiCommon = {
  name: name.max(200).optional(),
  scopes: z
    .array(z.strictObject({ value: z.string().min(1).max(280), description: z.string().max(500).optional() }))
    .max(1000)
    .optional(),
  signing_alg: algs.optional(),
  token_lifetime: z.int().min(0).max(2_592_000).optional(),
  token_dialect: z.enum(["access_token", "access_token_authz", "rfc9068_profile", "rfc9068_profile_authz"]).optional(),
  subject_type_authorization: z
    .strictObject({
      client: z.strictObject({ policy: z.enum(["deny_all", "require_client_grant"]) }).optional(),
      user: z.strictObject({ policy: z.enum(["allow_all", "deny_all", "require_client_grant"]) }).optional(),
    })
    .optional(),
}

export const newApiBody = z.strictObject({ ...apiCommon, identifier: z.string().min(1).max(600) })
/** Without `identifier`: it never changes. */
export const apiPatchBody = z.strictObject(apiCommon)

const grantScope = z.array(z.string().min(1).max(280))
export const newGrantBody = z.strictObject({
  client_id: z.string(),
  audience: z.string().min(1),
  scope: grantScope.optional(),
  subject_type: z.enum(["client", "user"]).default("client"),
  allow_all_scopes: z.boolean().optional(),
})
/** Without client and audience: they never change. */
export const grantPatchBody = z
  .strictObject({ scope: grantScope.nullable().optional(), allow_all_scopes: z.boolean().nullable().optional() })
  .refine((body) => Object.keys(body).length > 0, { error: "Too few properties" })
