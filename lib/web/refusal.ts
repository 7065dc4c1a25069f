import { Invalid, Unavailable, type Refused } from "../base/errors.ts"

/** A refusal as an RFC 9457 problem. `code` is stable; `errors` names each unusable field of a 422; other members are the evidence. */
export function refusal(known: Refused, requestId: string): Response {
  const headers: Record<string, string> = {
    "content-type": "application/problem+json",
    "cache-control": "private, no-store",
    "x-request-id": requestId,
  }
  if (known instanceof Unavailable) headers["retry-after"] = String(known.retryAfterSeconds)
  if (known.status === 401) headers["www-authenticate"] = 'Bearer realm="grantry"'
  const body = {
    ...known.evidence,
    type: "about:blank",
    title: titles[known.status] ?? "Refused",
    status: known.status,
    code: known.code,
    detail: known.message,
    request_id: requestId,
    ...(known instanceof Invalid ? { errors: known.errors } : {}),
  }
  return new Response(JSON.stringify(body), { status: known.status, headers })
}

const titles: Readonly<Record<number, string>> = {
  400: "Bad request",
  401: "Not signed in",
  403: "Not permitted",
  404: "Not found",
  405: "Method not allowed",
  408: "Too slow",
  409: "Conflict",
  410: "Gone",
  412: "Changed meanwhile",
  413: "Too large",
  415: "Unsupported type",
  422: "Not acceptable",
  428: "If-Match needed",
  429: "Too many requests",
  500: "Unexpected error",
  503: "Unavailable",
}
