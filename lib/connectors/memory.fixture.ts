import { createHash } from "node:crypto"
import { forgetfulMemory } from "./memory.ts"
import type { Opened } from "./port.ts"

const fingerprint = (value: string): string => `fp_${createHash("sha256").update(value).digest("hex").slice(0, 24)}`

/** What every connector is opened with, beside its settings and its fetch. The fingerprint needs no key. */
export const testOpened = (): Pick<Opened, "memory" | "fingerprint"> => ({ memory: forgetfulMemory(), fingerprint })
