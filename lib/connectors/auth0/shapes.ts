/** Auth0's answers, read with patience: whatever is not an id may be null or missing (providers.md 0.4). */
import { z } from "zod"

/** Null and absent are one thing: not told. */
const told = <T extends z.ZodType>(schema: T) => schema.nullish().transform((value) => value ?? null)
const text = told(z.string())
const texts = told(z.array(z.string()))
const flag = told(z.boolean())

/** `GET /clients`, with the fields of `clientFields`. Whatever secret is in an answer is not read. */
export const remoteClient = z.object({
  client_id: z.string().min(1),
  name: text,
  app_type: text,
  global: flag,
  grant_types: texts,
  token_endpoint_auth_method: text,
  client_authentication_methods: told(
    z.looseObject({
      private_key_jwt: told(z.looseObject({ credentials: told(z.array(z.object({ id: z.string() }))) })),
    }),
  ),
  client_metadata: told(z.record(z.string(), z.unknown())),
})
export type RemoteClient = z.output<typeof remoteClient>

export const clientFields = [
  "client_id",
  "name",
  "app_type",
  "global",
  "grant_types",
  "token_endpoint_auth_method",
  "client_authentication_methods",
  "client_metadata",
].join(",")

/** `GET /clients/{id}/credentials`. The key itself is never told again. */
export const remoteCredential = z.object({
  id: z.string().min(1),
  name: text,
  kid: text,
  alg: text,
  credential_type: text,
})
export type RemoteCredential = z.output<typeof remoteCredential>

/** `GET /resource-servers`. */
export const remoteApi = z.object({
  id: z.string().min(1),
  identifier: z.string().min(1),
  name: text,
  is_system: flag,
  scopes: told(z.array(z.object({ value: z.string(), description: text }))),
  token_lifetime: told(z.number()),
  signing_alg: text,
})
export type RemoteApi = z.output<typeof remoteApi>

/** `GET /client-grants`. */
export const remoteGrant = z.object({
  id: z.string().min(1),
  client_id: z.string().min(1),
  audience: z.string().min(1),
  scope: texts,
  subject_type: text,
  allow_all_scopes: flag,
  is_system: flag,
})
export type RemoteGrant = z.output<typeof remoteGrant>
