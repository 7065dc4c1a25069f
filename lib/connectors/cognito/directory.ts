/** Which app client of a pool goes by which of our names. Pure. */
import { ourName } from "./names.ts"
import type { ListedClient } from "./shapes.ts"

const fit = /^[\x21-\x7E]{1,128}$/

/**
 * Every app client under a key of its own, from its name alone: the name that we gave it, else its ClientName where that is
 * one word and nobody else's, else its ClientId. Names are not unique: one with our mark comes before one without, and of
 * two alike the one with the lower id keeps the name.
 */
export function directoryOf(clients: readonly ListedClient[]): ReadonlyMap<string, ListedClient> {
  const directory = new Map<string, ListedClient>()
  const names = Map.groupBy(clients, ({ ClientName }) => ClientName)
  const sorted = clients
    .map((client) => ({ client, ours: ourName(client.ClientName)?.key ?? null }))
    .toSorted(
      (a, b) => Number(a.ours === null) - Number(b.ours === null) || (a.client.ClientId < b.client.ClientId ? -1 : 1),
    )
  for (const { client, ours } of sorted) {
    const label = ours ?? (names.get(client.ClientName)?.length === 1 ? client.ClientName : null)
    const key = label !== null && fit.test(label) && !directory.has(label) ? label : client.ClientId
    directory.set(key, client)
  }
  return directory
}
