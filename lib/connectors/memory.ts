import type { Memory } from "./port.ts"

/** A connector's memory that is kept nowhere: for trying settings, and for tests. */
export function forgetfulMemory(): Memory {
  const values = new Map<string, string>()
  return {
    read: async (name) => values.get(name) ?? null,
    async write(name, value) {
      if (value === null) values.delete(name)
      else values.set(name, value)
    },
  }
}
