/** What a number counts: event, result, reason and grant type of events, or the duration bucket of validations. */
export type Counted =
  readonly [event: number, result: number, reason: string | null, grantType: string | null] | readonly [bucket: number]

export interface DayCount {
  /** Days since 1970. */
  readonly day: number
  readonly of: Counted
  readonly n: number
}

export interface Totals {
  readonly counts: ReadonlyMap<string, { readonly of: Counted; readonly n: number }>
  /** What was last read, by day. */
  readonly seen: ReadonlyMap<string, number>
}

export const noTotals: Totals = { counts: new Map(), seen: new Map() }

/**
 * Adds what is new since the last reading. A day that lost counts (retention, removed events) takes nothing away: a counter
 * of Prometheus that falls would be read as a restart. Pure.
 */
export function grow(totals: Totals, rows: readonly DayCount[]): Totals {
  const counts = new Map(totals.counts)
  const seen = new Map<string, number>()
  for (const { day, of, n } of rows) {
    const key = JSON.stringify(of)
    const before = totals.seen.get(`${day} ${key}`) ?? 0
    seen.set(`${day} ${key}`, n)
    if (n > before || !counts.has(key)) counts.set(key, { of, n: (counts.get(key)?.n ?? 0) + Math.max(0, n - before) })
  }
  return { counts, seen }
}
