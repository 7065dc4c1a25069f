/** V18: more leeway than this would make a lifetime meaningless. */
const toleranceMax = 60
const toleranceDefault = 30

/** The leeway in force, in seconds. */
export const toleranceOf = ({ tolerance = toleranceDefault }: { readonly tolerance?: number }): number =>
  Number.isFinite(tolerance) ? Math.min(Math.max(tolerance, 0), toleranceMax) : 0

/** Beyond the year 5000 a NumericDate is surely milliseconds. */
const plausibleMax = 1e11

/** A NumericDate (RFC 7519 section 2) or the half sentence that says why it is none. */
export function readSeconds(value: unknown): number | string {
  if (typeof value !== "number")
    return `is ${value === null ? "null" : Array.isArray(value) ? "a list" : `a ${typeof value}`}, not a number of seconds`
  if (!Number.isFinite(value)) return "is not a finite number"
  if (value > plausibleMax) return `is ${String(value)}: these look like milliseconds, NumericDate counts seconds`
  return value
}

/** A length of time for a person: `42 s`, `3 min 5 s`, `2 h 10 min`, `4 d 3 h`. */
export function length(seconds: number): string {
  const whole = Math.max(0, Math.round(seconds))
  const units: [number, string][] = [
    [86_400, "d"],
    [3600, "h"],
    [60, "min"],
    [1, "s"],
  ]
  const first = units.findIndex(([size]) => whole >= size)
  if (first === -1) return "0 s"
  let rest = whole
  const parts: string[] = []
  for (const [size, unit] of units.slice(first, first + 2)) {
    const amount = Math.floor(rest / size)
    rest -= amount * size
    if (amount > 0) parts.push(`${String(amount)} ${unit}`)
  }
  return parts.join(" ")
}
