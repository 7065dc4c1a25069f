import { TokenRejected } from "./errors.ts"
import { eventLine, type EventLine } from "./event-line.ts"
import { audiencesOf, callerOf, scopesOf } from "./claims.ts"
import { demandScopes, type TokenVerifier, type Verified } from "./verifier.ts"

export interface RequireScopeOptions {
  verifier: TokenVerifier
  /** Gets one `token_validated` line per request, also for refused ones. Must not throw: give it `shipper.add`. */
  onEvent?: (line: EventLine) => void
  /** What the events call this authorization server. */
  authServer?: string
  /** What the events call the endpoint; by default method and path. Give a template where the path holds ids. */
  resource?: string
  /** Gets what a handler threw; its caller has been answered 500 without a detail. */
  onError?: (error: unknown) => void
  now?: () => number
}

/** The parts of a request that matter here; node:http's and Express's requests have them. */
export interface NodeRequest {
  readonly method?: string | undefined
  readonly url?: string | undefined
  readonly headers: Readonly<Record<string, string | readonly string[] | undefined>>
  readonly socket?: { readonly remoteAddress?: string | undefined } | undefined
}
export interface NodeResponse {
  statusCode: number
  readonly headersSent?: boolean
  setHeader(name: string, value: string): unknown
  end(body?: string): unknown
}

export interface ScopeGuard {
  /** Wraps a node:http handler: `createServer(guard.node((req, res, access) => ...))`. */
  readonly node: <Req extends NodeRequest, Res extends NodeResponse>(
    handler: (req: Req, res: Res, access: Verified) => unknown,
  ) => (req: Req, res: Res) => void
  /** Wraps a handler of web requests. */
  readonly web: (
    handler: (request: Request, access: Verified) => Response | Promise<Response>,
  ) => (request: Request) => Promise<Response>
  /** The decision alone, for frameworks of another kind. */
  readonly check: (request: GuardedRequest) => Promise<Decision>
}

export interface GuardedRequest {
  readonly authorization: string | null | undefined
  /** `POST /api/payments/charge` */
  readonly resource: string
  /** W3C Trace Context, section 3.2 */
  readonly traceparent?: string | null | undefined
  readonly ip?: string | undefined
  readonly userAgent?: string | null | undefined
}

export type Decision =
  { readonly granted: true; readonly access: Verified } | { readonly granted: false; readonly answer: Refusal }

/** What the refused caller gets, in any framework (RFC 6750 section 3). */
export interface Refusal {
  readonly status: 401 | 403 | 503
  readonly headers: Readonly<Record<string, string>>
  readonly body: { readonly error: string; readonly required?: readonly string[]; readonly missing?: readonly string[] }
}

/**
 * Lets a request pass only with a good token that carries every one of `scopes` (none: any good token). Answers 401
 * `Missing Bearer token`, `Token expired`, `Invalid token signature` or `Token verification failed`; 403 `Insufficient
 * scope` with `required` and `missing`; 503 while the issuer cannot be asked at all.
 */
export function requireScope(scopes: string | readonly string[], options: RequireScopeOptions): ScopeGuard {
  const required = [scopes].flat()
  const now = options.now ?? Date.now

  const check = async (request: GuardedRequest): Promise<Decision> => {
    const startedAt = now()
    try {
      const access = await options.verifier.verify(bearerToken(request.authorization))
      demandScopes(access, required)
      options.onEvent?.(passed(access, request, about(startedAt)))
      return { granted: true, access }
    } catch (error) {
      if (!(error instanceof TokenRejected)) throw error
      options.onEvent?.(refused(error, request, about(startedAt)))
      return { granted: false, answer: refusal(error) }
    }
  }
  const about = (startedAt: number) => ({
    startedAt,
    durationMs: Math.max(0, now() - startedAt),
    authServer: options.authServer,
  })

  return {
    check,
    node: (handler) => (req, res) => {
      const answer = async (): Promise<void> => {
        const decision = await check({
          authorization: one(req.headers["authorization"]),
          resource: options.resource ?? `${req.method ?? "GET"} ${(req.url ?? "/").split("?")[0]}`,
          traceparent: one(req.headers["traceparent"]),
          ip: req.socket?.remoteAddress,
          userAgent: one(req.headers["user-agent"]),
        })
        if (decision.granted) await handler(req, res, decision.access)
        else send(res, decision.answer.status, decision.answer.headers, decision.answer.body)
      }
      // node:http awaits nobody: without this a handler that throws would end the process.
      answer().catch((error: unknown) => {
        options.onError?.(error)
        if (res.headersSent) res.end()
        else send(res, 500, { "content-type": "application/json" }, { error: "Internal error" })
      })
    },
    web: (handler) => async (request) => {
      const decision = await check({
        authorization: request.headers.get("authorization"),
        resource: options.resource ?? `${request.method} ${new URL(request.url).pathname}`,
        traceparent: request.headers.get("traceparent"),
        userAgent: request.headers.get("user-agent"),
      })
      if (decision.granted) return handler(request, decision.access)
      const { status, headers, body } = decision.answer
      return new Response(JSON.stringify(body), { status, headers })
    },
  }
}

