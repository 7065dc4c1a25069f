export interface Backoff {
  /** First wait in milliseconds; doubles with every failure. */
  readonly baseMs: number
  /** No wait is longer. */
  readonly maxMs: number
}

/**
 * Exponential back-off with jitter: between half and all of `base * 2^failures`, capped. Half is kept so that a server
 * that is down is never asked again at once; the random half keeps many callers from returning together.
 * @param failures how many attempts have failed so far, from 1
 * @param random a number in [0, 1)
 */
export function backoffMs(failures: number, random: number, { baseMs, maxMs }: Backoff): number {
  const full = Math.min(maxMs, baseMs * 2 ** Math.min(Math.max(failures, 1) - 1, 30))
  return full / 2 + (full / 2) * random
}

/** `Retry-After` as milliseconds (RFC 9110 section 10.2.3: seconds or a date); undefined when absent or unreadable. */
export function retryAfterMs(header: string | null, nowMs: number): number | undefined {
  if (header === null) return undefined
  const text = header.trim()
  if (/^\d{1,9}$/.test(text)) return Number(text) * 1000
  const at = Date.parse(text)
  return Number.isNaN(at) ? undefined : Math.max(0, at - nowMs)
}
