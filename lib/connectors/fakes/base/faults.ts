import type { FakeAnswer, FakeRequest } from "./server.ts"

/** What goes wrong instead of, or after, a request that matches. Used up one by one, first come first served. */
export interface Fault {
  readonly match: (request: Pick<FakeRequest, "method" | "path">) => boolean
  /** By default once. */
  readonly times?: number
  /** `lost`: carried out, then the connection is cut. `silent`: never answered. An answer: sent instead. */
  readonly answer: FakeAnswer | "lost" | "silent"
}

export interface Faults {
  add(fault: Fault): void
  /** Takes the fault that this request meets, if any. */
  take(request: Pick<FakeRequest, "method" | "path">): Fault["answer"] | null
  clear(): void
}

export function faultList(): Faults {
  let waiting: { fault: Fault; left: number }[] = []
  return {
    add(fault) {
      waiting.push({ fault, left: fault.times ?? 1 })
    },
    take(request) {
      const met = waiting.find(({ fault }) => fault.match(request))
      if (!met) return null
      met.left -= 1
      waiting = waiting.filter(({ left }) => left > 0)
      return met.fault.answer
    },
    clear() {
      waiting = []
    },
  }
}
