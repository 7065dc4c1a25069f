import type { z } from "zod"
import { FetchRefused, type GuardedAnswer, type GuardedFetch } from "../base/http.ts"
import { isObject, jsonOrUndefined } from "../base/json.ts"
import { redact } from "../base/redact.ts"
import { basic, formEncoded } from "../oauth/client-auth.ts"
import { ConnectorError, type ConnectorErrorCode } from "./connector-error.ts"

/**
 * What may be concluded when no readable answer came (providers.md 11.8). `create`: it may have happened, so the caller
 * finds and never re-sends. `read` and `write` (whole values, deletes) may be sent again.
 */
export type CallKind = "read" | "write" | "create"

export interface Call {
  /** Names the step in errors: `create client`. */
  readonly step: string
  readonly kind: CallKind
  readonly method: "GET" | "POST" | "PUT" | "PATCH" | "DELETE"
  readonly url: string
  readonly headers?: Readonly<Record<string, string>>
  /** Sent as JSON. */
  readonly json?: unknown
  /** Sent as `application/x-www-form-urlencoded`, instead of JSON. */
  readonly form?: Form
  /** Values that no error may repeat, whatever the provider echoes. */
  readonly hide?: readonly string[]
  readonly maxBytes?: number
  readonly timeoutMs?: number
  readonly now?: () => Date
  /** What the provider's own words for an error mean, where it answers one status for all of them (AWS: 400). */
  readonly codes?: Readonly<Record<string, ConnectorErrorCode>>
}

export interface Form {
  readonly fields: Readonly<Record<string, string>>
  /** Proves an OAuth client by HTTP Basic, each part form-encoded first (RFC 6749 section 2.3.1). No error repeats the secret. */
  readonly client?: { readonly id: string; readonly secret: string }
}

/** A call as it goes over the wire. */
interface Sent extends Call {
  readonly body?: string
}

/** Calls and reads the answer through `schema` (null: nothing is read of it, but it is empty or JSON; a page of HTML comes from somebody in between). Throws ConnectorError, and nothing else for what a provider can do. */
export async function call<T extends z.ZodType>(fetch: GuardedFetch, what: Call, schema: T): Promise<z.output<T>>
export async function call(fetch: GuardedFetch, what: Call, schema: null): Promise<null>
export async function call(fetch: GuardedFetch, given: Call, schema: z.ZodType | null): Promise<unknown> {
  const what = written(given)
  const answer = await send(fetch, what)
  if (answer.status < 200 || answer.status > 299) throw refusal(what, answer)
  const body = jsonOrUndefined(answer.text)
  if (schema === null && (body !== undefined || answer.text.trim() === "")) return null
  const parsed = schema?.safeParse(body)
  if (parsed?.success === true) return parsed.data
  // It answered 2xx, so a create has happened; what was made must be found again.
  throw new ConnectorError(
    what.kind === "create" ? "lost_answer" : "unknown",
    what.step,
    "The provider's answer is not what this API answers.",
    {
      httpStatus: answer.status,
      excerpt: excerpt(answer.text, what.hide),
      ...requestId(answer),
    },
  )
}

function written(what: Call): Sent {
  if (what.form === undefined)
    return what.json === undefined
      ? what
      : {
          ...what,
          headers: { "content-type": "application/json", ...what.headers },
          body: JSON.stringify(what.json),
        }
  const { fields, client } = what.form
  const authorization = client === undefined ? undefined : basic(client.id, client.secret)
  return {
    ...what,
    headers: {
      "content-type": "application/x-www-form-urlencoded",
      ...(authorization === undefined ? {} : { authorization }),
      ...what.headers,
    },
    body: new URLSearchParams(fields).toString(),
    hide: [
      ...(what.hide ?? []),
      ...(client === undefined ? [] : [client.secret, formEncoded(client.secret)]),
      ...(authorization === undefined ? [] : [authorization.slice("Basic ".length)]),
    ],
  }
}

async function send(fetch: GuardedFetch, what: Sent): Promise<GuardedAnswer> {
  try {
    return await fetch(what.url, {
      method: what.method,
      headers: { accept: "application/json", ...what.headers },
      ...(what.body === undefined ? {} : { body: what.body }),
      ...(what.maxBytes === undefined ? {} : { maxBytes: what.maxBytes }),
      ...(what.timeoutMs === undefined ? {} : { timeoutMs: what.timeoutMs }),
    })
  } catch (error) {
    if (!(error instanceof FetchRefused)) throw error
    const code =
      what.kind === "create" && mayHaveArrived(error)
        ? "lost_answer"
        : error.code === "too_large"
          ? "unknown"
          : "unavailable"
    throw new ConnectorError(code, what.step, error.message, { providerCode: error.code, cause: error })
  }
}

const neverSent = new Set([
  "ECONNREFUSED",
  "ENOTFOUND",
  "EAI_AGAIN",
  "EHOSTUNREACH",
  "ENETUNREACH",
  "UND_ERR_CONNECT_TIMEOUT",
])

