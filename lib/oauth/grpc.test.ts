import * as grpc from "@grpc/grpc-js"
import { afterEach, expect, it } from "vitest"
import type { EventLine } from "./event-line.ts"
import { grpcGuard } from "./grpc.ts"
import { createIntrospector } from "./introspection.ts"

const stops: (() => void)[] = []
afterEach(() => stops.splice(0).forEach((stop) => stop()))

const plain = { serialize: (text: string) => Buffer.from(text), deserialize: (bytes: Buffer) => bytes.toString() }
const methodOf = (path: string) => ({
  path,
  requestStream: false as const,
  responseStream: false as const,
  requestSerialize: plain.serialize,
  requestDeserialize: plain.deserialize,
  responseSerialize: plain.serialize,
  responseDeserialize: plain.deserialize,
})
const paths = { hello: "/greet.Greeter/SayHello", open: "/greet.Greeter/AnyToken", forgotten: "/greet.Greeter/New" }

/** A real gRPC server behind the guard, which asks an authorization server that knows three tokens. */
async function rig(over: { down?: boolean; throwing?: boolean } = {}) {
  const events: EventLine[] = []
  let asked = 0
  const exp = Math.floor(Date.now() / 1000) + 300
  const known: Record<string, object> = {
    good: { active: true, sub: "CC", client_id: "CC", scope: "dataEventRecords", exp },
    poor: { active: true, sub: "CC", client_id: "CC", scope: "dataEventRecordsReadOnly", exp },
    old: { active: true, sub: "CC", client_id: "CC", scope: "dataEventRecords", exp: 1 },
  }
  const verifier = createIntrospector({
    endpoint: "https://idp.example/introspect",
    auth: { method: "basic", clientId: "rs", secret: "s" },
    fetch: async (_, init) => {
      asked++
      await Promise.resolve()
      if (over.down === true) return new Response("", { status: 503 })
      return Response.json(known[new URLSearchParams(String(init?.body)).get("token") ?? ""] ?? { active: false })
    },
  })
  const broken = { verify: () => Promise.reject(new Error("a bug")) }
  const errors: unknown[] = []
  const guard = grpcGuard(grpc, {
    verifier: over.throwing === true ? broken : verifier,
    methods: { "greet.Greeter/SayHello": "dataEventRecords", "greet.Greeter/AnyToken": [] },
    onEvent: (line) => events.push(line),
    onError: (error) => errors.push(error),
  })
  const server = new grpc.Server({ interceptors: [guard.interceptor] })
  let handled = 0
  const handler: grpc.handleUnaryCall<string, string> = (call, answer) => {
    handled++
    answer(null, `Hello ${call.request} for ${guard.access(call.metadata).caller}`)
  }
  const methods = Object.entries(paths).map(([name, path]) => [name, methodOf(path)] as const)
  server.addService(Object.fromEntries(methods), Object.fromEntries(methods.map(([name]) => [name, handler])))
  const port = await new Promise<number>((resolve, reject) =>
    server.bindAsync("127.0.0.1:0", grpc.ServerCredentials.createInsecure(), (error, bound) =>
      error ? reject(error) : resolve(bound),
    ),
  )
  const client = new grpc.Client(`127.0.0.1:${port}`, grpc.credentials.createInsecure())
  stops.push(() => {
    client.close()
    server.forceShutdown()
  })
  const call = (path: string, ...authorization: string[]) =>
    new Promise<string>((resolve) => {
      const metadata = new grpc.Metadata()
      for (const one of authorization) metadata.add("authorization", one)
      metadata.set("traceparent", `00-${"a".repeat(32)}-${"b".repeat(16)}-01`)
      client.makeUnaryRequest(path, plain.serialize, plain.deserialize, "you", metadata, (error, answer) =>
        resolve(error ? `${grpc.status[error.code]} ${error.details}` : (answer ?? "")),
      )
    })
  return { call, events, errors, asked: () => asked, handled: () => handled }
}

it("a good token with the method's scope passes, and the handler knows whose it is", async () => {
  const { call, events } = await rig()
  expect(await call(paths.hello, "Bearer good")).toBe("Hello you for CC")
  expect(events).toEqual([
    expect.objectContaining({
      event: "token_validated",
      validation_result: "success",
      client_id: "CC",
      grant_type: "client_credentials",
      resource: "greet.Greeter/SayHello",
      trace_id: "a".repeat(32),
      ip: "127.0.0.1",
    }),
  ])
  expect(await call(paths.open, "Bearer poor")).toBe("Hello you for CC")
})

it.each([
  ["no token", [], "UNAUTHENTICATED Missing Bearer token", "missing_token"],
  ["a word that is no token", ["Basic good"], "UNAUTHENTICATED Missing Bearer token", "missing_token"],
  ["an unknown token", ["Bearer nonsense"], "UNAUTHENTICATED Token verification failed", "inactive"],
  ["an expired token", ["Bearer old"], "UNAUTHENTICATED Token expired", "expired"],
  [
    "a longer scope of the same beginning",
    ["Bearer poor"],
    "PERMISSION_DENIED Insufficient scope: dataEventRecords",
    "insufficient_scope",
  ],
])("with %s the handler is never reached", async (_, authorization, told, reason) => {
  const { call, events, handled } = await rig()
  expect(await call(paths.hello, ...authorization)).toBe(told)
  expect(handled()).toBe(0)
  expect(events).toMatchObject([{ validation_result: "failure", failure_reason: reason }])
})

it("a method that the guard does not name is refused, whatever the token", async () => {
  const { call, handled } = await rig()
  expect(await call(paths.forgotten, "Bearer good")).toBe("PERMISSION_DENIED Nobody may call this method")
  expect(handled()).toBe(0)
})

it("answers are believed for a while: ten calls ask once", async () => {
  const { call, asked } = await rig()
  await Promise.all(Array.from({ length: 10 }, () => call(paths.hello, "Bearer good")))
  expect(asked()).toBe(1)
})

it("while nobody can be asked the call is UNAVAILABLE, never let through", async () => {
  const { call, handled } = await rig({ down: true })
  expect(await call(paths.hello, "Bearer good")).toBe("UNAVAILABLE Token cannot be verified now")
  expect(handled()).toBe(0)
})

it("a failure of ours is INTERNAL without a detail, and told to onError", async () => {
  const { call, errors, handled } = await rig({ throwing: true })
  expect(await call(paths.hello, "Bearer good")).toBe("INTERNAL Internal error")
  expect([errors.length, handled()]).toEqual([1, 0])
})
