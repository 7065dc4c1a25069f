import { secondMs } from "../../base/time.ts"

/** How long a whole list answers "not there". A removal, and a write without a clear answer, forget it at once. */
const keptMs = 10 * secondMs

/** A list of everything, read when it is needed. What is found in it is read again by its id before it is relied on. */
export interface Directory<T> {
  /** At most ten seconds old. */
  recent(): Promise<readonly T[]>
  fresh(): Promise<readonly T[]>
  /** Runs a write: its object takes its place; without a clear answer nothing is known any more. */
  writing(write: Promise<T>): Promise<T>
  forget(): void
}

export function directory<T extends { readonly id: string }>(read: () => Promise<readonly T[]>): Directory<T> {
  let known: { readonly items: readonly T[]; readonly at: number } | null = null
  async function fresh(): Promise<readonly T[]> {
    const items = await read()
    known = { items, at: Date.now() }
    return items
  }
  return {
    fresh,
    recent: async () => (known !== null && Date.now() - known.at < keptMs ? known.items : await fresh()),
    async writing(write) {
      try {
        const made = await write
        if (known) known = { ...known, items: [...known.items.filter(({ id }) => id !== made.id), made] }
        return made
      } catch (error) {
        known = null
        throw error
      }
    },
    forget() {
      known = null
    },
  }
}
