import { minuteMs } from "../base/time.ts"
import { refused } from "./refused.ts"

/**
 * How long a list of everything answers "not there", with what we made and removed since. What somebody else makes meanwhile
 * under a name of ours is, where a provider refuses no name twice, the second of two: every next reading shows it. No
 * reading right before a create would be sure either.
 */
const recentMs = minuteMs

/** Who goes by which name, as one opened connector has seen it. Who is found here is read again by its id before it is relied on. */
export interface Directory<T> {
  fresh(): Promise<ReadonlyMap<string, T>>
  recent(): Promise<ReadonlyMap<string, T>>
  /** However long ago. */
  seen(key: string): T | undefined
  /** Runs a create. Until its answer is clear nobody knows what is there. */
  making<M extends T>(key: string, create: Promise<M>): Promise<M>
  removing(id: string, removal: Promise<void>): Promise<void>
}

/** `read` lists everything; `keyed` gives each a name of its own. */
export function directory<T>(
  read: () => Promise<readonly T[]>,
  keyed: (items: readonly T[]) => ReadonlyMap<string, T>,
  idOf: (item: T) => string,
): Directory<T> {
  let known: { readonly names: Map<string, T>; readonly at: number } | null = null

  async function fresh(): Promise<ReadonlyMap<string, T>> {
    const names = new Map(keyed(await read()))
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
    async removing(id, removal) {
      const before = known
      known = null
      await removal
      if (before === null) return
      const left = [...before.names.values()].filter((item) => idOf(item) !== id)
      // Of two alike the other one has the name now. One that was not known was removed by others, who may have done more.
      if (left.length < before.names.size) known = { ...before, names: new Map(keyed(left)) }
    },
  }
}
