/** What a route of the admin API is, and how it reads what it was sent. */
import type { Provider } from "oidc-provider"
import { z } from "zod"
import { invalid, notFound } from "../../base/errors.ts"
import type { Pool } from "../../db/pool.ts"
import type { Actor } from "./changes.ts"
import { findClient } from "./clients.ts"

export interface AdminParts {
  readonly pool: Pool
  readonly kek: Buffer
  readonly issuer: string
  /** The present provider, for what only the library can make. */
  readonly provider: () => Promise<Provider>
  /** Keys or scope names moved: the next protocol request is served by a new provider. */
  readonly changed: () => void
}

export interface AdminRequest {
  readonly params: readonly string[]
  readonly query: URLSearchParams
  readonly body: unknown
  readonly actor: Actor
  /** What the caller's token may do. */
  readonly may: "read" | "write"
  /** The revision of If-Match; null when absent or `*`. */
  readonly ifMatch: number | null
}

export interface AdminAnswer {
  readonly status: number
  readonly body?: unknown
  readonly etag?: string
}

export interface AdminRoute {
  readonly method: "GET" | "POST" | "PATCH" | "DELETE"
  readonly path: RegExp
  readonly writes: boolean
  readonly run: (parts: AdminParts, request: AdminRequest) => Promise<AdminAnswer>
}

const segment = "([^/]+)"
export const at = (template: string): RegExp => new RegExp(`^/admin${template.replaceAll(":x", segment)}$`)
export const get = (path: string, run: AdminRoute["run"]): AdminRoute => ({
  method: "GET",
  path: at(path),
  writes: false,
  run,
})
export const change = (method: "POST" | "PATCH" | "DELETE", path: string, run: AdminRoute["run"]): AdminRoute => ({
  method,
  path: at(path),
  writes: true,
  run,
})

/** Reads a body through its schema; every unusable field is named. */
export function parse<T extends z.ZodType>(schema: T, body: unknown): z.output<T> {
  const parsed = schema.safeParse(body ?? {})
  if (parsed.success) return parsed.data
  const issue = parsed.error.issues
  throw invalid(
    issue[0]?.path.join(".") ?? "",
    issue[0]?.code ?? "invalid",
    issue.map((one) => `${one.path.join(".")} ${one.message}`.trim()).join("; "),
  )
}

const uuid = z.uuid()
export const idOf = (request: AdminRequest, what: string, index = 0): string => {
  const id = request.params[index] ?? ""
  if (!uuid.safeParse(id).success) throw notFound(what, id)
  return id
}

export const shown = <T extends { revision: number }>(status: number, object: T): AdminAnswer => ({
  status,
  body: object,
  etag: `"${object.revision}"`,
})

export const limitOf = (query: URLSearchParams): number => {
  const parsed = z.coerce
    .number()
    .int()
    .min(1)
    .max(1_000)
    .safeParse(query.get("limit") ?? 200)
  if (!parsed.success) throw invalid("limit", "out_of_range", "must be a whole number from 1 to 1000")
  return parsed.data
}

/** The name of the client with this id, for the routes below it. */
export async function clientName(parts: AdminParts, request: AdminRequest): Promise<string> {
  const id = idOf(request, "client")
  const client = await findClient(parts.pool, "id", id)
  if (!client) throw notFound("client", id)
  return client.client_id
}

export const required = (query: URLSearchParams, name: string): string => {
  const value = query.get(name)
  if (value === null) throw invalid(name, "required", "is needed; the full list is at /admin/state")
  return value
}
