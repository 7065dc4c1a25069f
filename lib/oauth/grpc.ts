import { requireScope, type RequireScopeOptions, type ScopeGuard } from "./require-scope.ts"
import type { Verified } from "./verifier.ts"

/** What is needed of `@grpc/grpc-js`, which is handed in: this package depends on none of it. */
export interface GrpcModule<Call extends GrpcCall, Made> {
  readonly ServerInterceptingCall: new (call: Call, responder: GrpcResponder) => Made
}

interface GrpcMetadata {
  get(name: string): readonly (string | Uint8Array)[]
}

export interface GrpcResponder {
  readonly start: (
    next: (listener: {
      readonly onReceiveMetadata: <M extends GrpcMetadata>(metadata: M, next: (metadata: M) => void) => void
    }) => void,
  ) => void
}

export interface GrpcCall {
  getPeer(): string
  sendStatus(status: { code: number; details: string }): void
}

/** gRPC status codes (grpc/grpc, doc/statuscodes.md). */
const permissionDenied = 7
const internal = 13
const unavailable = 14
const unauthenticated = 16
const codes: Readonly<Record<number, number>> = { 401: unauthenticated, 403: permissionDenied, 503: unavailable }

export interface GrpcGuardOptions extends Omit<RequireScopeOptions, "resource"> {
  /**
   * What each method needs, by its full name as in the proto, `greet.Greeter/SayHello`; none: any good token. A method
   * that does not stand here is refused with every token: a new one is never open by mistake.
   */
  readonly methods: Readonly<Record<string, string | readonly string[]>>
}

export interface GrpcGuard<Call, Made> {
  /** For `new Server({ interceptors: [guard.interceptor] })`. */
  readonly interceptor: (method: { readonly path: string }, call: Call) => Made
  /** The token that let this call pass, in a handler: `guard.access(call.metadata)`. */
  readonly access: (metadata: object) => Verified
}

/**
 * Lets a gRPC call pass only with a good token in its metadata (`authorization: Bearer ...`) that carries every scope of
 * its method; the words are those of `requireScope`. UNAUTHENTICATED for no token or a bad one, PERMISSION_DENIED for a
 * missing scope, UNAVAILABLE while nobody can be asked. Each judgement is one event, whose resource is the method.
 */
export function grpcGuard<Call extends GrpcCall, Made>(
  grpc: GrpcModule<Call, Made>,
  { methods, ...options }: GrpcGuardOptions,
): GrpcGuard<Call, Made> {
  const accesses = new WeakMap<object, Verified>()
  const guards = new Map<string, ScopeGuard>(
    Object.entries(methods).map(([name, scopes]) => [`/${name}`, requireScope(scopes, options)]),
  )

  const decide = async (path: string, call: Call, metadata: GrpcMetadata): Promise<"passes" | GrpcRefusal> => {
    const guard = guards.get(path)
    if (guard === undefined) return { code: permissionDenied, details: "Nobody may call this method" }
    const decision = await guard.check({
      authorization: text(metadata, "authorization"),
      resource: path.slice(1),
      traceparent: text(metadata, "traceparent"),
      ip: addressOf(call.getPeer()),
      userAgent: text(metadata, "user-agent"),
    })
    if (!decision.granted) {
      const { status, body } = decision.answer
      const missing = body.missing === undefined ? "" : `: ${body.missing.join(" ")}`
      return { code: codes[status] ?? internal, details: `${body.error}${missing}` }
    }
    accesses.set(metadata, decision.access)
    return "passes"
  }

  return {
    access(metadata) {
      const access = accesses.get(metadata)
      if (access === undefined) throw new Error("no interceptor let this call pass")
      return access
    },
    interceptor: ({ path }, call) =>
      new grpc.ServerInterceptingCall(call, {
        start: (next) =>
          next({
            onReceiveMetadata: (metadata, pass) => {
              decide(path, call, metadata).then(
                (decided) => (decided === "passes" ? pass(metadata) : call.sendStatus(decided)),
                (error: unknown) => {
                  options.onError?.(error)
                  call.sendStatus({ code: internal, details: "Internal error" })
                },
              )
            },
          }),
      }),
  }
}

interface GrpcRefusal {
  readonly code: number
  readonly details: string
}

/** The one text of a header, where there is exactly one. */
function text(metadata: GrpcMetadata, name: string): string | undefined {
  const values = metadata.get(name)
  return values.length === 1 && typeof values[0] === "string" ? values[0] : undefined
}

/** `127.0.0.1:4711` or `[::1]:4711`; a Unix socket has no address. */
const addressOf = (peer: string): string | undefined => /^\[?([0-9a-f.:]+?)\]?:\d+$/i.exec(peer)?.[1]
