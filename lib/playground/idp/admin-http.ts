import type { IncomingMessage, ServerResponse } from "node:http"
import type { Logger } from "pino"
import { equalSecret } from "../../base/digest.ts"
import { Invalid, invalid, Refused, staleEtag } from "../../base/errors.ts"
import { newId } from "../../base/id.ts"
import type { AdminAnswer, AdminParts } from "./admin-route.ts"
import { findRoute } from "./admin.ts"
import { readToken } from "./settings.ts"

const bodyMaxBytes = 256 * 1_024

/** Serves one request under `/admin`: who, may they, what. Errors are RFC 9457 problems with a stable `code`. */
export function adminHandler(parts: AdminParts, adminToken: string, log: Logger) {
  const readOnly = readToken(adminToken)
  return async (req: IncomingMessage, res: ServerResponse): Promise<void> => {
    try {
      const may = permissionOf(req.headers.authorization, adminToken, readOnly)
      const url = new URL(req.url ?? "/", parts.issuer)
      const { route, params } = findRoute(req.method ?? "GET", url.pathname)
      if (route.writes && may !== "write") throw new Refused("forbidden", "This token may only read.", { status: 403 })
      const body = await readBody(req)
      const actor = { name: actorName(req.headers["grantry-actor"], may) }
      answer(
        res,
        await route.run(parts, {
          params,
          query: url.searchParams,
          body,
          actor,
          may,
          ifMatch: ifMatch(req.headers["if-match"]),
        }),
      )
    } catch (error) {
      refuse(res, error, log)
    }
  }
}

function permissionOf(authorization: string | undefined, adminToken: string, readOnly: string): "read" | "write" {
  const given = /^Bearer ([\x21-\x7E]+)$/i.exec(authorization ?? "")?.[1] ?? ""
  // Both comparisons always run: the time tells nothing.
  const [write, read] = [equalSecret(given, adminToken), equalSecret(given, readOnly)]
  if (write) return "write"
  if (read) return "read"
  throw new Refused("unauthorized", "A bearer token of this admin API is needed.", { status: 401 })
}

/** Whom the caller acts for, as it says; always beside the token's own name. */
const actorName = (header: string | string[] | undefined, may: string): string => {
  const named = [header]
    .flat()[0]
    ?.replace(/[^\x20-\x7E]/g, "")
    .slice(0, 200)
  return named ? `${may} token for ${named}` : `${may} token`
}

function ifMatch(header: string | undefined): number | null {
  if (header === undefined || header === "*") return null
  const revision = /^"(\d{1,9})"$/.exec(header)?.[1]
  if (revision === undefined) throw staleEtag("unknown")
  return Number(revision)
}

async function readBody(req: IncomingMessage): Promise<unknown> {
  const chunks: Buffer[] = []
  let total = 0
  for await (const chunk of req as AsyncIterable<Buffer>) {
    total += chunk.byteLength
    if (total > bodyMaxBytes)
      throw new Refused("too_large", `The body is longer than ${bodyMaxBytes} bytes.`, { status: 413 })
    chunks.push(chunk)
  }
  if (total === 0) return undefined
  if (!/^application\/json\b/i.test(req.headers["content-type"] ?? ""))
    throw new Refused("unsupported_media_type", "Send application/json.", { status: 415 })
  try {
    return JSON.parse(Buffer.concat(chunks).toString("utf8"))
  } catch {
    throw invalid("", "bad_json", "the body is not JSON")
  }
}

function answer(res: ServerResponse, { status, body, etag }: AdminAnswer): void {
  const headers: Record<string, string> = { "cache-control": "no-store", ...(etag === undefined ? {} : { etag }) }
  if (body === undefined) {
    res.writeHead(status, headers).end()
    return
  }
  res.writeHead(status, { ...headers, "content-type": "application/json; charset=utf-8" }).end(JSON.stringify(body))
}

function refuse(res: ServerResponse, error: unknown, log: Logger): void {
  const requestId = newId()
  const known = error instanceof Refused ? error : null
  if (!known)
    log.error(
      { err: error instanceof Error ? error.message : "unknown", request_id: requestId },
      "admin request failed",
    )
  const status = known?.status ?? (isStoreGone(error) ? 503 : 500)
  const problem = {
    type: "about:blank",
    status,
    code: known?.code ?? (status === 503 ? "store_unavailable" : "internal"),
    title: known?.message ?? (status === 503 ? "The store of this server does not answer." : "This server failed."),
    request_id: requestId,
    ...(known instanceof Invalid ? { errors: known.errors } : {}),
  }
  res
    .writeHead(status, {
      "content-type": "application/problem+json; charset=utf-8",
      "cache-control": "no-store",
      "x-request-id": requestId,
      ...(status === 401 ? { "www-authenticate": "Bearer" } : {}),
      ...(status === 503 ? { "retry-after": "2" } : {}),
      // The rest of a refused body is not read, so the connection cannot be used again.
      ...(status === 413 ? { connection: "close" } : {}),
    })
    .end(JSON.stringify(problem))
}

/** Connection and shutdown classes of SQLSTATE, the driver's own words for a lost connection, and sockets. */
export const isStoreGone = (error: unknown): boolean => {
  if (!(error instanceof Error)) return false
  const code = "code" in error && typeof error.code === "string" ? error.code : ""
  return (
    /^(08|53|57P|ECONN|EPIPE|ETIMEDOUT|ENOENT)/.test(code) ||
    code === "57014" ||
    (code === "" && /connection|timeout/i.test(error.message))
  )
}
