/** What requests of the API may hold (the constraints of its public model), and its errors. */
import { z } from "zod"

/** An exception, as it is thrown and as it is answered: status 400, whatever it is. */
export class Refused extends Error {
  readonly type: string
  constructor(type: string, message: string) {
    super(message)
    this.type = type
  }
}
export const refusal = (type: string, message: string): Refused => new Refused(type, message)

/** Reads an input by its schema; members that the API does not know are ignored. Throws Refused. */
export function inputOf<T>(input: unknown, schema: z.ZodType<T>): T {
  const parsed = schema.safeParse(input)
  if (parsed.success) return parsed.data
  const [issue] = parsed.error.issues
  throw refusal(
    "InvalidParameterException",
    `1 validation error detected: Value at '${issue?.path.join(".") ?? ""}' failed to satisfy constraint: ${issue?.message ?? ""}`,
  )
}

const name = z
  .string()
  .max(128)
  .regex(/^[\w\s+=,.@-]+$/)
const serverName = z
  .string()
  .max(256)
  .regex(/^[\w\s+=,.@-]+$/)
const scope = z
  .string()
  .max(256)
  .regex(/^[\x21\x23-\x5B\x5D-\x7E]+$/)
const identifier = z
  .string()
  .max(256)
  .regex(/^[\x21\x23-\x5B\x5D-\x7E]+$/)
const clientId = z
  .string()
  .max(128)
  .regex(/^[\w+]+$/)
const secretValue = z
  .string()
  .min(24)
  .max(64)
  .regex(/^[\w+]+$/)
const unit = z.enum(["seconds", "minutes", "hours", "days"])
const nextToken = z.string().min(1).optional()

/** Everything that an update sets, or resets where it is left out. */
const settings = {
  RefreshTokenValidity: z.int().min(0).optional(),
  AccessTokenValidity: z.int().min(1).max(86_400).optional(),
  IdTokenValidity: z.int().min(1).max(86_400).optional(),
  TokenValidityUnits: z
    .object({ AccessToken: unit.optional(), IdToken: unit.optional(), RefreshToken: unit.optional() })
    .optional(),
  ReadAttributes: z.array(z.string()).optional(),
  WriteAttributes: z.array(z.string()).optional(),
  ExplicitAuthFlows: z.array(z.string()).optional(),
  SupportedIdentityProviders: z.array(z.string()).optional(),
  CallbackURLs: z.array(z.string()).max(100).optional(),
  LogoutURLs: z.array(z.string()).max(100).optional(),
  DefaultRedirectURI: z.string().optional(),
  AllowedOAuthFlows: z
    .array(z.enum(["code", "implicit", "client_credentials"]))
    .max(3)
    .optional(),
  AllowedOAuthScopes: z.array(scope).max(50).optional(),
  AllowedOAuthFlowsUserPoolClient: z.boolean().optional(),
  PreventUserExistenceErrors: z.enum(["LEGACY", "ENABLED"]).optional(),
  EnableTokenRevocation: z.boolean().optional(),
  EnablePropagateAdditionalUserContextData: z.boolean().optional(),
  AuthSessionValidity: z.int().min(3).max(15).optional(),
  /** Newer than the SDK that the tests use: it stands for whatever AWS will add. */
  NewerSetting: z.looseObject({}).optional(),
}
export const clientSettings = z.object({ ClientName: name, ...settings })
export type ClientSettings = z.output<typeof clientSettings>

export const createClient = z.object({
  ClientName: name,
  GenerateSecret: z.boolean().optional(),
  ClientSecret: secretValue.optional(),
  ...settings,
})
export const updateClient = z.object({ ClientId: clientId, ClientName: name.optional(), ...settings })
export const oneClient = z.object({ ClientId: clientId })
export const listClients = z.object({ MaxResults: z.int().min(1).max(60), NextToken: nextToken })

export const addSecret = z.object({ ClientId: clientId, ClientSecret: secretValue.optional() })
export const deleteSecret = z.object({ ClientId: clientId, ClientSecretId: z.string().min(1).max(128) })

const serverScopes = z
  .array(
    z.object({
      ScopeName: z
        .string()
        .max(256)
        .regex(/^[\x21\x23-\x2E\x30-\x5B\x5D-\x7E]+$/),
      ScopeDescription: z.string().min(1).max(256),
    }),
  )
  .max(100)
  .default([])
export const writtenServer = z.object({ Identifier: identifier, Name: serverName, Scopes: serverScopes })
export const oneServer = z.object({ Identifier: identifier })
export const listServers = z.object({ MaxResults: z.int().min(1).max(50), NextToken: nextToken })

export const lookupEvents = z.object({
  LookupAttributes: z
    .array(z.object({ AttributeKey: z.enum(["EventName", "EventSource"]), AttributeValue: z.string() }))
    .max(1)
    .default([]),
  StartTime: z.number().optional(),
  EndTime: z.number().optional(),
  MaxResults: z.int().min(1).max(50).default(50),
  NextToken: nextToken,
})