function send(res: NodeResponse, status: number, headers: Readonly<Record<string, string>>, body: object): void {
  res.statusCode = status
  for (const [name, value] of Object.entries(headers)) res.setHeader(name, value)
  res.end(JSON.stringify(body))
}

/** RFC 6750 section 2.1; the scheme's letter case does not matter (RFC 9110 section 11.1). */
function bearerToken(authorization: string | null | undefined): string {
  const [, token] = /^bearer +(\S+) *$/i.exec(authorization ?? "") ?? []
  if (token === undefined) throw new TokenRejected("missing_token", "The request carries no Bearer token")
  return token
}

function refusal(error: TokenRejected): Refusal {
  const headers = { "content-type": "application/json", "cache-control": "no-store" }
  const { status, message, required, missing } = error
  if (status === 503) return { status, headers: { ...headers, "retry-after": "2" }, body: { error: message } }
  // RFC 6750 section 3.1: a request without any token is told no error code.
  if (error.reason === "missing_token")
    return { status, headers: { ...headers, "www-authenticate": "Bearer" }, body: { error: message } }
  if (status === 401) {
    return {
      status,
      headers: { ...headers, "www-authenticate": `Bearer error="invalid_token", error_description="${message}"` },
      body: { error: message },
    }
  }
  const challenge = `Bearer error="insufficient_scope", scope="${required.join(" ")}"`
  return { status, headers: { ...headers, "www-authenticate": challenge }, body: { error: message, required, missing } }
}

interface Circumstance {
  readonly startedAt: number
  readonly durationMs: number
  readonly authServer: string | undefined
}

function passed(access: Verified, request: GuardedRequest, how: Circumstance): EventLine {
  return line(access.claims, access.scopes, access.kid, request, how, { validation_result: "success" })
}

function refused(error: TokenRejected, request: GuardedRequest, how: Circumstance): EventLine {
  return line(error.claimed, scopesOf(error.claimed), error.kid, request, how, {
    validation_result: "failure",
    failure_reason: error.reason,
    failure_detail: error.why,
    ...(error.proven || Object.keys(error.claimed).length === 0 ? {} : { claims_unverified: true }),
  })
}

function line(
  claims: Readonly<Record<string, unknown>>,
  scopes: readonly string[],
  kid: string | undefined,
  request: GuardedRequest,
  how: Circumstance,
  outcome: Pick<EventLine, "validation_result" | "failure_reason" | "failure_detail" | "claims_unverified">,
): EventLine {
  const client = callerOf(claims)
  const subject = text(claims["sub"])
  const named = text(claims["azp"]) ?? text(claims["client_id"])
  return eventLine({
    event: "token_validated",
    event_id: crypto.randomUUID(),
    timestamp: new Date(how.startedAt).toISOString(),
    trace_id: traceId(request.traceparent),
    client_id: client,
    // In a client credentials token the subject is the client itself (RFC 9068 section 2.2); else there is a user. A token
    // that names no client at all says nothing about it.
    user_id: subject === client ? undefined : subject,
    grant_type: named !== undefined && subject === named ? "client_credentials" : undefined,
    scopes: client === undefined ? undefined : scopes.slice(0, 100).map((scope) => scope.slice(0, 256)),
    audience: audiencesOf(claims)[0]?.slice(0, 512),
    auth_server: how.authServer,
    duration_ms: how.durationMs,
    resource: request.resource.slice(0, 512),
    token_type: client === undefined ? undefined : "access",
    ip: request.ip,
    user_agent: request.userAgent?.slice(0, 512),
    jti: text(claims["jti"]),
    kid,
    ...outcome,
  })
}

const text = (value: unknown): string | undefined => (typeof value === "string" ? value.slice(0, 512) : undefined)

const one = (value: string | readonly string[] | undefined): string | undefined =>
  typeof value === "string" ? value : value?.[0]

/** The trace id of a `traceparent`, unless it is malformed or all zeros. */
function traceId(traceparent: string | null | undefined): string | undefined {
  const [, id] = /^[0-9a-f]{2}-([0-9a-f]{32})-[0-9a-f]{16}-[0-9a-f]{2}/.exec(traceparent ?? "") ?? []
  return id === undefined || /^0+$/.test(id) ? undefined : id
}
