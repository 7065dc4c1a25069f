import type { Json } from "../../base/json.ts"
import type { DesiredObject } from "../../connectors/objects.ts"
import type { RegistryDocument } from "../document/document.ts"
import { desired } from "./desired.ts"

/**
 * What a document wants on the provider of this name, were it the registry: the rules of `desiredState`, without a row.
 * Pure. A test holds both to the same answer.
 */
export function desiredOfDocument(document: RegistryDocument, provider: string, now: Date): DesiredObject[] {
  const clients = document.clients.filter((client) => client.providers.includes(provider))
  const names = new Set(clients.map(({ name }) => name))
  const grants = document.grants.filter((grant) => names.has(grant.client))
  const granted = new Set(grants.map(({ audience }) => audience))
  return desired(
    {
      clients: clients.map((client) => ({ ...client, id: client.name, jwks: (client.jwks ?? null) as Json })),
      audiences: document.audiences
        .filter((audience) => audience.providers.includes(provider) || granted.has(audience.identifier))
        .map((audience) => ({ ...audience, id: audience.identifier })),
      grants: grants.map(({ client, audience, scopes, expires_at }) => ({
        client_id: client,
        audience_id: audience,
        scopes,
        expires_at: expires_at === null ? null : new Date(expires_at),
      })),
    },
    now,
  )
}
