import "server-only"
import { z } from "zod"
import type { Actor } from "../auth/actor.ts"
import { authorize } from "../auth/permissions.ts"
import { conflict, notFound } from "../base/errors.ts"
import { severalOf } from "../base/parse.ts"
import type { Connector, TokenRequest } from "../connectors/port.ts"
import { db } from "../db/client.ts"
import { openConnector } from "../providers/open.ts"
import { issuerOfAudience } from "./issuers.ts"

/** Query of `GET /clients/{id}/token-request`. Without an audience: how to authenticate, and nothing to ask for. */
export const askQuery = z.strictObject({
  provider_id: z.uuid(),
  audience: z.string().min(1).max(2048).optional(),
  scope: severalOf(z.string().min(1).max(256), 100).default([]),
})

/** How a client asks one provider for a token, in that provider's own words: what ready code is made of. Never a secret. */
export const askView = z.object({
  client_id: z.string(),
  auth_method: z.enum(["client_secret_basic", "client_secret_post", "private_key_jwt"]),
  issuer: z.string(),
  token_endpoint: z.string(),
  /** Form parameters beside grant type and client authentication. */
  parameters: z.record(z.string(), z.string()),
  audience: z.string().nullable(),
  jwks_uri: z.string(),
  introspection_endpoint: z.string().nullable(),
})
export type AskView = z.infer<typeof askView>

/**
 * The connector says it, so that ready code asks as Grantry's own canary does. Throws 404, 409 `client_not_placed` where the
 * provider gives a client its id and has not yet, ConnectorError where it knows neither the audience nor its scopes.
 */
export async function askOf(actor: Actor, clientId: string, query: z.infer<typeof askQuery>): Promise<AskView> {
  authorize(actor, "registry:read")
  authorize(actor, "providers:read")
  const { provider_id: providerId, audience, scope } = query
  const [client, provider] = await Promise.all([
    db().client.findUnique({ where: { id: clientId }, select: { name: true, authMethod: true } }),
    db().provider.findUnique({
      where: { id: providerId },
      select: { id: true, name: true, issuer: true, tokenEndpoint: true, jwksUri: true, introspectionEndpoint: true },
    }),
  ])
  if (!client) throw notFound("client", clientId)
  if (!provider) throw notFound("provider", providerId)
  const connector = await openConnector(providerId)
  const name = await clientIdAt(connector, providerId, client.name)
  if (name === null)
    throw conflict(
      "client_not_placed",
      `${provider.name} gives a client its id when it is made there, and ${client.name} is not there yet. Apply the plan first.`,
    )
  const request: TokenRequest =
    audience === undefined
      ? { issuer: provider.issuer, tokenEndpoint: provider.tokenEndpoint, parameters: {} }
      : await connector.tokenRequest(audience, scope)
  const verified = (audience === undefined ? null : await issuerOfAudience(provider, audience)) ?? provider
  return {
    client_id: name,
    auth_method: askView.shape.auth_method.parse(client.authMethod),
    issuer: request.issuer,
    token_endpoint: request.tokenEndpoint,
    parameters: { ...request.parameters },
    audience: audience ?? null,
    jwks_uri: verified.jwksUri,
    introspection_endpoint: verified.introspectionEndpoint,
  }
}

/** A client's OAuth client_id on a provider; null where the provider chooses it and the client is not there yet. */
export async function clientIdAt(connector: Connector, providerId: string, key: string): Promise<string | null> {
  const placed = await db().placement.findUnique({
    where: { providerId_kind_key: { providerId, kind: "client", key } },
    select: { remoteId: true },
  })
  if (placed) return connector.clientIdOf({ key, remoteId: placed.remoteId })
  const name = connector.clientIdOf({ key, remoteId: "" })
  return name === "" ? null : name
}
