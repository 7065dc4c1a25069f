import type { BearerFetch } from "../../oauth/http-client.ts"
import { upstreamHeaders } from "./identity.ts"
import type { Call, Reply, Route } from "./serve.ts"

/** A service behind the gateway: where it is, and a fetch with the gateway's own token for one of its scopes. */
export interface Upstream {
  readonly url: string
  readonly call: BearerFetch
}

export interface Upstreams {
  readonly readOrders: Upstream
  readonly readPayments: Upstream
  readonly writePayments: Upstream
  readonly readInventory: Upstream
}

/**
 * Checks the coarse scope, leaves every inbound header but a short list behind, and forwards the verified claims as
 * headers. The outside token stays here: each service gets a token of the gateway that is meant for it alone.
 */
export function gatewayRoutes(upstreams: Upstreams): readonly Route[] {
  const reads = (path: string, upstream: Upstream): Route => ({
    method: "GET",
    path,
    scope: "shop:read",
    run: forward("GET", path, upstream),
  })
  return [
    reads("/api/orders/:id", upstreams.readOrders),
    reads("/api/payments/history", upstreams.readPayments),
    reads("/api/inventory/check/:id", upstreams.readInventory),
    {
      method: "POST",
      path: "/api/payments/charge",
      scope: "shop:write",
      run: forward("POST", "/api/payments/charge", upstreams.writePayments),
    },
  ]
}

const forward =
  (method: "GET" | "POST", path: string, { url, call }: Upstream) =>
  async ({ access, params, headers, body }: Call): Promise<Reply> => {
    const target = url + path.replace(/:(\w+)/g, (_, name: string) => params[name] ?? "")
    const sent = body === undefined ? {} : { body: JSON.stringify(body) }
    const json = body === undefined ? {} : { "content-type": "application/json" }
    try {
      const answer = await call(target, { method, headers: { ...upstreamHeaders(headers, access), ...json }, ...sent })
      return { status: answer.status, body: await answer.json() }
    } catch {
      return { status: 502, body: { error: "The service behind the gateway gave no answer" } }
    }
  }
