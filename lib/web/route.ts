import "server-only"
import { randomUUID } from "node:crypto"
import type { NextRequest } from "next/server"
import { z } from "zod"
import type { Actor } from "../auth/actor.ts"
import { authorize, type Permission } from "../auth/permissions.ts"
import { invalid, Refused } from "../base/errors.ts"
import { parseInput } from "../base/parse.ts"
import { caller, requireSameOrigin } from "./caller.ts"
import { once } from "./idempotency.ts"
import { readJson } from "./body.ts"
import { problem } from "./problem.ts"
import { runtime } from "../runtime.ts"

/** What a route answers: plain data with a status, perhaps a version for the ETag. */
export interface Answer {
  readonly status?: number
  readonly body?: unknown
  /** Becomes `ETag: "<version>"`. */
  readonly version?: number
  readonly headers?: Readonly<Record<string, string>>
}

export interface RouteSpec {
  readonly summary: string
  /** Null: any authenticated caller; `public`: nobody needs to be signed in. */
  readonly permission: Permission | null | "public"
  /** Only an Authorization header opens it; says what to send. A browser's cookie never does (T13). */
  readonly bearerOnly?: string
  readonly params?: z.ZodType
  readonly query?: z.ZodType
  readonly body?: z.ZodType
  readonly response?: z.ZodType
  /** Of success; 200 unless said. 204 for a route that answers no body; with a `response` too, it does so at times. */
  readonly status?: number
  /**
   * `replay` (default): a repeated Idempotency-Key gets the first answer. `once`: it gets 409, since the answer held a
   * secret. `none`: the route changes nothing and its answer must not be stored (a debugger's claims, T8).
   */
  readonly idempotency?: "replay" | "once" | "none"
}

export interface Call<P, Q, B> {
  readonly actor: Actor
  readonly params: P
  readonly query: Q
  readonly body: B
  /** The version of `If-Match`, null when absent. */
  readonly ifMatch: number | null
  readonly request: NextRequest
  readonly requestId: string
}

/** A body that is no JSON of ours, read as the route reads it: after the permission is known, within caps of its own. */
interface Reading<B> {
  readonly body: B
  /** What an Idempotency-Key is bound to: asked for only when there is one. */
  readonly fingerprint: () => unknown
}

type Handler = ((
  request: NextRequest,
  context: { params: Promise<Record<string, string | string[]>> },
) => Promise<Response>) & { readonly spec: RouteSpec }

/** Nobody: the actor of public routes. */
const anonymous = (requestId: string): Actor => ({
  kind: "system",
  id: "anonymous",
  name: "anonymous",
  permissions: new Set(),
  sourceId: null,
  authenticatedAt: null,
  requestId,
})

/**
 * One API handler: who, may they, is the input usable, run, answer; every failure becomes a problem with a code. The
 * command or query that `run` calls authorises again: this is the hall, not the lock.
 */
export function route<
  P extends z.ZodType = z.ZodUnknown,
  Q extends z.ZodType = z.ZodUnknown,
  B extends z.ZodType = z.ZodUnknown,
  R = z.infer<B>,
>(
  spec: RouteSpec & {
    params?: P
    query?: Q
    body?: B
    /** In place of JSON; `body` is then for the OpenAPI document alone. */
    read?: (actor: Actor, request: NextRequest) => Promise<Reading<R>>
    run: (call: Call<z.infer<P>, z.infer<Q>, R>) => Promise<Answer | Response>
  },
): Handler {
  const handle = async (
    request: NextRequest,
    context: { params: Promise<Record<string, string | string[]>> },
  ): Promise<Response> => {
    const requestId = randomUUID()
    try {
      runtime()
      if (spec.bearerOnly !== undefined && request.headers.get("authorization") === null)
        throw new Refused("unauthenticated", spec.bearerOnly, { status: 401 })
      const { actor, via } =
        spec.permission === "public"
          ? { actor: anonymous(requestId), via: "bearer" as const }
          : await caller(request, requestId)
      if (spec.permission !== null && spec.permission !== "public") authorize(actor, spec.permission)
      const changes = request.method !== "GET" && request.method !== "HEAD"
      if (changes && via === "cookie") requireSameOrigin(request)
      const params = parse(spec.params, await context.params, "params") as z.infer<P>
      const query = parse(spec.query, queryOf(request.nextUrl.searchParams), "query") as z.infer<Q>
      const { body, fingerprint } = spec.read
        ? await spec.read(actor, request)
        : await readBody<R>(spec.body, changes ? request : null, via)
      const call = { actor, params, query, body, ifMatch: ifMatchOf(request), request, requestId }
      const { idempotency = "replay" } = spec
      const key = request.method === "POST" && idempotency !== "none" ? request.headers.get("idempotency-key") : null
      const run = async (): Promise<Response> => respond(await spec.run(call), spec.status ?? 200, requestId)
      if (key === null || idempotency === "none") return await run()
      return await once(
        {
          actor: `${actor.kind}:${actor.id}`,
          route: request.nextUrl.pathname,
          key,
          body: fingerprint(),
          mode: idempotency,
        },
        run,
      )
    } catch (error) {
      return problem(error, requestId)
    }
  }
  return Object.assign(handle, { spec })
}

async function readBody<R>(
  schema: z.ZodType | undefined,
  request: NextRequest | null,
  via: "bearer" | "cookie",
): Promise<Reading<R>> {
  const raw = request && schema ? await readJson(request, via) : undefined
  return { body: parse(schema, raw ?? {}, "body") as R, fingerprint: () => raw }
}

function respond(answer: Answer | Response, status: number, requestId: string): Response {
  if (answer instanceof Response) return answer
  const headers: Record<string, string> = {
    "cache-control": "private, no-store",
    "x-request-id": requestId,
    ...answer.headers,
  }
  if (answer.version !== undefined) headers.etag = `"${answer.version}"`
  const said = answer.status ?? status
  if (answer.body === undefined) {
    if (said === 200) throw new Error("a route that answers no body says so: status 204")
    return new Response(null, { status: said, headers })
  }
  return new Response(JSON.stringify(answer.body), {
    status: said,
    headers: { "content-type": "application/json", ...headers },
  })
}

/** A repeated parameter becomes a list; a single one stays text. */
function queryOf(search: URLSearchParams): Record<string, string | string[]> {
  const query: Record<string, string | string[]> = {}
  for (const name of new Set(search.keys())) {
    const values = search.getAll(name)
    // No text of ours holds a NUL, and Postgres refuses the whole statement (22021).
    if (values.some((value) => value.includes("\0")))
      throw invalid(name, "bad_character", "A NUL character is not allowed here.")
    query[name] = values.length === 1 ? (values[0] ?? "") : values
  }
  return query
}

function parse(schema: z.ZodType | undefined, value: unknown, where: "params" | "query" | "body"): unknown {
  if (!schema) return undefined
  if (where !== "params") return parseInput(schema, value)
  const parsed = schema.safeParse(value)
  if (!parsed.success) throw new Refused("not_found", "There is nothing at this address.", { status: 404 })
  return parsed.data
}

function ifMatchOf(request: NextRequest): number | null {
  const header = request.headers.get("if-match")
  if (header === null || header === "*") return null
  const version = /^(?:W\/)?"(\d+)"$/.exec(header)?.[1]
  return version === undefined ? -1 : Number(version)
}
