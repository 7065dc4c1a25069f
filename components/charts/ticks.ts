import { dayMs } from "../../lib/base/time.ts"

const formats = new Map<string, Intl.DateTimeFormat>()
function format(key: string, options: Intl.DateTimeFormatOptions): Intl.DateTimeFormat {
  const known = formats.get(key) ?? new Intl.DateTimeFormat("en-GB", options)
  formats.set(key, known)
  return known
}

/** The word of a time on an axis of `spanMs`: a clock time within a day and a half, a day with its hour within a week, else the day. In `zone`. */
export function tick(ms: number, spanMs: number, zone: string): string {
  const clock = format(`clock ${zone} ${spanMs < 5 * 60_000}`, {
    timeZone: zone,
    hour: "2-digit",
    minute: "2-digit",
    ...(spanMs < 5 * 60_000 ? { second: "2-digit" as const } : {}),
    hourCycle: "h23",
  }).format(ms)
  if (spanMs <= 1.5 * dayMs) return clock
  const day = format(`day ${zone}`, { timeZone: zone, day: "2-digit", month: "short" }).format(ms)
  return spanMs <= 7 * dayMs ? `${day} ${clock}` : day
}

/** `950`, `1.2k`, `3.4M`, for an axis; never for a table. */
export const compact = (n: number): string => (n < 1_000 ? String(Math.round(n * 10) / 10) : format2.format(n))
const format2 = new Intl.NumberFormat("en", { notation: "compact", maximumFractionDigits: 1 })
