/** What an app client says of itself in our words, and the body of an update that changes only what is meant. Pure. */
import { ourName, clientName, plainScope } from "./names.ts"
import type { RemoteClient } from "./shapes.ts"

export const flow = "client_credentials"

/** The default of access tokens, and of the unit in which their life is counted. */
const defaultTtlSeconds = 3_600
const unitSeconds: Readonly<Record<string, number>> = { seconds: 1, minutes: 60, hours: 3_600, days: 86_400 }

export function ttlSeconds({ AccessTokenValidity: validity, TokenValidityUnits: units }: RemoteClient): number | null {
  if (validity === null || validity === 0) return defaultTtlSeconds
  const unit = unitSeconds[units?.AccessToken ?? "hours"]
  return unit === undefined ? null : validity * unit
}

/** Sign-in clients of people are not ours to show. */
export const isServiceClient = (client: RemoteClient): boolean =>
  client.AllowedOAuthFlows.includes(flow) || ourName(client.ClientName) !== null

/**
 * Cognito switches a client off by `AllowedOAuthFlowsUserPoolClient`, and refuses to switch on one without a scope: then
 * the name says what is wanted of ours. Null: there is nothing to be on or off.
 */
export function isEnabled(client: RemoteClient): boolean | null {
  const on = client.AllowedOAuthFlowsUserPoolClient === true && client.AllowedOAuthFlows.includes(flow)
  if (on || client.AllowedOAuthScopes.length > 0) return on
  return ourName(client.ClientName)?.enabled ?? null
}

/** Scopes of one resource server, without its prefix. */
export const scopesOn = (client: RemoteClient, audience: string): readonly string[] =>
  client.AllowedOAuthScopes.flatMap((wire) => {
    const named = plainScope(wire)
    return named?.audience === audience ? [named.scope] : []
  })

export interface ClientChange {
  readonly enabled?: boolean
  readonly ttlSeconds?: number
  /** All of them, by their wire names. */
  readonly scopes?: readonly string[]
}

/** The pool sets these; the rest of a description may be sent back. */
const serverManaged = new Set([
  "ClientId",
  "UserPoolId",
  "ClientSecret",
  "CreationDate",
  "LastModifiedDate",
  "ClientType",
])

/**
 * The whole body of `UpdateUserPoolClient`: what it leaves out is reset to its default, so everything that was described
 * goes back as it came, settings that are newer than this code too.
 */
export function updateBody(now: RemoteClient, change: ClientChange): Record<string, unknown> {
  const scopes = change.scopes ?? now.AllowedOAuthScopes
  const enabled = change.enabled ?? isEnabled(now) ?? false
  const ours = ourName(now.ClientName)
  const kept = Object.entries(now).filter(([name, value]) => !serverManaged.has(name) && value !== null)
  return {
    ...Object.fromEntries(kept),
    ClientId: now.ClientId,
    ...(ours === null ? {} : { ClientName: clientName({ ...ours, enabled }) }),
    AllowedOAuthFlows: [flow],
    AllowedOAuthScopes: [...scopes],
    AllowedOAuthFlowsUserPoolClient: enabled && scopes.length > 0,
    ...(change.ttlSeconds === undefined
      ? {}
      : {
          AccessTokenValidity: change.ttlSeconds,
          TokenValidityUnits: { ...now.TokenValidityUnits, AccessToken: "seconds" },
        }),
  }
}
