export interface RateRule {
  /** At most this many of one key in one window. */
  readonly max: number
  readonly windowMs: number
  /** All keys together, in one window. No more keys than this are ever remembered. */
  readonly maxOfAll: number
}

/**
 * Counts within fixed windows, in this process. Answers 0 when one more is allowed, else the whole seconds until the next
 * window. The memory is bounded: counts are forgotten at the end of their window.
 */
export function rateLimit({ max, windowMs, maxOfAll }: RateRule): (key: string, nowMs: number) => number {
  let window = -1
  let all = 0
  const counts = new Map<string, number>()
  return (key, nowMs) => {
    const current = Math.floor(nowMs / windowMs)
    if (current !== window) {
      window = current
      all = 0
      counts.clear()
    }
    const count = counts.get(key) ?? 0
    if (count >= max || all >= maxOfAll) return Math.max(1, Math.ceil(((window + 1) * windowMs - nowMs) / 1_000))
    counts.set(key, count + 1)
    all++
    return 0
  }
}
