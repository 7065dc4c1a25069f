import { confirmed } from "./stepUp.ts"

/** One unusable field, as lib/base/errors.ts names it. */
export interface FieldProblem {
  readonly path: string
  readonly code: string
  readonly message: string
}

/** A problem of RFC 9457 with Grantry's stable `code`; `evidence` holds its other members. */
export class ApiError extends Error {
  readonly status: number
  readonly code: string
  readonly requestId: string | null
  readonly errors: readonly FieldProblem[]
  readonly evidence: Readonly<Record<string, unknown>>

  constructor(status: number, body: Readonly<Record<string, unknown>>) {
    super(typeof body.detail === "string" ? body.detail : `The server answered ${status}.`)
    this.name = "ApiError"
    this.status = status
    this.code = typeof body.code === "string" ? body.code : `http_${status}`
    this.requestId = typeof body.request_id === "string" ? body.request_id : null
    this.errors = Array.isArray(body.errors) ? body.errors.filter(isFieldProblem) : []
    this.evidence = body
  }
}

/** There is no such object, or not for this viewer: asking again brings nothing. */
export const isNotFound = (error: unknown): boolean => error instanceof ApiError && error.status === 404

const isFieldProblem = (value: unknown): value is FieldProblem =>
  typeof value === "object" &&
  value !== null &&
  "path" in value &&
  typeof value.path === "string" &&
  "message" in value &&
  typeof value.message === "string"

const isObject = (value: unknown): value is Record<string, unknown> =>
  typeof value === "object" && value !== null && !Array.isArray(value)

export interface ApiOptions {
  readonly method?: "GET" | "POST" | "PUT" | "PATCH" | "DELETE"
  readonly body?: unknown
  /** The version that was read: sent as If-Match, a change meanwhile is refused with 412. */
  readonly version?: number | null
  /** Lets the server recognise a repeated POST. */
  readonly idempotencyKey?: string
  readonly signal?: AbortSignal
}

/** A page of a list: `next` is the cursor of the following one, null at the end. */
export interface Page<T> {
  readonly items: readonly T[]
  readonly next: string | null
  readonly total?: number
}

/**
 * Calls `/api/v1{path}` with the session cookie. Throws ApiError for every answer beyond 2xx. `T` is the shape that the
 * route of this same build declares, so it is trusted here.
 */
export async function api<T = void>(path: string, options: ApiOptions = {}): Promise<T> {
  return (await apiWithVersion<T>(path, options)).data
}

/** As `api`, with the version out of the ETag (null without one): hand it back as `version` when you save. */
export async function apiWithVersion<T>(
  path: string,
  options: ApiOptions = {},
): Promise<{ data: T; version: number | null }> {
  try {
    return await sendOnce<T>(path, options)
  } catch (error) {
    if (error instanceof ApiError && error.code === "step_up_needed" && (await confirmed()))
      return sendOnce<T>(path, options)
    throw error
  }
}

async function sendOnce<T>(path: string, options: ApiOptions): Promise<{ data: T; version: number | null }> {
  const headers = new Headers({ accept: "application/json" })
  if (options.body !== undefined) headers.set("content-type", "application/json")
  if (options.version !== undefined && options.version !== null) headers.set("if-match", `"${options.version}"`)
  if (options.idempotencyKey !== undefined) headers.set("idempotency-key", options.idempotencyKey)
  const init: RequestInit = { method: options.method ?? "GET", headers, credentials: "same-origin", cache: "no-store" }
  if (options.body !== undefined) init.body = JSON.stringify(options.body)
  if (options.signal) init.signal = options.signal
  const response = await send(`/api/v1${path}`, init)
  const text = await response.text()
  const body = parsed(text)
  if (!response.ok) {
    if (response.status === 401 && typeof window !== "undefined") {
      window.location.assign(`/login?next=${encodeURIComponent(window.location.pathname + window.location.search)}`)
    }
    throw new ApiError(response.status, isObject(body) ? body : {})
  }
  const version = /^(?:W\/)?"(\d+)"$/.exec(response.headers.get("etag") ?? "")?.[1]
  return { data: body as T, version: version === undefined ? null : Number(version) }
}

async function send(url: string, init: RequestInit): Promise<Response> {
  try {
    return await fetch(url, init)
  } catch (error) {
    if (error instanceof DOMException && error.name === "AbortError") throw error
    throw new ApiError(0, {
      code: "unreachable",
      detail: "The server cannot be reached. Nothing is known about what it did.",
    })
  }
}

function parsed(text: string): unknown {
  if (text === "") return undefined
  try {
    return JSON.parse(text)
  } catch {
    return undefined
  }
}

/** `?a=1&b=2` of the values that are set; lists repeat their name. */
export function queryString(
  values: Readonly<Record<string, string | number | boolean | null | undefined | readonly string[]>>,
): string {
  const search = new URLSearchParams()
  for (const [name, value] of Object.entries(values)) {
    if (value === null || value === undefined || value === "") continue
    if (Array.isArray(value)) for (const one of value) search.append(name, String(one))
    else search.set(name, String(value))
  }
  const text = search.toString()
  return text === "" ? "" : `?${text}`
}
