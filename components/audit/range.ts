import { dayMs, hourMs, minuteMs } from "../../lib/base/time.ts"

/** What the URL says of time: `since=1h`, or a start and an end. A relative range stays relative when it is shared. */
export interface Spoken {
  readonly since: string | null
  readonly from: string | null
  readonly to: string | null
}

/** Milliseconds since 1970; `toMs` null means until now, and what senders' clocks put a little ahead. */
export interface Window {
  readonly fromMs: number
  readonly toMs: number | null
  readonly relative: boolean
}

export const sinceDefault = "24h"
const units: Readonly<Record<string, number>> = { m: minuteMs, h: hourMs, d: dayMs }
const longestMs = 400 * dayMs

export const presets: readonly { since: string; label: string }[] = [
  { since: "15m", label: "Last 15 minutes" },
  { since: "1h", label: "Last hour" },
  { since: "4h", label: "Last 4 hours" },
  { since: "24h", label: "Last 24 hours" },
  { since: "3d", label: "Last 3 days" },
  { since: "7d", label: "Last 7 days" },
  { since: "30d", label: "Last 30 days" },
]

/** Milliseconds of `15m`, `24h`, `7d`; null for anything else. */
export function sinceMs(text: string): number | null {
  const found = /^(\d{1,4})([mhd])$/.exec(text)
  const size = found ? Number(found[1]) * (units[found[2] ?? ""] ?? 0) : 0
  return size > 0 && size <= longestMs ? size : null
}

const instant = (text: string | null): number | null => {
  const at = text === null ? NaN : Date.parse(text)
  return Number.isNaN(at) ? null : at
}

/** The window as of `nowMs`. What cannot be read falls back to the last 24 hours. */
export function windowOf(spoken: Spoken, nowMs: number): Window {
  const fromMs = instant(spoken.from)
  const toMs = instant(spoken.to)
  if (fromMs !== null && (toMs === null || toMs > fromMs)) return { fromMs, toMs, relative: false }
  return { fromMs: nowMs - (sinceMs(spoken.since ?? sinceDefault) ?? dayMs), toMs: null, relative: true }
}

/** The words of a range: its preset, `Last 5 h`, or null for an absolute one. */
export function rangeWords(spoken: Spoken): string | null {
  if (instant(spoken.from) !== null) return null
  const since = spoken.since !== null && sinceMs(spoken.since) !== null ? spoken.since : sinceDefault
  return (
    presets.find((p) => p.since === since)?.label ??
    `Last ${since.replace("m", " min").replace("h", " h").replace("d", " d")}`
  )
}

/** Three times as wide around its middle, never beyond now. */
export function widened(window: Window, nowMs: number): { fromMs: number; toMs: number } {
  const end = window.toMs ?? nowMs
  const span = Math.min((end - window.fromMs) * 3, longestMs)
  const toMs = Math.min(nowMs, (window.fromMs + end) / 2 + span / 2)
  return { fromMs: toMs - span, toMs }
}

/** RFC 3339 in UTC, as the API takes it. */
export const stamp = (ms: number): string => new Date(Math.floor(ms)).toISOString()
