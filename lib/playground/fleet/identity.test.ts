import { expect, it } from "vitest"
import type { Verified } from "../../oauth/verifier.ts"
import { onBehalfOf, upstreamHeaders } from "./identity.ts"

const access: Verified = {
  claims: {},
  caller: "demo-web-shop",
  subject: "the-shop",
  audiences: ["https://gateway.demo.internal"],
  scopes: ["shop:read", "shop:write"],
  expiresAtMs: 0,
  kid: undefined,
}

it("forwards the verified claims as headers, and of the caller's own headers a short list only", () => {
  const inbound = {
    traceparent: "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01",
    authorization: "Bearer outside",
    cookie: "a=b",
    "x-client-id": "somebody-else",
    "x-subject": "somebody-else",
    "x-scopes": "everything",
    "x-forwarded-user": "somebody-else",
  }
  expect(upstreamHeaders(inbound, access)).toEqual({
    traceparent: inbound.traceparent,
    "x-client-id": "demo-web-shop",
    "x-subject": "the-shop",
    "x-scopes": "shop:read shop:write",
  })
})

it("believes identity headers from the gateway alone", () => {
  const headers = { "x-client-id": "demo-web-shop", "x-subject": "the-shop" }
  const gateway = { ...access, caller: "demo-gateway", subject: "demo-gateway" }
  const stranger = { ...access, caller: "stranger", subject: "stranger" }
  expect(onBehalfOf(gateway, headers, "demo-gateway")).toEqual({ client: "demo-web-shop", subject: "the-shop" })
  expect(onBehalfOf(stranger, headers, "demo-gateway")).toEqual({ client: "stranger", subject: "stranger" })
})
