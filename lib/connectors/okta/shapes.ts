/** Okta's answers, read with patience: real ones hold null where the contract says text (providers.md 0.4, 3.2). */
import { z } from "zod"

const text = z.string().nullish()
const texts = z.array(z.string()).nullish()
const id = z.string().min(1)

/** What Grantry keeps in an app's free `profile`. */
export const oktaProfile = z
  .looseObject({
    managed: z.boolean().nullish(),
    client: text,
    marker: text,
    owner: text,
    /** RFC 3339: a secret that Okta made at this time was never shown to anybody. */
    unseen: text,
  })
  .catch({})
export type GrantryProfile = z.output<typeof oktaProfile>

const oauthClient = z
  .looseObject({ client_id: text, token_endpoint_auth_method: text })
  // Shown on create and update. Nobody here needs it, so nobody here has it.
  .transform(({ client_secret: _secret, ...rest }) => rest)
  .nullish()

/** `GET /api/v1/apps/{id}`; loose, because a PUT must carry back what it does not change. */
export const remoteApp = z.looseObject({
  id,
  name: text,
  label: text,
  status: text,
  created: text,
  profile: z.record(z.string(), z.unknown()).nullish(),
  credentials: z.looseObject({ oauthClient }).nullish(),
  settings: z
    .looseObject({
      oauthClient: z
        .looseObject({
          grant_types: texts,
          application_type: text,
          jwks: z.looseObject({ keys: z.array(z.record(z.string(), z.unknown())).nullish() }).nullish(),
        })
        .nullish(),
    })
    .nullish(),
})
export type RemoteApp = z.output<typeof remoteApp>

/** `GET …/credentials/secrets`. The value may be clear there. */
export const remoteSecret = z.object({ id, status: text, created: text, client_secret: text, secret_hash: text })
export type OktaSecret = z.output<typeof remoteSecret>

/** `GET /api/v1/authorizationServers`. */
export const remoteServer = z.looseObject({
  id,
  name: text,
  description: text,
  audiences: texts,
  issuer: text,
  status: text,
})
export type RemoteServer = z.output<typeof remoteServer>

/** `GET …/scopes`. */
export const remoteScope = z.looseObject({ id, name: id, description: text, system: z.boolean().nullish() })
export type RemoteScope = z.output<typeof remoteScope>

/** `GET …/policies`. */
export const remotePolicy = z.looseObject({
  id,
  name: text,
  description: text,
  status: text,
  priority: z.number().nullish(),
  system: z.boolean().nullish(),
  conditions: z.looseObject({ clients: z.looseObject({ include: texts }).nullish() }).nullish(),
})
export type RemotePolicy = z.output<typeof remotePolicy>

/** `GET …/policies/{id}/rules`. */
export const remoteRule = z.looseObject({
  id,
  name: text,
  status: text,
  priority: z.number().nullish(),
  conditions: z
    .looseObject({
      grantTypes: z.looseObject({ include: texts }).nullish(),
      scopes: z.looseObject({ include: texts }).nullish(),
    })
    .nullish(),
  actions: z
    .looseObject({ token: z.looseObject({ accessTokenLifetimeMinutes: z.number().nullish() }).nullish() })
    .nullish(),
})
export type RemoteRule = z.output<typeof remoteRule>

/** One event of the System Log. Only what the reading itself needs; lib/normalize reads the rest. */
export const logEvent = z.looseObject({ uuid: id, published: text, eventType: text })
export type LogEvent = z.output<typeof logEvent>
