import { isIP } from "node:net"
import { isObject } from "../base/json.ts"
import { canonicalLine } from "./identity.ts"
import { aheadFlagMs, aheadMaxMs, lateFlagMs, limits } from "./limits.ts"
import { blankLine, type ValidLine, type Window } from "./line.ts"
import { readPlain } from "./plain.ts"
import { countMembers, scan } from "./scan.ts"
import { isCleanWord, needsEscape, visible } from "./text.ts"
import { parseTimestamp } from "./timestamp.ts"
import {
  eventNames,
  flagBits,
  reasonAliases,
  reasons,
  type Rejection,
  type RejectionCode,
  tokenTypes,
} from "./words.ts"

class Reject extends Error {
  readonly rejection: Rejection
  constructor(code: RejectionCode, message: string) {
    super(message)
    this.rejection = { code, message }
  }
}
const reject = (code: RejectionCode, message: string): never => {
  throw new Reject(code, message)
}

/**
 * One JSON text to one valid line, or the reason why not. Total: no input makes it throw. Written by hand since a schema
 * library on every line costs half the rate; `eventLine` in schema.ts says the same, and a property holds them equal.
 */
export function validateLine(text: string, window: Window): ValidLine | Rejection {
  return readPlain(text, window) ?? validateCarefully(text, window)
}

/** The same by the JSON parser, for every shape of line. */
export function validateCarefully(text: string, window: Window): ValidLine | Rejection {
  try {
    return check(text, window)
  } catch (error) {
    if (error instanceof Reject) return error.rejection
    if (error instanceof SyntaxError) return { code: "bad_json", message: "This line is not JSON." }
    throw error
  }
}

export const isRejection = (line: ValidLine | Rejection): line is Rejection => "code" in line

function check(text: string, window: Window): ValidLine {
  if (
    text.length > limits.lineBytes ||
    (text.length * 3 > limits.lineBytes && Buffer.byteLength(text) > limits.lineBytes)
  ) {
    reject("line_too_long", `A line may have ${limits.lineBytes} bytes.`)
  }
  const seen = scan(text)
  if (seen.depth > limits.depth) reject("too_deep", `A line may be nested ${limits.depth} levels deep.`)
  const parsed: unknown = JSON.parse(text)
  if (!isObject(parsed)) return reject("not_an_object", "A line must be a JSON object.")
  const exact = seen.bigNumber ? (JSON.parse(text, keepBigNumbers) as Record<string, unknown>) : parsed
  const line = blankLine()
  if (seen.members !== countMembers(parsed)) line.flags |= flagBits.duplicate_keys
  fill(line, parsed, exact, window)
  if (line.givenId === null) line.canonical = canonicalLine(exact)
  return line
}

/** Integers beyond 2^53 and numbers beyond a double stay as they are written, as text (RFC 8259 section 6, I-JSON RFC 7493). */
function keepBigNumbers(this: unknown, _key: string, value: unknown, context?: { source?: string }): unknown {
  const lossy =
    typeof value === "number" && (!Number.isFinite(value) || (Number.isInteger(value) && !Number.isSafeInteger(value)))
  return lossy ? (context?.source ?? String(value)) : value
}

