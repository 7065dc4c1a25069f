import { randomBytes } from "node:crypto"
import { createHttpClient, type BearerFetch } from "../../oauth/http-client.ts"
import type { TokenRequest } from "../../oauth/provider-config.ts"
import type { TokenManager } from "../../oauth/token-manager.ts"
import { audienceOf } from "../demo/layout.ts"
import { stock } from "./inventory.ts"
import { expiredStash, misuseOf, tampered, type Misuse } from "./misuse.ts"
import type { Order } from "./order.ts"

export interface TrafficParts {
  readonly urls: { readonly gateway: string; readonly payments: string; readonly inventory: string }
  readonly tokens: { readonly shop: TokenManager; readonly billing: TokenManager; readonly order: TokenManager }
  readonly orders: ReadonlyMap<string, Order>
  /** Every n-th call is a wrong one; 0 for none. */
  readonly misuseEvery: number
  readonly random: () => number
  readonly now: () => number
}

export interface CallMade {
  readonly what: string
  readonly misuse: Misuse | undefined
  readonly status: number
}

const inventoryRead: TokenRequest = { scope: "inventory:read", audience: audienceOf("inventory") }
const paymentsWrite: TokenRequest = { scope: "payments:write", audience: audienceOf("payments") }
const shopRead: TokenRequest = { scope: "shop:read", audience: audienceOf("gateway") }
const shopWrite: TokenRequest = { scope: "shop:write", audience: audienceOf("gateway") }

/** The life of the fleet: one call after another, chosen at random, now and then a wrong one. */
export function makeTraffic({ urls, tokens, orders, misuseEvery, random, now }: TrafficParts) {
  const client = (manager: TokenManager, request: TokenRequest) => createHttpClient({ tokens: manager, request })
  const shopReads = client(tokens.shop, shopRead)
  const shopWrites = client(tokens.shop, shopWrite)
  const billing = client(tokens.billing, shopRead)
  const toInventory = client(tokens.order, inventoryRead)
  const toPayments = client(tokens.order, paymentsWrite)
  const stash = expiredStash(now)
  const oneOf = <T>(list: readonly T[]): T | undefined => list[Math.floor(random() * list.length)]
  const anOrder = () => oneOf([...orders.values()])
  let count = 0

  const post = (call: BearerFetch, url: string, order: Order | undefined, headers: Record<string, string>) =>
    call(url, {
      method: "POST",
      headers: { ...headers, "content-type": "application/json" },
      body: JSON.stringify({ orderId: order?.id, amount: order?.amount }),
    })

  const journeys: readonly {
    what: string
    share: number
    run: (headers: Record<string, string>) => Promise<Response>
  }[] = [
    {
      what: "shop reads an order",
      share: 5,
      run: (headers) => shopReads(`${urls.gateway}/api/orders/${anOrder()?.id}`, { headers }),
    },
    {
      what: "shop pays",
      share: 2,
      run: (headers) => post(shopWrites, `${urls.gateway}/api/payments/charge`, anOrder(), headers),
    },
    {
      what: "order service checks the stock",
      share: 3,
      run: async (headers) => {
        const { token, expiresAtMs } = await tokens.order.get(inventoryRead)
        stash.offer(token, expiresAtMs)
        return toInventory(`${urls.inventory}/api/inventory/check/${oneOf([...stock.keys()])}`, { headers })
      },
    },
    {
      what: "order service charges",
      share: 2,
      run: (headers) => post(toPayments, `${urls.payments}/api/payments/charge`, anOrder(), headers),
    },
    {
      what: "billing job reads the charges",
      share: 1,
      run: (headers) => billing(`${urls.gateway}/api/payments/history`, { headers }),
    },
  ]

  /** The wrong calls go out with the token as it is: no client that mends it stands between. */
  const wrongly = async (kind: Misuse, headers: Record<string, string>): Promise<Response> => {
    const bearing = (token: string) => ({
      headers: { ...headers, authorization: `Bearer ${token}` },
      signal: AbortSignal.timeout(5_000),
    })
    const check = `${urls.inventory}/api/inventory/check/item-1`
    switch (kind) {
      case "wrong_audience":
        return fetch(`${urls.payments}/api/payments/history`, bearing((await tokens.order.get(inventoryRead)).token))
      case "missing_scope":
        return fetch(`${urls.payments}/api/payments/history`, bearing((await tokens.order.get(paymentsWrite)).token))
      case "tampered_signature":
        return fetch(check, bearing(tampered((await tokens.order.get(inventoryRead)).token)))
      case "expired":
        return fetch(check, bearing(stash.take() ?? ""))
    }
  }

  const pick = () => {
    let ticket = random() * journeys.reduce((sum, { share }) => sum + share, 0)
    return journeys.find(({ share }) => (ticket -= share) < 0)
  }

  /** One call. Rejects when no answer came, as while a service or the authorization server is away. */
  return async (): Promise<CallMade> => {
    const misuse = misuseOf(++count, misuseEvery, stash.hasExpired())
    const headers = {
      traceparent: `00-${randomBytes(16).toString("hex")}-${randomBytes(8).toString("hex")}-01`,
      "user-agent": "grantry-demo-fleet",
    }
    const journey = misuse === undefined ? pick() : undefined
    const answer = await (journey === undefined ? wrongly(misuse ?? "wrong_audience", headers) : journey.run(headers))
    await answer.body?.cancel()
    return { what: journey?.what ?? "a wrong call", misuse, status: answer.status }
  }
}
