/** Which client of Auth0 goes by which of our names. Pure. */
import { metadataOf } from "./metadata.ts"
import type { RemoteClient } from "./shapes.ts"

export const grantType = "client_credentials"

/** A client that services use; ours stay in sight when they are disabled. Grantry's own and Auth0's global one are nobody's business. */
export const isServiceClient = (client: RemoteClient, ownClientId: string): boolean =>
  client.client_id !== ownClientId &&
  client.global !== true &&
  (client.app_type === "non_interactive" ||
    client.grant_types === null ||
    client.grant_types.includes(grantType) ||
    metadataOf(client, "marker") !== null)

const fit = /^[\x21-\x7E]{1,200}$/

/**
 * Every client under a key of its own: the name that we gave it, else its display name where that is one word and nobody
 * else's, else its client_id. A client with our mark comes before one without; of two with one name the elder id keeps it.
 */
export function directoryOf(clients: readonly RemoteClient[]): ReadonlyMap<string, RemoteClient> {
  const directory = new Map<string, RemoteClient>()
  const rank = (client: RemoteClient): number =>
    metadataOf(client, "name") === null ? 2 : metadataOf(client, "marker") === null ? 1 : 0
  const names = Map.groupBy(clients, ({ name }) => name)
  const sorted = clients.toSorted((a, b) => rank(a) - rank(b) || (a.client_id < b.client_id ? -1 : 1))
  for (const client of sorted) {
    const label = metadataOf(client, "name") ?? (names.get(client.name)?.length === 1 ? client.name : null)
    const key = label !== null && fit.test(label) && !directory.has(label) ? label : client.client_id
    directory.set(key, client)
  }
  return directory
}
