import { isIP } from "node:net"
import { isObject } from "../base/json.ts"
import {
  audienceOf,
  durationOf,
  eventOf,
  extraOf,
  freeText,
  outcome,
  Reject,
  reject,
  resultOf,
  scopesOf,
  secondsOf,
  timestampOf,
  word,
} from "./fields.ts"
import { canonicalLine } from "./identity.ts"
import { limits } from "./limits.ts"
import { blankLine, type ValidLine, type Window } from "./line.ts"
import { readPlain } from "./plain.ts"
import { countMembers, scan } from "./scan.ts"
import { eventNames, flagBits, type Rejection, tokenTypes } from "./words.ts"

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
