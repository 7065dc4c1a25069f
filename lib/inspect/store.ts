import "server-only"
import { z } from "zod"
import { db } from "../db/client.ts"
import { issuerOfAudience } from "./issuers.ts"
import type { InspectedProvider, RegistryReads } from "./registry.ts"

/** Of a provider's settings only what pins its tokens. */
const pins = z.object({ algorithms: z.array(z.string()).nonempty().optional() }).catch({})

interface ProviderRow {
  readonly id: string
  readonly name: string
  readonly kind: string
  readonly issuer: string
  readonly jwksUri: string
  readonly introspectionEndpoint: string | null
  readonly settings: unknown
}

const columns = {
  id: true,
  name: true,
  kind: true,
  issuer: true,
  jwksUri: true,
  introspectionEndpoint: true,
  settings: true,
} as const

function toProvider({
  id,
  name,
  kind,
  issuer,
  jwksUri,
  introspectionEndpoint,
  settings,
}: ProviderRow): InspectedProvider {
  const { algorithms } = pins.parse(settings)
  return {
    id,
    name,
    kind,
    issuer,
    jwks_uri: jwksUri,
    ...(introspectionEndpoint === null ? {} : { introspection_endpoint: introspectionEndpoint }),
    ...(algorithms ? { algorithms } : {}),
  }
}

/** One token makes no more questions than this. */
const placesMax = 8

/** The registry as inspection reads it; reads only. */
export const registryReads: RegistryReads = {
  provider: async (id) => {
    const row = await db().provider.findUnique({ where: { id }, select: columns })
    return row && toProvider(row)
  },
  providersByIssuer: async (issuer) =>
    (await db().provider.findMany({ where: { issuer }, select: columns, orderBy: { createdAt: "asc" } })).map(
      toProvider,
    ),
  providerOfAudience: async (issuer, audiences, providerId) => {
    if (audiences.length === 0) return null
    const places = await db().placement.findMany({
      where: { kind: "audience", key: { in: [...audiences] }, ...(providerId === null ? {} : { providerId }) },
      select: { key: true, provider: { select: columns } },
      orderBy: { id: "asc" },
      take: placesMax,
    })
    for (const { key, provider } of places) {
      const own = await issuerOfAudience(provider, key)
      if (own?.issuer !== issuer) continue
      const { jwksUri, introspectionEndpoint } = own
      return toProvider({ ...provider, issuer, jwksUri, introspectionEndpoint })
    }
    return null
  },
  issuers: async () =>
    (await db().provider.findMany({ select: { issuer: true }, take: 1000 })).map((row) => row.issuer),
  client: async (providerId, clientId) => {
    // The name on the provider is the registry's name (Keycloak, local) or the provider's own id (Auth0, Entra ID).
    const placement = await db().placement.findFirst({
      where: { providerId, kind: "client", OR: [{ key: clientId }, { remoteId: clientId }] },
      select: { key: true },
    })
    const where = placement ? { name: placement.key } : { name: clientId, providers: { some: { providerId } } }
    return db().client.findFirst({ where, select: { id: true, name: true, enabled: true } })
  },
  audiences: async (identifiers) => {
    if (identifiers.length === 0) return []
    const rows = await db().audience.findMany({
      where: { identifier: { in: [...identifiers] } },
      select: { id: true, identifier: true, tokenTtlSeconds: true, scopes: { select: { name: true } } },
    })
    return rows.map((row) => ({
      id: row.id,
      identifier: row.identifier,
      token_ttl_seconds: row.tokenTtlSeconds,
      scopes: row.scopes.map((scope) => scope.name),
    }))
  },
  grants: async (clientId, audienceIds, at) => {
    const rows = await db().grant.findMany({
      where: { clientId, audienceId: { in: [...audienceIds] }, OR: [{ expiresAt: null }, { expiresAt: { gt: at } }] },
      select: { audienceId: true, scopes: { select: { scope: { select: { name: true } } } } },
    })
    return rows.map((row) => ({ audience_id: row.audienceId, scopes: row.scopes.map(({ scope }) => scope.name) }))
  },
}
