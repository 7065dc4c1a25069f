/** .NET's TimeSpan as text, `[d.]hh:mm:ss`, for durations of whole seconds. */
const dayS = 86_400
const hourS = 3_600
const two = (n: number): string => String(n).padStart(2, "0")

/** 900 → `00:15:00`, 90 000 → `1.01:00:00`. */
export function timeSpan(seconds: number): string {
  const [days, rest] = [Math.floor(seconds / dayS), seconds % dayS]
  const clock = [Math.floor(rest / hourS), Math.floor((rest % hourS) / 60), rest % 60].map(two).join(":")
  return days > 0 ? `${days}.${clock}` : clock
}

/** Seconds of a TimeSpan, with or without days; fractions are cut. Null: it is none. */
export function secondsOf(text: string | undefined): number | null {
  const parts = /^(?:(\d+)\.)?(\d{1,2}):(\d{2}):(\d{2})(?:\.\d+)?$/.exec(text ?? "")
  if (!parts) return null
  const [days = 0, hours = 0, minutes = 0, seconds = 0] = parts.slice(1).map((part) => Number(part ?? 0))
  return days * dayS + hours * hourS + minutes * 60 + seconds
}
