/**
 * What goes over the wire, byte by byte: the twin encodes with the connector's own messages, so the two would agree on any
 * mistake. Field numbers and the path are those of the service itself, written here by hand.
 */
import { Server, ServerCredentials } from "@grpc/grpc-js"
import { afterAll, beforeAll, expect, test } from "vitest"
import { guardedFetch, guardedResolve } from "../../base/http.ts"
import { testOpened } from "../memory.fixture.ts"
import { isPort } from "../port.ts"
import { openGoAuthkit } from "./go_authkit.ts"

const path = "/idp_token.IDPTokenService/IntrospectToken"
const bytes = (...hex: string[]): Buffer => Buffer.from(hex.join("").replaceAll(" ", ""), "hex")

/** 1 token, text: "tok". */
const request = bytes("0a 03 74 6f 6b")
const response = bytes(
  "08 01", // 1 active: true
  "12 06 42 65 61 72 65 72", // 2 token_type: "Bearer"
  "18 80 e2 cf aa 06", // 3 exp: 1700000000
  "22 01 61 22 01 62", // 4 aud: "a", "b"
  "2a 02 6a 31", // 5 jti: "j1"
  "32 01 69", // 6 iss: "i"
  "3a 01 73", // 7 sub: "s"
  "5a 12", // 11 scope, 18 bytes
  "0a 01 75", // .. 1 tenant_uuid: "u"
  "10 07", // .. 2 tenant_int_id: 7
  "1a 01 72", // .. 3 resource_server: "r"
  "22 01 6e", // .. 4 resource_namespace: "n"
  "2a 02 2f 70", // .. 5 resource_path: "/p"
  "32 01 78", // .. 6 role_name: "x"
  "60 81 e2 cf aa 06", // 12 nbf: 1700000001
  "68 82 e2 cf aa 06", // 13 iat: 1700000002
  "72 07 7b 22 74 22 3a 31 7d", // 14 custom_claims_json: {"t":1}
)

const server = new Server()
const asked: Buffer[] = []
const asTheyAre = (message: Buffer): Buffer => message
let target = ""
beforeAll(async () => {
  server.addService(
    {
      IntrospectToken: {
        path,
        requestStream: false,
        responseStream: false,
        requestSerialize: asTheyAre,
        requestDeserialize: asTheyAre,
        responseSerialize: asTheyAre,
        responseDeserialize: asTheyAre,
      },
    },
    {
      IntrospectToken: (call: { request: Buffer }, answer: (error: null, message: Buffer) => void) => {
        asked.push(call.request)
        answer(null, response)
      },
    },
  )
  const port = await new Promise<number>((resolve, reject) => {
    server.bindAsync("127.0.0.1:0", ServerCredentials.createInsecure(), (error, bound) =>
      error ? reject(error) : resolve(bound),
    )
  })
  target = `127.0.0.1:${port}`
})
afterAll(() => server.forceShutdown())

test("the request and every member of the answer stand under the service's own field numbers", async () => {
  const allowHosts = ["127.0.0.1"]
  const connector = openGoAuthkit({
    providerId: "p1",
    settings: { base_url: "http://127.0.0.1:1", grpc_target: target, bearer_token: "b" },
    fetch: guardedFetch({ allowHosts }),
    resolve: guardedResolve({ allowHosts }),
    ...testOpened(),
  })
  if (!isPort(connector.introspection)) throw new Error("no introspection")
  expect(await connector.introspection.introspect("tok")).toEqual({
    active: true,
    token_type: "Bearer",
    exp: 1_700_000_000,
    aud: ["a", "b"],
    jti: "j1",
    iss: "i",
    sub: "s",
    scope: [{ tuid: "u", tid: 7, rs: "r", rn: "n", rp: "/p", role: "x" }],
    nbf: 1_700_000_001,
    iat: 1_700_000_002,
    t: 1,
  })
  expect(asked.map((message) => message.toString("hex"))).toEqual([request.toString("hex")])
})
