import type { SourceView } from "../../lib/events/source-view.ts"

type Source = Pick<
  SourceView,
  "id" | "name" | "enabled" | "silent_after_seconds" | "state" | "complete_until" | "last_received_at" | "gaps"
>

export interface Watermark {
  /** Up to here nothing is missing of any counted source that ever spoke; null when none did. */
  readonly completeUntil: string | null
  /** Sources that hold it back by more than `lagMs` behind the best of the others, by name. */
  readonly heldBackBy: readonly string[]
  /** Enabled sources without a silence limit: nobody can say that something of them is missing, so they hold nothing back. */
  readonly uncounted: readonly string[]
  /** Enabled sources that are silent for longer than their limit. */
  readonly silent: readonly Source[]
  readonly waiting: readonly Source[]
  /** A gap that nobody filled lies in the window: nothing may be concluded over it (P8). */
  readonly gaps: readonly { readonly source: string; readonly since: string; readonly until: string | null }[]
}

/** Sources beat at different moments; below this nobody holds anything back. */
const lagMs = 60_000

/** What may be concluded from events since `sinceMs`. Pure; the same rule as the server's own conclusions follow. */
export function watermarkOf(sources: readonly Source[], sinceMs: number): Watermark {
  const enabled = sources.filter((s) => s.enabled)
  const gaps = enabled.flatMap((s) =>
    s.gaps
      .filter((g) => !g.filled && (g.until === null || Date.parse(g.until) > sinceMs))
      .map((g) => ({ source: s.name, since: g.since, until: g.until })),
  )
  const marks = enabled.flatMap((s) => {
    if (s.complete_until === null || s.silent_after_seconds === null) return []
    const first = gaps
      .filter((g) => g.source === s.name)
      .map((g) => g.since)
      .sort()[0]
    return [{ name: s.name, until: first !== undefined && first < s.complete_until ? first : s.complete_until }]
  })
  const sorted = marks.map((m) => m.until).sort()
  const least = sorted[0] ?? null
  const best = sorted.at(-1)
  const held = least !== null && best !== undefined && Date.parse(best) - Date.parse(least) > lagMs
  return {
    completeUntil: least,
    heldBackBy: held ? marks.filter((m) => m.until === least).map((m) => m.name) : [],
    uncounted: enabled.filter((s) => s.silent_after_seconds === null).map((s) => s.name),
    silent: enabled.filter((s) => s.state === "silent"),
    waiting: enabled.filter((s) => s.state === "waiting"),
    gaps,
  }
}

/** The unfilled gaps that reach into the time since `sinceMs`, for a chart; one that lasts has no end. */
export const gapsOf = (sources: readonly Source[], sinceMs: number): { fromMs: number; toMs: number }[] =>
  watermarkOf(sources, sinceMs).gaps.map((g) => ({
    fromMs: Date.parse(g.since),
    toMs: g.until === null ? Number.POSITIVE_INFINITY : Date.parse(g.until),
  }))
