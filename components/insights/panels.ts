import type { Insights } from "../../lib/events/series.ts"

type Flow = Insights["flow"][number]

/** One moment of a chart; a series that has no value there is absent, not zero. */
export interface Point {
  readonly atMs: number
  readonly values: Readonly<Record<string, number | null>>
}

export interface Series {
  readonly points: readonly Point[]
  /** Names of the series, the biggest first. */
  readonly names: readonly string[]
  readonly totals: Readonly<Record<string, number>>
}

const seriesMax = 5
export const restName = "all others"

/** Every bucket from the first to the last moment of the range, so that a quiet time is seen as one. */
export function moments(data: Pick<Insights, "from" | "to" | "step_seconds">, nowMs: number): number[] {
  const step = data.step_seconds * 1_000
  const end = Math.min(Date.parse(data.to), nowMs)
  const all: number[] = []
  for (let at = Math.floor(Date.parse(data.from) / step) * step; at < end; at += step) all.push(at)
  return all
}

/**
 * Counts over time, parted by `name` (null leaves the entry out): the five biggest and all others together. A bucket in
 * which nothing was reported counts as 0 events: that is what came, and the watermark says how far that can be trusted.
 */
export function seriesOf(data: Insights, nowMs: number, name: (flow: Flow) => string | null): Series {
  const totals = new Map<string, number>()
  for (const f of data.flow) {
    const key = name(f)
    if (key !== null) totals.set(key, (totals.get(key) ?? 0) + f.count)
  }
  const big = [...totals].sort((a, b) => b[1] - a[1] || (a[0] < b[0] ? -1 : 1))
  const kept = new Set((big.length > seriesMax + 1 ? big.slice(0, seriesMax) : big).map(([key]) => key))
  const names = [...kept, ...(kept.size < big.length ? [restName] : [])]
  const at = new Map(
    moments(data, nowMs).map((ms) => [ms, Object.fromEntries(names.map((key) => [key, 0])) as Record<string, number>]),
  )
  for (const f of data.flow) {
    const key = name(f)
    const bucket = at.get(Date.parse(f.at))
    if (key === null || !bucket) continue
    const series = kept.has(key) ? key : restName
    bucket[series] = (bucket[series] ?? 0) + f.count
  }
  return {
    points: [...at].map(([atMs, values]) => ({ atMs, values })),
    names,
    totals: Object.fromEntries(
      names.map((key) => [
        key,
        key === restName
          ? big.filter(([k]) => !kept.has(k)).reduce((sum, [, c]) => sum + c, 0)
          : (totals.get(key) ?? 0),
      ]),
    ),
  }
}

/** Share of successes among what says how it ended, in percent; null where nothing did: absent is neither 0 nor 100. */
export function ratioOf(data: Insights, nowMs: number, event: string): Series {
  const sums = new Map<number, { good: number; all: number }>()
  const total = { good: 0, all: 0 }
  for (const f of data.flow) {
    if (f.event !== event || f.result === "unknown") continue
    const at = Date.parse(f.at)
    const sum = sums.get(at) ?? { good: 0, all: 0 }
    for (const s of [sum, total]) {
      s.all += f.count
      if (f.result === "success") s.good += f.count
    }
    sums.set(at, sum)
  }
  const name = "success"
  return {
    points: moments(data, nowMs).map((atMs) => {
      const s = sums.get(atMs)
      return { atMs, values: { [name]: s && s.all > 0 ? (s.good / s.all) * 100 : null } }
    }),
    names: [name],
    totals: total.all > 0 ? { [name]: (total.good / total.all) * 100, base: total.all } : {},
  }
}

/** Sum of what `take` accepts; null when nothing of that event ever came, for absent is not zero. */
export function sumOf(data: Insights, event: string, result?: string): number | null {
  const of = data.flow.filter((f) => f.event === event)
  return of.length === 0
    ? null
    : of.filter((f) => result === undefined || f.result === result).reduce((sum, f) => sum + f.count, 0)
}
