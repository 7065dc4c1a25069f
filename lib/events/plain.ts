import { isIP } from "node:net"
import { canonicalLine } from "./identity.ts"
import { aheadFlagMs, aheadMaxMs, lateFlagMs, limits } from "./limits.ts"
import { blankLine, type ValidLine, type Window } from "./line.ts"
import { parseTimestamp } from "./timestamp.ts"
import { eventNames, flagBits, reasonWords, tokenTypes } from "./words.ts"

/** The members of a line, each with the place in `members` that its name's rank gives it: sorted as RFC 8785 sorts. */
const names = [
  "audience",
  "auth_server",
  "client_id",
  "duration_ms",
  "event",
  "event_id",
  "expires_in",
  "failure_reason",
  "grant_type",
  "ip",
  "jti",
  "kid",
  "resource",
  "scope",
  "scopes",
  "scp",
  "secret_fingerprint",
  "timestamp",
  "token_type",
  "trace_id",
  "user_agent",
  "user_id",
  "validation_result",
] as const
type Name = (typeof names)[number]
const ranks: ReadonlyMap<string, number> = new Map(names.map((name, rank) => [name, rank]))
/** What stands in the text, for a comparison in place. */
const quoted = names.map((name) => `"${name}":`)
/** The member that came after this one last time: senders write their lines in one order. The last place is for the first member. */
const following = new Uint8Array(names.length + 1)

/** Where the members of the line that is being read lie in it, by rank. */
const starts = new Int32Array(names.length)
const ends = new Int32Array(names.length)

/** Escapes, control characters and DEL: such a line goes the careful way. */
const unusual = /[\u0000-\u001f\u007f\\]/
/** A word or text of this many UTF-16 units is below every limit in bytes. */
const unitsMax = Math.floor(limits.wordBytes / 3)
const digitsMax = 15
const decimalsMax = 6

/** Texts of scope lists and times that came lately, as they are stored. */
const scopeLists = new Map<string, string | null>()
const cacheMax = 2_000

const quote = 34
const comma = 44
const space = 32

/**
 * A line of the usual shape (one flat object of fields that we know, no escapes, nothing to refuse or to flag but its time)
 * to what `validateLine` makes of it, in one pass and without a JSON parser. Null: anything else, which is then read the
 * careful way. A property holds the two equal.
 */
export function readPlain(text: string, window: Window): ValidLine | null {
  const end = text.length - 1
  if (text.charCodeAt(0) !== 123 || text.charCodeAt(end) !== 125 || text.length > limits.lineBytes / 3) return null
  if (unusual.test(text) || !text.isWellFormed()) return null
  const line = blankLine()
  let compact = true
  let seen = 0
  let scopeFields = 0
  let reason: string | null = null
  let before: number = names.length
  let at = 1
  for (;;) {
    const from = at
    let rank: number = following[before] ?? 0
    if (!text.startsWith(quoted[rank] ?? "", at)) {
      const close = text.charCodeAt(at) === quote ? text.indexOf('"', at + 1) : -1
      if (close < 0 || text.charCodeAt(close + 1) !== 58) return null
      const found = ranks.get(text.slice(at + 1, close))
      if (found === undefined) return null
      rank = found
      following[before] = rank
    }
    before = rank
    if ((seen & (1 << rank)) !== 0) return null
    seen |= 1 << rank
    at += (quoted[rank] ?? "").length
    if (text.charCodeAt(at) === space) {
      compact = false
      at++
    }
    const c = text.charCodeAt(at)
    const name = names[rank] as Name
    if (c === quote) {
      const close = text.indexOf('"', at + 1)
      if (close < 0) return null
      if (close > at + 1) {
        const value = text.slice(at + 1, close)
        if (value.length > (name === "resource" || name === "user_agent" ? limits.textUnits : unitsMax)) return null
        if (name === "failure_reason") reason = value
        else if (!take(line, name, value, window)) return null
      } else if (name !== "client_id" && name !== "trace_id" && name !== "user_id" && name !== "grant_type") return null
      at = close + 1
    } else if (c === 91) {
      const close = text.indexOf("]", at)
      if (close < 0 || (name !== "scopes" && name !== "scope" && name !== "scp") || ++scopeFields > 1) return null
      const written = text.slice(at, close + 1)
      let list = scopeLists.get(written)
      if (list === undefined) {
        const read = readScopes(written)
        if (read === undefined) return null
        list = read
        if (scopeLists.size >= cacheMax) scopeLists.clear()
        // A copy: a slice would keep the whole body in memory.
        scopeLists.set(Buffer.from(written).toString(), list)
      }
      line.scopes = list
      if (compact && written.includes(", ")) compact = false
      at = close + 1
    } else if (c >= 48 && c <= 57) {
      const start = at
      while (isDigit(text.charCodeAt(at))) at++
      const whole = at - start
      if (whole > 1 && c === 48) return null
      if (text.charCodeAt(at) === 46) {
        do at++
        while (isDigit(text.charCodeAt(at)))
        const decimals = at - start - whole - 1
        // A zero at the end is not canonical, and a point needs digits after it.
        if (decimals < 1 || decimals > decimalsMax || text.charCodeAt(at - 1) === 48) return null
      }
      if (at - start > digitsMax) return null
      const value = Number(text.slice(start, at))
      if (name === "duration_ms" && value <= 1e9) line.durationMs = value
      else if (name === "expires_in" && value <= 0x7fffffff && whole === at - start) line.expiresIn = value
      else return null
    } else if (text.startsWith("null", at)) at += 4
    else return null
    starts[rank] = from
    ends[rank] = at
    if (text.charCodeAt(at) !== comma) break
    at++
    if (text.charCodeAt(at) === space) {
      compact = false
      at++
    }
  }
  if (at !== end || line.event < 0) return null
  if (!outcome(line, reason)) return null
  if (line.givenId === null)
    line.canonical = compact ? canonical(text, seen) : canonicalLine(JSON.parse(text) as Record<string, unknown>)
  return line
}

