/** The twin's gRPC half: `IDPTokenService.IntrospectToken`, which judges tokens as the HTTP half does. */
import { Metadata, Server, ServerCredentials, status, type sendUnaryData, type ServerUnaryCall } from "@grpc/grpc-js"
import { introspectPath, request, response } from "../../go_authkit/proto.ts"
import type { Certificate } from "../base/certificates.ts"
import { twinPermission, type GoAuthkitTwin } from "./idp.ts"

export interface TokenService {
  /** `127.0.0.1:50051` */
  readonly target: string
  /** What callers proved themselves with, in order: `bearer`, `session` or `nothing`. */
  readonly proofs: readonly string[]
  /** Answers this status to the next call. */
  fail(code: number, headers?: Readonly<Record<string, string>>): void
  endSessions(): void
  stop(): Promise<void>
}

export interface TokenServiceOptions {
  /** TLS with this certificate. */
  readonly tls?: Certificate
  /** Asks for a client certificate of this authority: mutual TLS. */
  readonly clientCa?: string
  /** Gives each caller a session that stands in for its token. */
  readonly sessions?: boolean
  readonly port?: number
}

type Introspect = ServerUnaryCall<Record<string, unknown>, Record<string, unknown>>

export async function startTokenService(idp: GoAuthkitTwin, options: TokenServiceOptions = {}): Promise<TokenService> {
  const server = new Server()
  const proofs: string[] = []
  const sessions = new Set<string>()
  let next: { code: number; headers: Readonly<Record<string, string>> } | null = null

  function introspect(call: Introspect, answer: sendUnaryData<Record<string, unknown>>): void {
    const refuse = (code: number, details: string, headers: Readonly<Record<string, string>> = {}) => {
      const metadata = new Metadata()
      for (const [name, value] of Object.entries(headers)) metadata.set(name, value)
      answer({ code, details, metadata })
    }
    const [session] = call.metadata.get("x-session-id")
    const [authorization] = call.metadata.get("authorization")
    proofs.push(session !== undefined ? "session" : authorization !== undefined ? "bearer" : "nothing")
    if (next !== null) {
      const { code, headers } = next
      next = null
      return refuse(code, "as the test asked", headers)
    }
    const known = session !== undefined ? sessions.has(String(session)) : authorization === `Bearer ${twinPermission}`
    if (!known) return refuse(status.UNAUTHENTICATED, "Unauthenticated")
    if (options.sessions === true && session === undefined) {
      const id = `session-${sessions.size + 1}`
      sessions.add(id)
      const headers = new Metadata()
      headers.set("x-session-id", id)
      call.sendMetadata(headers)
    }
    const told = idp.introspect(String(call.request.token ?? ""))
    if (!told.active) return answer(null, { active: false })
    const { scope, ...claims } = told
    answer(null, {
      ...claims,
      scope: scope.map(({ rn, role }) => ({ resource_namespace: rn, role_name: role })),
      custom_claims_json: JSON.stringify({ tenant: "twin" }),
    })
  }

  server.addService(
    {
      IntrospectToken: {
        path: introspectPath,
        requestStream: false,
        responseStream: false,
        requestSerialize: (message: Record<string, unknown>) => request.encode(message),
        requestDeserialize: (bytes: Buffer) => request.decode(bytes),
        responseSerialize: (message: Record<string, unknown>) => response.encode(message),
        responseDeserialize: (bytes: Buffer) => response.decode(bytes),
      },
    },
    { IntrospectToken: introspect },
  )
  const port = await new Promise<number>((resolve, reject) => {
    server.bindAsync(`127.0.0.1:${options.port ?? 0}`, credentialsOf(options), (error, bound) =>
      error ? reject(error) : resolve(bound),
    )
  })
  return {
    target: `127.0.0.1:${port}`,
    proofs,
    fail(code, headers = {}) {
      next = { code, headers }
    },
    endSessions: () => sessions.clear(),
    stop: () => new Promise((resolve) => server.tryShutdown(() => resolve())),
  }
}

function credentialsOf({ tls, clientCa }: TokenServiceOptions): ServerCredentials {
  if (tls === undefined) return ServerCredentials.createInsecure()
  const pair = { cert_chain: Buffer.from(tls.cert), private_key: Buffer.from(tls.key) }
  return ServerCredentials.createSsl(
    clientCa === undefined ? null : Buffer.from(clientCa),
    [pair],
    clientCa !== undefined,
  )
}
