import { randomBytes } from "node:crypto"
import { createHttpClient, type BearerFetch } from "../../oauth/http-client.ts"
import type { TokenRequest } from "../../oauth/provider-config.ts"
import type { TokenManager } from "../../oauth/token-manager.ts"
import { audienceOf } from "../demo/layout.ts"
import type { Founding } from "./founding.ts"
import { stock } from "./inventory.ts"
import { expiredStash, misuseOf, tampered, type Misuse } from "./misuse.ts"
import type { Order } from "./order.ts"

/** One kind of right call; `run` answers the status: HTTP's number, or gRPC's name. */
export interface Journey {
  readonly what: string
  readonly share: number
  readonly run: (headers: Readonly<Record<string, string>>) => Promise<number | string>
}
/** The wrong calls go out with the token as it is: no client that mends it stands between. */
export type WrongCalls = Readonly<Record<Misuse, Journey["run"]>>

export interface TrafficParts {
  readonly urls: { readonly gateway: string; readonly payments: string; readonly inventory: string }
  readonly tokens: { readonly shop: TokenManager; readonly billing: TokenManager; readonly order: TokenManager }
  /** The services of the founding documents. */
  readonly founding: Pick<Founding, "journeys" | "wrongly">
  readonly orders: ReadonlyMap<string, Order>
  /** Every n-th call is a wrong one; 0 for none. */
  readonly misuseEvery: number
  readonly random: () => number
  readonly now: () => number
}

export interface CallMade {
  readonly what: string
  readonly misuse: Misuse | undefined
  readonly status: number | string
}

const inventoryRead: TokenRequest = { scope: "inventory:read", audience: audienceOf("inventory") }
const paymentsWrite: TokenRequest = { scope: "payments:write", audience: audienceOf("payments") }
const shopRead: TokenRequest = { scope: "shop:read", audience: audienceOf("gateway") }
const shopWrite: TokenRequest = { scope: "shop:write", audience: audienceOf("gateway") }

/** The life of the fleet: one call after another, chosen at random, now and then a wrong one. */
export function makeTraffic({ urls, tokens, founding, orders, misuseEvery, random, now }: TrafficParts) {
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

  const heard = async (answer: Promise<Response>): Promise<number> => {
    const { status, body } = await answer
    await body?.cancel()
    return status
  }
  const post = (call: BearerFetch, url: string, order: Order | undefined, headers: Readonly<Record<string, string>>) =>
    call(url, {
      method: "POST",
      headers: { ...headers, "content-type": "application/json" },
      body: JSON.stringify({ orderId: order?.id, amount: order?.amount }),
    })

  const journeys: readonly [Journey, ...Journey[]] = [
    {
      what: "shop reads an order",
      share: 5,
      run: (headers) => heard(shopReads(`${urls.gateway}/api/orders/${anOrder()?.id}`, { headers })),
    },
    {
      what: "shop pays",
      share: 2,
      run: (headers) => heard(post(shopWrites, `${urls.gateway}/api/payments/charge`, anOrder(), headers)),
    },
    {
      what: "order service checks the stock",
      share: 3,
      run: async (headers) => {
        const { token, expiresAtMs } = await tokens.order.get(inventoryRead)
        stash.offer(token, expiresAtMs)
        return heard(toInventory(`${urls.inventory}/api/inventory/check/${oneOf([...stock.keys()])}`, { headers }))
      },
    },
    {
      what: "order service charges",
      share: 2,
      run: (headers) => heard(post(toPayments, `${urls.payments}/api/payments/charge`, anOrder(), headers)),
    },
    {
      what: "billing job reads the charges",
      share: 1,
      run: (headers) => heard(billing(`${urls.gateway}/api/payments/history`, { headers })),
    },
    ...founding.journeys,
  ]

  const bearing = (url: string, token: string, headers: Readonly<Record<string, string>>) =>
    heard(fetch(url, { headers: { ...headers, authorization: `Bearer ${token}` }, signal: AbortSignal.timeout(5_000) }))
  const history = `${urls.payments}/api/payments/history`
  const check = `${urls.inventory}/api/inventory/check/item-1`
  const wrongly: WrongCalls = {
    wrong_audience: async (headers) => bearing(history, (await tokens.order.get(inventoryRead)).token, headers),
    missing_scope: async (headers) => bearing(history, (await tokens.order.get(paymentsWrite)).token, headers),
    tampered_signature: async (headers) =>
      bearing(check, tampered((await tokens.order.get(inventoryRead)).token), headers),
    expired: (headers) => bearing(check, stash.take() ?? "", headers),
    ...founding.wrongly,
  }

  const total = journeys.reduce((sum, { share }) => sum + share, 0)
  const pick = (): Journey => {
    let ticket = random() * total
    const [first, ...others] = journeys
    return others.find(({ share }) => (ticket -= share) < 0) ?? first
  }

  /** One call. Rejects when no answer came, as while a service or the authorization server is away. */
  return async (): Promise<CallMade> => {
    const misuse = misuseOf(++count, misuseEvery, stash.hasExpired())
    const headers = {
      traceparent: `00-${randomBytes(16).toString("hex")}-${randomBytes(8).toString("hex")}-01`,
      "user-agent": "grantry-demo-fleet",
    }
    if (misuse !== undefined) return { what: "a wrong call", misuse, status: await wrongly[misuse](headers) }
    const { what, run } = pick()
    return { what, misuse, status: await run(headers) }
  }
}