/** Fields that we know are read from `parsed`; what is only kept comes from `exact`, where no number lost a digit. */
function fill(line: ValidLine, parsed: Record<string, unknown>, exact: Record<string, unknown>, window: Window): void {
  let rawReason: unknown = null
  const rest: Record<string, unknown>[] = []
  const scopeFields: [string, unknown][] = []
  let unknown: Record<string, unknown> | null = null
  const keep = (key: string, value: unknown) => {
    unknown ??= Object.create(null) as Record<string, unknown>
    unknown[key] = exact === parsed ? value : (exact[key] ?? value)
  }
  for (const key of Object.keys(parsed)) {
    const value = parsed[key]
    if (value === null) continue
    switch (key) {
      case "event":
        line.event = eventOf(value)
        break
      case "event_id":
        line.givenId = word(key, value)
        break
      case "timestamp":
        line.ts = timestampOf(value, window, line)
        break
      case "trace_id":
        line.traceId = word(key, value)
        break
      case "client_id":
        line.client = word(key, value)
        break
      case "user_id":
        line.userId = word(key, value)
        break
      case "grant_type":
        line.grantType = word(key, value)
        break
      case "audience":
        line.audience = audienceOf(value, keep)
        break
      case "auth_server":
        line.provider = word(key, value)
        break
      case "jti":
        line.jti = word(key, value)
        break
      case "kid":
        line.kid = word(key, value)
        break
      case "secret_fingerprint":
        line.secret = word(key, value)
        break
      case "resource":
        line.resource = freeText(key, value, line)
        break
      case "user_agent":
        line.agent = freeText(key, value, line)
        break
      case "validation_result":
        line.result = resultOf(value)
        break
      case "failure_reason":
        rawReason = value
        break
      case "duration_ms":
        line.durationMs = durationOf(value)
        break
      case "expires_in":
        line.expiresIn = secondsOf(value)
        break
      case "scopes":
      case "scope":
      case "scp":
        scopeFields.push([key, value])
        break
      case "token_type": {
        const at = tokenTypes.indexOf(value as never)
        if (at >= 0) line.tokenType = at
        else keep(key, value)
        break
      }
      case "ip":
        if (typeof value === "string" && isIP(value) > 0 && !value.includes("%")) line.ip = value
        else keep(key, value)
        break
      case "extra":
        if (isObject(value)) rest.push(isObject(exact.extra) ? exact.extra : value)
        else keep(key, value)
        break
      default:
        keep(key, value)
    }
  }
  if (line.event < 0) reject("missing_event", `A line needs an event: ${eventNames.join(", ")}.`)
  scopesOf(scopeFields, line, keep)
  outcome(line, rawReason, keep)
  if (unknown) rest.push(unknown)
  if (rest.length > 0) extraOf(rest, line)
}

const eventOf = (value: unknown): number => {
  const at = eventNames.indexOf(value as never)
  return at >= 0 ? at : reject("unknown_event", `The event must be one of ${eventNames.join(", ")}.`)
}

function word(key: string, value: unknown): string | null {
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

function audienceOf(value: unknown, keep: (key: string, value: unknown) => void): string | null {
  if (!Array.isArray(value)) return word("audience", value)
  const words = value.map((item) => word("audience", item))
  if (words.length > 1) keep("audiences", words)
  return words[0] ?? null
}

function freeText(key: string, value: unknown, line: ValidLine): string | null {
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

function timestampOf(value: unknown, window: Window, line: ValidLine): number {
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

const resultOf = (value: unknown): number =>
  value === "success"
    ? 0
    : value === "failure"
      ? 1
      : reject("bad_value", "validation_result must be success or failure.")

function durationOf(value: unknown): number {
  return typeof value === "number" && value >= 0 && value <= 1e9
    ? value
    : reject("bad_number", "duration_ms must be a number of milliseconds from 0.")
}

function secondsOf(value: unknown): number {
  return Number.isInteger(value) && (value as number) >= 0 && (value as number) <= 0x7fffffff
    ? (value as number)
    : reject("bad_number", "expires_in must be a whole number of seconds from 0.")
}

/** `scopes` before `scope` before `scp`; the others of them stay in extra. */
function scopesOf(
  fields: readonly [string, unknown][],
  line: ValidLine,
  keep: (key: string, value: unknown) => void,
): void {
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

function outcome(line: ValidLine, rawReason: unknown, keep: (key: string, value: unknown) => void): void {
  if (rawReason !== null && typeof rawReason !== "string") reject("wrong_type", "failure_reason must be text.")
  const raw = rawReason === "" ? null : (rawReason as string | null)
  if (line.result < 0) line.result = raw !== null ? 1 : line.event === 1 ? 2 : 0
  if (raw === null) return
  if (line.result !== 1) return keep("failure_reason", raw)
  const lower = raw.toLowerCase()
  const known = reasonAliases[lower] ?? (knownReasons.has(lower) ? lower : null)
  line.reason = known ?? "other"
  if (known === null) keep("failure_reason", raw)
}

const knownReasons: ReadonlySet<string> = new Set(reasons)

function extraOf(parts: readonly Record<string, unknown>[], line: ValidLine): void {
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
