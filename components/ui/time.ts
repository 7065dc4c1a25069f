/** How times are written here: absolute in a named zone, and a relative word beside it. Pure; `now` in milliseconds. */

const formats = new Map<string, Intl.DateTimeFormat>()

function format(zone: string): Intl.DateTimeFormat {
  const known = formats.get(zone)
  if (known) return known
  const made = new Intl.DateTimeFormat("en-GB", {
    timeZone: zone,
    year: "numeric",
    month: "short",
    day: "2-digit",
    hour: "2-digit",
    minute: "2-digit",
    second: "2-digit",
    hourCycle: "h23",
  })
  formats.set(zone, made)
  return made
}

/** `21 Nov 2026 04:07:42`; `short` leaves out the year when it is this one, and the seconds. */
export function absolute(
  at: string,
  zone: string,
  { short = false, now = Date.now() }: { short?: boolean; now?: number } = {},
): string {
  const date = new Date(at)
  if (Number.isNaN(date.getTime())) return at
  const part = Object.fromEntries(
    format(zone)
      .formatToParts(date)
      .map((p) => [p.type, p.value]),
  )
  const sameYear = date.getUTCFullYear() === new Date(now).getUTCFullYear()
  const day = short && sameYear ? `${part.day} ${part.month}` : `${part.day} ${part.month} ${part.year}`
  return `${day} ${part.hour}:${part.minute}${short ? "" : `:${part.second}`}`
}

const second = 1_000
const minute = 60 * second
const hour = 60 * minute
const day = 24 * hour

/** `5 ms`, `1.2 s`, `4 min`, `3 d 4 h`. */
export function duration(ms: number): string {
  const size = Math.abs(ms)
  if (size < second) return `${Math.round(size)} ms`
  if (size < 10 * second) return `${(size / second).toFixed(1).replace(/\.0$/, "")} s`
  if (size < minute) return `${Math.round(size / second)} s`
  if (size < hour) return `${Math.floor(size / minute)} min`
  if (size < day) return joined(Math.floor(size / hour), "h", Math.floor((size % hour) / minute), "min")
  if (size < 60 * day) return joined(Math.floor(size / day), "d", Math.floor((size % day) / hour), "h")
  return `${Math.floor(size / day)} d`
}

const joined = (big: number, bigUnit: string, small: number, smallUnit: string): string =>
  small === 0 ? `${big} ${bigUnit}` : `${big} ${bigUnit} ${small} ${smallUnit}`

/** `3 min ago`, `in 2 d 4 h`, `just now`. */
export function relative(at: string, now: number): string {
  const distance = new Date(at).getTime() - now
  if (Number.isNaN(distance)) return ""
  if (Math.abs(distance) < 5 * second) return "just now"
  return distance < 0 ? `${duration(distance)} ago` : `in ${duration(distance)}`
}
