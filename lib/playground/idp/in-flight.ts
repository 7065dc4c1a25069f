/**
 * Requests whose token event is not committed yet. What lies before the oldest of them is settled: every event with an
 * earlier timestamp stands in the outbox or has been shipped.
 */
export interface InFlight {
  /** Call at the start of a request; call the answer when its event is committed, or when it has none. */
  enter(): () => void
  /** Milliseconds since 1970. */
  settledUntil(): number
}

export function inFlight(now: () => number = Date.now): InFlight {
  const started = new Map<symbol, number>()
  return {
    enter() {
      const one = Symbol()
      started.set(one, now())
      return () => void started.delete(one)
    },
    settledUntil: () => started.values().reduce((least, at) => Math.min(least, at), now()),
  }
}
