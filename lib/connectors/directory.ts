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
  /** Waits for a create. Where its answer does not tell whether it happened, nobody knows what is there. */
  making<M extends T>(key: string, create: Promise<M>): Promise<M>
  removing(id: string, removal: Promise<void>): Promise<void>
}

/** `read` lists everything; `keyed` gives each a name of its own. */
export function directory<T>(
  read: () => Promise<readonly T[]>,
  keyed: (items: readonly T[]) => ReadonlyMap<string, T>,
  idOf: (item: T) => string,
): Directory<T> {
  let known: { names: Map<string, T>; readonly at: number } | null = null
  /** How often nobody knew what is there: a listing from before such a moment is not kept. */
  let doubts = 0
  /** Of each listing under way: what became of names meanwhile, which it may have missed. */
  const underWay = new Set<((names: Map<string, T>) => Map<string, T>)[]>()

  async function fresh(): Promise<ReadonlyMap<string, T>> {
    const [at, before] = [Date.now(), doubts]
    const missed: ((names: Map<string, T>) => Map<string, T>)[] = []
    underWay.add(missed)
    try {
      const listed = new Map(keyed(await read()))
      const names = missed.reduce((all, change) => change(all), listed)
      if (doubts === before) known = { names, at }
      return names
    } finally {
      underWay.delete(missed)
    }
  }

  /** Several may be made and removed at the same time: each changes what is known by its own name alone. */
  function tell(change: (names: Map<string, T>) => Map<string, T>): void {
    if (known) known.names = change(known.names)
    for (const missed of underWay) missed.push(change)
  }

  function doubt(): void {
    doubts += 1
    known = null
  }

  const without = (id: string) => (names: Map<string, T>) => {
    const left = [...names.values()].filter((item) => idOf(item) !== id)
    // Of two alike the other one has the name now.
    return left.length < names.size ? new Map(keyed(left)) : names
  }

  return {
    fresh,
    recent: async () => (known !== null && Date.now() - known.at < recentMs ? known.names : await fresh()),
    seen: (key) => known?.names.get(key),
    async making(key, create) {
      try {
        const made = await create
        tell((names) => names.set(key, made))
        return made
      } catch (error) {
        if (!refused(error)) doubt()
        throw error
      }
    },
    async removing(id, removal) {
      try {
        await removal
      } catch (error) {
        doubt()
        throw error
      }
      // One that was not known was removed by others, who may have done more.
      if (known && ![...known.names.values()].some((item) => idOf(item) === id)) doubt()
      else tell(without(id))
    },
  }
}