const isDigit = (c: number): boolean => c >= 48 && c <= 57

/** A compact line's members, sorted. Numbers and texts of a plain line are canonical as they are written. */
function canonical(text: string, seen: number): string {
  let sorted = "{"
  for (let rank = 0; rank < names.length; rank++) {
    if ((seen & (1 << rank)) !== 0)
      sorted += sorted.length > 1 ? `,${text.slice(starts[rank], ends[rank])}` : text.slice(starts[rank], ends[rank])
  }
  return `${sorted}}`
}

/** Puts a text that is not empty in its place. False: it needs the careful way. */
function take(line: ValidLine, name: Name, value: string, window: Window): boolean {
  switch (name) {
    case "event":
      return (line.event = eventNames.indexOf(value as never)) >= 0
    case "event_id":
      line.givenId = value
      return true
    case "timestamp":
      return timed(line, value, window)
    case "trace_id":
      line.traceId = value
      return true
    case "client_id":
      line.client = value
      return true
    case "user_id":
      line.userId = value
      return true
    case "grant_type":
      line.grantType = value
      return true
    case "audience":
      line.audience = value
      return true
    case "auth_server":
      line.provider = value
      return true
    case "jti":
      line.jti = value
      return true
    case "kid":
      line.kid = value
      return true
    case "secret_fingerprint":
      line.secret = value
      return true
    case "resource":
      line.resource = value
      return true
    case "user_agent":
      line.agent = value
      return true
    case "validation_result":
      return (line.result = value === "success" ? 0 : value === "failure" ? 1 : -1) >= 0
    case "token_type":
      return (line.tokenType = tokenTypes.indexOf(value as never)) >= 0
    case "ip":
      line.ip = value
      return isPlainIpv4(value) || (isIP(value) > 0 && !value.includes("%"))
    default:
      return false
  }
}

function timed(line: ValidLine, value: string, window: Window): boolean {
  const instant = parseTimestamp(value)
  if (!instant || instant.leap) return false
  const ms = instant.us / 1_000
  if (ms < window.oldestMs || ms > window.nowMs + aheadMaxMs) return false
  if (ms > window.nowMs + aheadFlagMs) line.flags |= flagBits.ahead
  if (ms < window.nowMs - lateFlagMs) line.flags |= flagBits.late
  line.ts = instant.us
  return true
}

function outcome(line: ValidLine, raw: string | null): boolean {
  if (line.result < 0) line.result = raw !== null ? 1 : line.event === 1 ? 2 : 0
  if (raw === null) return true
  line.reason = reasonWords.get(raw) ?? null
  return line.reason !== null && line.result === 1
}

/** A list of plain names; undefined is anything else. */
function readScopes(written: string): string | null | undefined {
  const items: unknown = safely(written)
  if (!Array.isArray(items) || items.length > limits.scopes) return undefined
  const list = new Set<string>()
  for (const item of items as unknown[]) {
    if (typeof item !== "string" || item === "" || item.length > unitsMax) return undefined
    list.add(item)
  }
  // More than one space between two items would hide from the test for a compact text.
  if (JSON.stringify(items) !== written.replaceAll('", "', '","')) return undefined
  return list.size > 0 ? [...list].join("\n") : null
}

function safely(json: string): unknown {
  try {
    return JSON.parse(json)
  } catch {
    return undefined
  }
}

/** Four numbers up to 255 without leading zeros, as `isIP` of node:net takes them. */
function isPlainIpv4(text: string): boolean {
  let parts = 0
  let value = -1
  for (let i = 0; i <= text.length; i++) {
    const c = i < text.length ? text.charCodeAt(i) : 46
    if (c === 46) {
      if (value < 0 || value > 255) return false
      parts++
      value = -1
    } else if (c >= 48 && c <= 57 && value !== 0) value = value < 0 ? c - 48 : value * 10 + c - 48
    else return false
  }
  return parts === 4
}
