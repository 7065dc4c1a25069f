/** The fake's time: real time plus what a test added. Propagation delays, expiry and rate windows go by it. */
export interface Clock {
  now(): Date
  /** Moves on by so many milliseconds. */
  advance(ms: number): void
}

export function movableClock(): Clock {
  let ahead = 0
  return {
    now: () => new Date(Date.now() + ahead),
    advance(ms) {
      ahead += ms
    },
  }
}
