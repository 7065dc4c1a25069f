import { isObject } from "../base/json.ts"
import { aheadFlagMs, aheadMaxMs, lateFlagMs, limits } from "./limits.ts"
import type { ValidLine, Window } from "./line.ts"
import { isCleanWord, needsEscape, visible } from "./text.ts"
import { parseTimestamp } from "./timestamp.ts"
import { eventNames, flagBits, reasonWords, type Rejection, type RejectionCode } from "./words.ts"

/** How a reader of one field refuses the line; `validateLine` turns it into its answer. */
export class Reject extends Error {
  readonly rejection: Rejection
  constructor(code: RejectionCode, message: string) {
    super(message)
    this.rejection = { code, message }
  }
}
export const reject = (code: RejectionCode, message: string): never => {
  throw new Reject(code, message)
}

/** Puts a member that has no place of its own into `extra`. */
type Keep = (key: string, value: unknown) => void

export const eventOf = (value: unknown): number => {
  const at = eventNames.indexOf(value as never)
  return at >= 0 ? at : reject("unknown_event", `The event must be one of ${eventNames.join(", ")}.`)
}

export function word(key: string, value: unknown): string | null {
  if (typeof value !== "string") return reject("wrong_type", `${key} must be text.`)
  if (value === "") return null
  if (
    value.length > limits.wordBytes ||
    (value.length * 3 > limits.wordBytes && Buffer.byteLength(value) > limits.wordBytes)
  ) {
    reject("too_long", `${key} may have ${limits.wordBytes} bytes.`)
  }
  return isCleanWord(value) ? value : reject("bad_characters", `${key} holds control characters or broken Unicode.`)
}

export function audienceOf(value: unknown, keep: Keep): string | null {
  if (!Array.isArray(value)) return word("audience", value)
  const words = value.map((item) => word("audience", item))
  if (words.length > 1) keep("audiences", words)
  return words[0] ?? null
}

export function freeText(key: string, value: unknown, line: ValidLine): string | null {
  if (typeof value !== "string") return reject("wrong_type", `${key} must be text.`)
  let text = value
  if (text.length > limits.textUnits) {
    text = text.slice(0, limits.textUnits)
    line.flags |= flagBits.truncated
  }
  if (needsEscape(text)) {
    text = visible(text)
    line.flags |= flagBits.sanitised
  }
  return text === "" ? null : text
}

export function timestampOf(value: unknown, window: Window, line: ValidLine): number {
  const instant = typeof value === "string" ? parseTimestamp(value) : null
  if (!instant)
    return reject("bad_timestamp", "The timestamp must be RFC 3339 with a zone, such as 2026-11-20T10:00:00Z.")
  const ms = instant.us / 1_000
  if (ms < window.oldestMs) reject("older_than_retention", "This event is older than events are kept.")
  if (ms > window.nowMs + aheadMaxMs) reject("too_far_ahead", "This event lies more than a day ahead.")
  if (ms > window.nowMs + aheadFlagMs) line.flags |= flagBits.ahead
  if (ms < window.nowMs - lateFlagMs) line.flags |= flagBits.late
  if (instant.leap) line.flags |= flagBits.leap_second
  return instant.us
}

export const resultOf = (value: unknown): number =>
  value === "success"
    ? 0
    : value === "failure"
      ? 1
      : reject("bad_value", "validation_result must be success or failure.")

export function durationOf(value: unknown): number {
  return typeof value === "number" && value >= 0 && value <= 1e9
    ? value
    : reject("bad_number", "duration_ms must be a number of milliseconds from 0.")
}

export function secondsOf(value: unknown): number {
  return Number.isInteger(value) && (value as number) >= 0 && (value as number) <= 0x7fffffff
    ? (value as number)
    : reject("bad_number", "expires_in must be a whole number of seconds from 0.")
}

/** `scopes` before `scope` before `scp`; the others of them stay in extra. */
export function scopesOf(fields: readonly [string, unknown][], line: ValidLine, keep: Keep): void {
  if (fields.length === 0) return
  const order = ["scopes", "scope", "scp"]
  const [first, ...others] = fields.toSorted((a, b) => order.indexOf(a[0]) - order.indexOf(b[0]))
  for (const [key, value] of others) keep(key, value)
  const value = first?.[1]
  const items: unknown[] =
    typeof value === "string"
      ? value.split(/\s+/)
      : Array.isArray(value)
        ? value
        : reject("wrong_type", "scopes must be a list or text.")
  const names: string[] = []
  for (const item of items) {
    const name = word("scopes", isObject(item) ? `${part(item.rn)}:${part(item.role)}` : item)
    if (name !== null && !names.includes(name)) names.push(name)
  }
  if (names.length > limits.scopes) reject("too_long", `A line may name ${limits.scopes} scopes.`)
  line.scopes = names.length > 0 ? names.join("\n") : null
}

const part = (value: unknown): string =>
  typeof value === "string" ? value : reject("wrong_type", "A scope object needs rn and role as text.")

export function outcome(line: ValidLine, rawReason: unknown, keep: Keep): void {
  if (rawReason !== null && typeof rawReason !== "string") reject("wrong_type", "failure_reason must be text.")
  const raw = rawReason === "" ? null : (rawReason as string | null)
  if (line.result < 0) line.result = raw !== null ? 1 : line.event === 1 ? 2 : 0
  if (raw === null) return
  if (line.result !== 1) return keep("failure_reason", raw)
  const known = reasonWords.get(raw.toLowerCase())
  line.reason = known ?? "other"
  if (known === undefined) keep("failure_reason", raw)
}

export function extraOf(parts: readonly Record<string, unknown>[], line: ValidLine): void {
  const members: string[] = []
  for (const part of parts) {
    for (const key of Object.keys(part)) {
      const value = part[key]
      if (key === "purpose" && typeof value === "string" && value !== "" && value.length <= 100 && isCleanWord(value))
        line.purpose = value
      members.push(`${JSON.stringify(key)}:${JSON.stringify(value)}`)
    }
  }
  if (members.length === 0) return
  let text = `{${members.join(",")}}`
  if (text.includes("\\u0000") || text.includes("\\ud")) {
    const clean = JSON.stringify(clear(JSON.parse(text)))
    if (clean !== JSON.stringify(JSON.parse(text))) line.flags |= flagBits.sanitised
    text = clean
  }
  line.extra = text
}

/** A copy whose every key and text can be kept. Depth is bounded by the scan. */
function clear(value: unknown): unknown {
  if (typeof value === "string") return visible(value)
  if (Array.isArray(value)) return value.map(clear)
  if (!isObject(value)) return value
  const copy = Object.create(null) as Record<string, unknown>
  for (const key of Object.keys(value)) copy[visible(key)] = clear(value[key])
  return copy
}
