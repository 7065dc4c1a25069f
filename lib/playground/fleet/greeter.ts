/**
 * The gRPC service of document 1: `Greeter.SayHello` for the policy `scope=dataEventRecords`. Its callers bring reference
 * tokens, which say nothing by themselves: it asks the authorization server.
 */
import { createServer as createHttpServer } from "node:http"
import { connect, createServer, type AddressInfo, type Server, type Socket } from "node:net"
import * as grpc from "@grpc/grpc-js"
import { grpcGuard, type GrpcGuardOptions } from "../../oauth/grpc.ts"
import { helloReply, helloRequest, sayHello, type HelloReply, type HelloRequest } from "./greeter-messages.ts"
import type { RunningService } from "./serve.ts"

export const greeterScope = "dataEventRecords"

/** RFC 9113 section 3.4: what every HTTP/2 connection begins with. */
const preface = "PRI"

/** Serves gRPC over HTTP/2, and to those who come with HTTP/1.1 says on the same port what it is. */
export async function startGreeter(host: string, guard: Omit<GrpcGuardOptions, "methods">): Promise<RunningService> {
  const guarded = grpcGuard(grpc, { ...guard, methods: { [sayHello]: greeterScope } })
  const server = new grpc.Server({ interceptors: [guarded.interceptor] })
  const greet: grpc.handleUnaryCall<HelloRequest, HelloReply> = ({ request }, answer) =>
    answer(null, { message: `Hello ${request.name}` })
  server.addService(
    {
      SayHello: {
        path: `/${sayHello}`,
        requestStream: false,
        responseStream: false,
        requestSerialize: helloRequest.write,
        requestDeserialize: helloRequest.read,
        responseSerialize: helloReply.write,
        responseDeserialize: helloReply.read,
      },
    },
    { SayHello: greet },
  )
  const overHttp2 = await new Promise<number>((bound, failed) =>
    server.bindAsync("127.0.0.1:0", grpc.ServerCredentials.createInsecure(), (error, port) =>
      error ? failed(error) : bound(port),
    ),
  )
  const plain = createHttpServer(({ method, url }, res) => {
    const found = method === "GET" && url === "/"
    res.writeHead(found ? 200 : 404, { "content-type": "text/plain; charset=utf-8" })
    res.end(found ? "GRPC service running..." : "Not found")
  })
  const overHttp1 = await listen(plain, "127.0.0.1")
  const sockets = new Set<Socket>()
  const front = createServer((socket) => {
    sockets.add(socket.once("close", () => sockets.delete(socket)))
    socket.on("error", () => socket.destroy())
    socket.once("data", (first: Buffer) => {
      const inner = connect(first.toString("latin1").startsWith(preface) ? overHttp2 : overHttp1, "127.0.0.1")
      inner.on("error", () => socket.destroy())
      inner.write(first)
      socket.pipe(inner).pipe(socket)
    })
  })
  return {
    url: `http://${host}:${await listen(front, host)}`,
    async close() {
      const closed = new Promise<void>((done) => front.close(() => done()))
      await new Promise<void>((done) => {
        // Calls that run are answered; a client that keeps its connection open is not waited for.
        const patience = setTimeout(() => server.forceShutdown(), drainMs)
        server.tryShutdown(() => (clearTimeout(patience), done()))
      })
      plain.close()
      for (const socket of sockets) socket.destroy()
      await closed
    },
  }
}

const drainMs = 1_000

async function listen(server: Server, host: string): Promise<number> {
  await new Promise<void>((listening, failed) => server.once("error", failed).listen(0, host, listening))
  return (server.address() as AddressInfo).port
}

export interface GreeterClient {
  /** Answers the message, or the status by name, as `UNAUTHENTICATED`. Rejects when nobody answered within `limitMs`. */
  readonly sayHello: (name: string, token: string | null, traceparent?: string) => Promise<Greeting>
  readonly close: () => void
}
export interface Greeting {
  readonly status: string
  readonly message: string
}

const limitMs = 5_000

/** What calls the service, for `CC` and whoever calls wrongly. */
export function greeterClient(url: string): GreeterClient {
  const client = new grpc.Client(new URL(url).host, grpc.credentials.createInsecure())
  return {
    close: () => client.close(),
    sayHello: (name, token, traceparent) =>
      new Promise((resolve, reject) => {
        const metadata = new grpc.Metadata()
        if (token !== null) metadata.set("authorization", `Bearer ${token}`)
        if (traceparent !== undefined) metadata.set("traceparent", traceparent)
        client.makeUnaryRequest(
          `/${sayHello}`,
          helloRequest.write,
          helloReply.read,
          { name },
          metadata,
          { deadline: Date.now() + limitMs },
          (error, reply) => {
            if (error === null) resolve({ status: "OK", message: reply?.message ?? "" })
            else if (unanswered.has(error.code)) reject(error)
            else resolve({ status: grpc.status[error.code], message: error.details })
          },
        )
      }),
  }
}

const unanswered = new Set<grpc.status>([grpc.status.UNAVAILABLE, grpc.status.DEADLINE_EXCEEDED, grpc.status.CANCELLED])