/** Could the provider have received the request? When in doubt, yes. */
function mayHaveArrived(error: FetchRefused): boolean {
  if (error.code === "bad_url" || error.code === "blocked_address" || error.code === "redirect") return false
  for (let cause: unknown = error.cause; cause instanceof Error; cause = cause.cause) {
    if ("code" in cause && typeof cause.code === "string" && neverSent.has(cause.code)) return false
  }
  return true
}

/** providers.md 11.9, by status alone. 5xx after a create means "perhaps". */
function codeOf(status: number, kind: CallKind): ConnectorErrorCode {
  if (status === 401) return "auth_failed"
  if (status === 403) return "forbidden"
  if (status === 404 || status === 410) return "not_found"
  if (status === 409 || status === 412) return "conflict"
  if (status === 429) return "rate_limited"
  if (status >= 500) return kind === "create" ? "lost_answer" : "unavailable"
  if (status === 408) return kind === "create" ? "lost_answer" : "unavailable"
  if (status >= 400) return "invalid"
  return "unknown"
}

const sentences: Readonly<Record<ConnectorErrorCode, string>> = {
  auth_failed: "The provider does not accept our credentials.",
  forbidden: "Our credentials are not allowed to do this.",
  feature_missing: "The provider does not offer this.",
  quota: "A limit of the provider is reached.",
  not_found: "The provider does not have this object.",
  conflict: "The provider's state does not allow this now.",
  invalid: "The provider refused this as not acceptable.",
  rate_limited: "The provider asks us to slow down.",
  unavailable: "The provider did not answer properly.",
  unsupported: "The provider cannot do this.",
  lost_answer: "No clear answer came, so this may have happened.",
  unknown: "The provider answered something unexpected.",
}

function refusal(what: Call, answer: GuardedAnswer): ConnectorError {
  const providerCode = wordOf(jsonOrUndefined(answer.text))
  const meant = providerCode !== undefined && Object.hasOwn(what.codes ?? {}, providerCode)
  const code = (meant ? what.codes?.[providerCode] : undefined) ?? codeOf(answer.status, what.kind)
  const retryAt =
    code === "rate_limited" || code === "unavailable" ? retryTime(answer.headers, what.now ?? (() => new Date())) : null
  return new ConnectorError(code, what.step, sentences[code], {
    httpStatus: answer.status,
    excerpt: excerpt(answer.text, what.hide),
    ...(providerCode === undefined ? {} : { providerCode: hidden(providerCode, what.hide).slice(0, 100) }),
    ...(retryAt === null ? {} : { retryAt }),
    ...requestId(answer),
  })
}

/** The provider's own word for an error. AWS JSON 1.1 puts a namespace before it, and may put an address after it. */
function wordOf(body: unknown): string | undefined {
  if (!isObject(body)) return undefined
  const error = isObject(body.error) ? body.error.code : body.error
  const word = [body.errorCode, body.code, error].find((one) => typeof one === "string")
  return word ?? (typeof body.__type === "string" ? body.__type.replace(/^.*#/, "").replace(/:.*$/, "") : undefined)
}

/** When the window of a token bucket ends, in seconds since 1970: Auth0 writes it so, Okta with one more hyphen (providers.md 11.7). */
const resetHeaders = ["x-ratelimit-reset", "x-rate-limit-reset"]

/** The later of what the headers ask for. At most an hour, so that a bad clock never parks us for long. */
export function retryTime(headers: Headers, now: () => Date): Date | null {
  const resets = resetHeaders.map((name) => headers.get(name)).filter((text) => text !== null && /^\d+$/.test(text))
  const times = [retryAfter(headers.get("retry-after"), now()), ...resets.map((text) => Number(text) * 1_000)]
  const at = Math.max(...times.filter((time) => time !== null && Number.isFinite(time)).map(Number))
  return Number.isFinite(at) ? new Date(Math.min(at, now().getTime() + 3_600_000)) : null
}

/** RFC 9110 section 10.2.3: seconds or a date, here as milliseconds since 1970. */
function retryAfter(header: string | null, now: Date): number | null {
  if (header === null) return null
  return /^\d+$/.test(header.trim()) ? now.getTime() + Number(header) * 1_000 : Date.parse(header)
}

const hidden = (text: string, values: readonly string[] = []): string =>
  values
    .filter((value) => value !== "")
    .reduce(
      (clean, value) =>
        clean.replaceAll(value, "[redacted]").replaceAll(JSON.stringify(value).slice(1, -1), "[redacted]"),
      text,
    )

const excerpt = (text: string, hide: readonly string[] | undefined): string => redact(hidden(text, hide)).slice(0, 500)

function requestId(answer: GuardedAnswer): { requestId?: string } {
  const names = ["x-request-id", "x-okta-request-id", "x-amzn-requestid", "request-id", "x-ms-request-id"]
  const id = names.map((name) => answer.headers.get(name)).find((text) => text !== null) ?? null
  return id === null ? {} : { requestId: id.slice(0, 200) }
}
