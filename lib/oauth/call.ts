import { OAuthError } from "./errors.ts"

/** The fetch of the platform, or a guarded one. It must honour `init.signal`, but the limits hold when it does not. */
export type Fetch = (url: string, init?: RequestInit) => Promise<Response>

export const defaultTimeoutMs = 5_000
/** Enough for any token, key set or metadata answer; a larger one is refused unread. */
const answerBytesMax = 1_048_576

/** Runs `run` under a time limit. The signal aborts it; the limit rejects with code `timeout` even if `run` ignores it. */
export async function withinLimit<T>(limitMs: number, run: (signal: AbortSignal) => Promise<T>): Promise<T> {
  const abort = new AbortController()
  let timer: ReturnType<typeof setTimeout> | undefined
  const limit = new Promise<never>((_, reject) => {
    timer = setTimeout(() => {
      const late = new OAuthError("timeout", `No answer within ${limitMs} ms`, {
        transient: true,
        evidence: { limitMs },
      })
      reject(late)
      abort.abort(late)
    }, limitMs)
  })
  try {
    return await Promise.race([run(abort.signal), limit])
  } finally {
    clearTimeout(timer)
  }
}

export interface JsonAnswer {
  readonly status: number
  readonly headers: Headers
  /** undefined when the body is empty or is not JSON */
  readonly body: unknown
}

/**
 * One request whose answer is read as JSON, limit included the body. Redirects are not followed: credentials go to the
 * address that was configured or to none. A network failure is `unreachable`; its text is kept as the cause only.
 */
export async function callJson(fetch: Fetch, url: string, init: RequestInit, limitMs: number): Promise<JsonAnswer> {
  return withinLimit(limitMs, async (signal) => {
    const response = await fetch(url, { ...init, redirect: "manual", signal }).catch((cause: unknown) => {
      if (cause instanceof OAuthError) throw cause
      throw new OAuthError("unreachable", `No connection to ${originOf(url)}`, { transient: true, cause })
    })
    const text = await readText(response, url)
    return { status: response.status, headers: response.headers, body: parsed(text) }
  })
}

async function readText(response: Response, url: string): Promise<string> {
  if (response.body === null) return ""
  const reader = response.body.getReader()
  const parts: Uint8Array[] = []
  let bytes = 0
  for (;;) {
    const { done, value } = await reader.read().catch((cause: unknown) => {
      throw new OAuthError("unreachable", `The answer of ${originOf(url)} broke off`, { transient: true, cause })
    })
    if (done) break
    bytes += value.byteLength
    if (bytes > answerBytesMax) {
      await reader.cancel().catch(() => undefined)
      throw new OAuthError("bad_answer", `The answer of ${originOf(url)} is larger than ${answerBytesMax} bytes`)
    }
    parts.push(value)
  }
  const all = new Uint8Array(bytes)
  let at = 0
  for (const part of parts) {
    all.set(part, at)
    at += part.byteLength
  }
  return new TextDecoder().decode(all)
}

function parsed(text: string): unknown {
  try {
    return text === "" ? undefined : (JSON.parse(text) as unknown)
  } catch {
    return undefined
  }
}

/** The part of an address that may stand in a message: no path, no query, no userinfo. */
export function originOf(url: string): string {
  try {
    return new URL(url).origin
  } catch {
    return "an address that is no URL"
  }
}

export const isRecord = (value: unknown): value is Record<string, unknown> =>
  typeof value === "object" && value !== null && !Array.isArray(value)
