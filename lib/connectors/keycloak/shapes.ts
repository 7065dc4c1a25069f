/** What Keycloak's admin REST API (26.7) answers, as far as we look. Any field may be null or missing. */
import { z } from "zod"

const text = z
  .string()
  .nullish()
  .transform((value) => value ?? "")
const flag = z
  .boolean()
  .nullish()
  .transform((value) => value ?? false)
const names = z
  .array(z.string())
  .nullish()
  .transform((value) => value ?? [])
/** Attribute and mapper values are strings; a null one is none. */
const map = z
  .record(z.string(), z.string().nullish())
  .nullish()
  .transform((value): Record<string, string> =>
    Object.fromEntries(
      Object.entries(value ?? {}).flatMap(([key, one]) => (one === null || one === undefined ? [] : [[key, one]])),
    ),
  )

export const client = z.object({
  id: z.string(),
  clientId: z.string(),
  name: text,
  enabled: flag,
  publicClient: flag,
  bearerOnly: flag,
  serviceAccountsEnabled: flag,
  clientAuthenticatorType: text,
  secret: z.string().nullish(),
  attributes: map,
  defaultClientScopes: names,
  optionalClientScopes: names,
  access: z.looseObject({ manage: flag }).nullish(),
})
export type Client = z.output<typeof client>
export const clients = z.array(client)

const mapper = z.object({ id: z.string(), name: text, protocolMapper: text, config: map })
export const scope = z.object({
  id: z.string(),
  name: z.string(),
  description: text,
  attributes: map,
  protocolMappers: z
    .array(mapper)
    .nullish()
    .transform((value) => value ?? []),
})
export type Scope = z.output<typeof scope>
export const scopes = z.array(scope)

export const accessToken = z.object({
  access_token: z.string().min(1),
  expires_in: z
    .number()
    .nullish()
    .transform((value) => value ?? 60),
})

const configuration = z.record(z.string(), z.unknown()).nullish()
export const profiles = z.looseObject({
  profiles: z
    .array(
      z.looseObject({
        name: z.string(),
        executors: z.array(z.looseObject({ executor: z.string(), configuration })).nullish(),
      }),
    )
    .nullish(),
})
export const policies = z.looseObject({
  policies: z
    .array(
      z.looseObject({
        name: z.string(),
        enabled: z.boolean().nullish(),
        profiles: z.array(z.string()).nullish(),
        conditions: z.array(z.looseObject({ condition: z.string(), configuration })).nullish(),
      }),
    )
    .nullish(),
})
export type Profiles = z.output<typeof profiles>
export type Policies = z.output<typeof policies>

export const eventsConfig = z.looseObject({
  eventsEnabled: z.boolean().nullish(),
  enabledEventTypes: z.array(z.string()).nullish(),
  adminEventsEnabled: z.boolean().nullish(),
})

export const event = z.looseObject({ id: z.string(), time: z.number() })
export const events = z.array(event)

export const adminEvents = z.array(
  z.object({
    time: z.number(),
    realmId: text,
    authDetails: z.object({ realmId: text, clientId: text, userId: text }).nullish(),
    resourceType: text,
    resourcePath: text,
  }),
)

export const user = z.object({ id: z.string(), username: text })

/** Both are missing for a caller without view-realm. */
export const realmDefaults = z.looseObject({
  accessTokenLifespan: z.number().int().nullish(),
  defaultSignatureAlgorithm: z.string().nullish(),
})

export const serverInfo = z.looseObject({
  systemInfo: z.looseObject({ version: z.string().nullish() }).nullish(),
  features: z.array(z.looseObject({ name: z.string(), enabled: z.boolean().nullish() })).nullish(),
})
