const usPerMs = 1_000

/** Midnight of the days seen last: lines come in runs of one day. */
const days = new Map<string, number>()
const daysMax = 4_096

function dayStartMs(text: string): number {
  const known = days.get(text)
  if (known !== undefined) return known
  const y = digits(text, 0, 4)
  const m = digits(text, 5, 2)
  const d = digits(text, 8, 2)
  let ms = Number.NaN
  if (y >= 0 && m >= 1 && m <= 12 && d >= 1 && text.charCodeAt(4) === 45 && text.charCodeAt(7) === 45) {
    const at = new Date(0)
    at.setUTCFullYear(y, m - 1, d)
    if (at.getUTCMonth() === m - 1 && at.getUTCDate() === d) ms = at.getTime()
  }
  if (days.size >= daysMax) days.clear()
  days.set(text, ms)
  return ms
}

function digits(text: string, at: number, count: number): number {
  let value = 0
  for (let i = at; i < at + count; i++) {
    const c = text.charCodeAt(i) - 48
    if (!(c >= 0 && c <= 9)) return -1
    value = value * 10 + c
  }
  return value
}

export interface Instant {
  /** Microseconds since 1970; digits beyond are cut. */
  readonly us: number
  /** Second 60: taken as the first one of the next minute. */
  readonly leap: boolean
}

/** RFC 3339 date-time with a zone, exactly; null for anything else (no zone, 30 February, "infinity"). Total. */
export function parseTimestamp(text: string): Instant | null {
  const length = text.length
  if (length < 20 || length > 40) return null
  const t = text.charCodeAt(10)
  if ((t !== 84 && t !== 116 && t !== 32) || text.charCodeAt(13) !== 58 || text.charCodeAt(16) !== 58) return null
  const day = dayStartMs(text.slice(0, 10))
  const hour = digits(text, 11, 2)
  const minute = digits(text, 14, 2)
  const second = digits(text, 17, 2)
  if (Number.isNaN(day) || hour < 0 || hour > 23 || minute < 0 || minute > 59 || second < 0 || second > 60) return null
  let at = 19
  let micros = 0
  if (text.charCodeAt(at) === 46) {
    const from = ++at
    let scale = 100_000
    for (; at < length; at++) {
      const c = text.charCodeAt(at) - 48
      if (!(c >= 0 && c <= 9)) break
      micros += c * scale
      scale = scale > 1 ? scale / 10 : 0
    }
    if (at === from) return null
  }
  const zone = zoneMinutes(text, at)
  if (zone === null) return null
  return { us: (day + ((hour * 60 + minute - zone) * 60 + second) * 1_000) * usPerMs + micros, leap: second === 60 }
}

function zoneMinutes(text: string, at: number): number | null {
  const c = text.charCodeAt(at)
  if (c === 90 || c === 122) return at === text.length - 1 ? 0 : null
  if ((c !== 43 && c !== 45) || text.length !== at + 6 || text.charCodeAt(at + 3) !== 58) return null
  const hours = digits(text, at + 1, 2)
  const minutes = digits(text, at + 4, 2)
  if (hours < 0 || hours > 23 || minutes < 0 || minutes > 59) return null
  return (c === 45 ? -1 : 1) * (hours * 60 + minutes)
}

/** RFC 3339 in UTC: milliseconds, or microseconds where there are any. */
export function printTimestamp(us: number): string {
  const ms = Math.floor(us / usPerMs)
  const rest = us - ms * usPerMs
  const text = new Date(ms).toISOString()
  return rest === 0 ? text : `${text.slice(0, -1)}${String(rest).padStart(3, "0")}Z`
}
