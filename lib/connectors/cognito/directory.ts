import { minuteMs } from "../../base/time.ts"
import { refused } from "../refused.ts"
import { ourName } from "./names.ts"
import type { ListedClient } from "./shapes.ts"

/**
 * How long a list of all names answers "not there", with what we made and removed since. Cognito refuses no name twice: what
 * somebody else makes meanwhile under a name of ours becomes the second of two.
 */
const recentMs = minuteMs

/** Who goes by which name, as one opened connector has seen it. Who is found here is described before it is relied on. */
export interface Directory {
  fresh(): Promise<ReadonlyMap<string, ListedClient>>
  recent(): Promise<ReadonlyMap<string, ListedClient>>
  /** However long ago. */
  seen(key: string): ListedClient | undefined
  /** Runs a create. Until its answer is clear nobody knows what is there. */
  making<T extends ListedClient>(key: string, create: Promise<T>): Promise<T>
  removing(clientId: string, removal: Promise<void>): Promise<void>
}

export function directory(read: () => Promise<readonly ListedClient[]>): Directory {
  let known: { readonly names: Map<string, ListedClient>; readonly at: number } | null = null

  async function fresh(): Promise<ReadonlyMap<string, ListedClient>> {
    const names = new Map(directoryOf(await read()))
    known = { names, at: Date.now() }
    return names
  }

  return {
    fresh,
    recent: async () => (known !== null && Date.now() - known.at < recentMs ? known.names : await fresh()),
    seen: (key) => known?.names.get(key),
    async making(key, create) {
      const before = known
      known = null
      try {
        const made = await create
        before?.names.set(key, made)
        known = before
        return made
      } catch (error) {
        if (refused(error)) known = before
        throw error
      }
    },
    async removing(clientId, removal) {
      const before = known
      known = null
      await removal
      if (before === null) return
      const left = [...before.names.values()].filter(({ ClientId }) => ClientId !== clientId)
      // Of two alike the other one has the name now. One that was not known was removed by others, who may have done more.
      if (left.length < before.names.size) known = { ...before, names: new Map(directoryOf(left)) }
    },
  }
}

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
