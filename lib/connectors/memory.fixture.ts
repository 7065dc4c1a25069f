/** A memory that forgets at the end of the test, and a fingerprint that needs no key. */
import { createHash } from "node:crypto"
import type { Memory, Opened } from "./port.ts"

export function testMemory(): Memory {
  const values = new Map<string, string>()
  return {
    read: async (name) => values.get(name) ?? null,
    async write(name, value) {
      if (value === null) values.delete(name)
      else values.set(name, value)
    },
  }
}

const fingerprint = (value: string): string => `fp_${createHash("sha256").update(value).digest("hex").slice(0, 24)}`

/** What every connector is opened with, beside its settings and its fetch. */
export const testOpened = (): Pick<Opened, "memory" | "fingerprint"> => ({ memory: testMemory(), fingerprint })
