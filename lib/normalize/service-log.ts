/**
 * The log of a service that guards itself with go-authkit (document 3), as token events. It says which calls were judged
 * and how, not by whose token: `response completed in 0.002s` with status and duration, and before a refusal `error in
 * response` with its code, joined by their request's id. Pure, and total: what is no such line goes on as it is.
 */
import { sha256 } from "../base/digest.ts"
import { isObject } from "../base/json.ts"

/** Our words for the library's codes. `authenticationFailed` says no more than that: its own word is kept. */
const reasons: ReadonlyMap<string, string> = new Map([
  ["bearerTokenMissing", "missing_token"],
  ["authorizationFailed", "insufficient_scope"],
  ["serviceUnavailable", "introspection_unavailable"],
])
/** What a status says alone, where the line with the code is not there. */
const reasonOfStatus: Readonly<Record<number, string>> = { 401: "invalid_token", 403: "insufficient_scope" }

export interface Translated {
  /** Lines for the ingestion. */
  readonly lines: readonly string[]
  /** Where each stood in the log, from 0. */
  readonly at: readonly number[]
}

export function readServiceLog(log: readonly string[]): Translated {
  const lines: string[] = []
  const at: number[] = []
  /** Codes that wait for the end of their request. Without ids requests are told apart by their order alone. */
  const codes = new Map<string, string>()
  log.forEach((text, index) => {
    const raw = parsed(text)
    const { msg, error_code: code } = raw ?? {}
    if (raw === null || typeof msg !== "string") return void (lines.push(text), at.push(index))
    const request = words(raw.int_request_id, raw.request_id)[0] ?? ""
    if (msg === "error in response") {
      if (typeof code === "string") codes.set(request, code)
      return
    }
    if (!msg.startsWith("response completed in ")) return
    const judged = eventOf(raw, text, codes.get(request))
    codes.delete(request)
    if (judged !== null) {
      lines.push(JSON.stringify(judged))
      at.push(index)
    }
  })
  return { lines, at }
}

/** Null for a call that no guard has judged: an unknown address, a failure of the service's own. */
function eventOf(raw: Readonly<Record<string, unknown>>, text: string, code: string | undefined): object | null {
  const { status, method, uri, duration, duration_ms: milliseconds } = raw
  if (typeof status !== "number" || status === 404 || (status >= 500 && code !== "serviceUnavailable")) return null
  const refused = status === 401 || status === 403 || code === "serviceUnavailable"
  const reason = code === undefined ? reasonOfStatus[status] : (reasons.get(code) ?? code)
  // Microseconds, as the library writes them beside the rounded milliseconds.
  const took = typeof duration === "number" ? duration / 1_000 : milliseconds
  const [trace] = words(raw.trace_id, raw.request_id)
  const [id] = words(raw.int_request_id)
  return {
    event: "token_validated",
    event_id: id ?? sha256(text).toString("hex").slice(0, 32),
    ...(typeof raw.time === "string" ? { timestamp: raw.time } : {}),
    ...(trace === undefined ? {} : { trace_id: trace }),
    validation_result: refused ? "failure" : "success",
    ...(refused && reason !== undefined ? { failure_reason: reason } : {}),
    ...(typeof took === "number" && took >= 0 ? { duration_ms: took } : {}),
    ...(typeof uri === "string" ? { resource: `${String(method)} ${uri.split("?")[0]}` } : {}),
    ...(typeof raw.remote_addr_ip === "string" ? { ip: raw.remote_addr_ip } : {}),
    ...(typeof raw.user_agent === "string" ? { user_agent: raw.user_agent } : {}),
    status,
  }
}

const words = (...values: readonly unknown[]): string[] =>
  values.filter((value): value is string => typeof value === "string" && value !== "")

function parsed(text: string): Readonly<Record<string, unknown>> | null {
  try {
    const value: unknown = JSON.parse(text)
    return isObject(value) ? value : null
  } catch {
    return null
  }
}
