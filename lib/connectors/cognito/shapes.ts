/** Cognito's answers, read with patience: whatever is not an id may be null or missing (providers.md 0.4). */
import { z } from "zod"

/** Null and absent are one thing: not told, which for Cognito is its default. */
const told = <T extends z.ZodType>(schema: T) => schema.nullish().transform((value) => value ?? null)
const texts = z
  .array(z.string())
  .nullish()
  .transform((list) => list ?? [])

/**
 * `DescribeUserPoolClient`. Everything is kept, known to us or not, since an update resets what it leaves out; the secret,
 * which AWS shows in clear to whoever may describe, is dropped before anything sees it.
 */
export const remoteClient = z
  .looseObject({
    ClientId: z.string().min(1),
    ClientName: told(z.string()),
    AllowedOAuthFlows: texts,
    AllowedOAuthScopes: texts,
    AllowedOAuthFlowsUserPoolClient: told(z.boolean()),
    AccessTokenValidity: told(z.number()),
    TokenValidityUnits: told(z.looseObject({ AccessToken: z.string().nullish() })),
    CreationDate: told(z.number()),
    ClientType: told(z.string()),
  })
  .transform(({ ClientSecret: _secret, ...rest }) => rest)
export type RemoteClient = z.output<typeof remoteClient>

export const clientAnswer = z.object({ UserPoolClient: remoteClient })

/** One line of `ListUserPoolClients`: no more than this. */
export const listedClient = z.object({ ClientId: z.string().min(1), ClientName: told(z.string()) })
export type ListedClient = z.output<typeof listedClient>

export const remoteServer = z.looseObject({
  Identifier: z.string().min(1),
  Name: told(z.string()),
  Scopes: z
    .array(z.object({ ScopeName: z.string(), ScopeDescription: told(z.string()) }))
    .nullish()
    .transform((list) => list ?? []),
  ManagedBy: told(z.string()),
})
export type RemoteServer = z.output<typeof remoteServer>

export const serverAnswer = z.object({ ResourceServer: remoteServer })

/** `ListUserPoolClientSecrets`: ids and dates. A value, which only an answer to the making of one may hold, is not read. */
export const remoteSecret = z.object({
  ClientSecretId: z.string().min(1),
  ClientSecretCreateDate: told(z.number()),
})
export type CognitoSecret = z.output<typeof remoteSecret>

export const secretAnswer = z.object({ ClientSecretDescriptor: remoteSecret })

/** `DescribeUserPool`. */
export const poolAnswer = z.object({
  UserPool: z.looseObject({ Id: told(z.string()), Domain: told(z.string()), CustomDomain: told(z.string()) }),
})
