import { createHttpClient } from "../../oauth/http-client.ts"
import { providerConfig } from "../../oauth/provider-config.ts"
import { createEventShipper, type ShipperCounts, type ShipperProblem } from "../../oauth/shipper.ts"
import { TokenManager } from "../../oauth/token-manager.ts"
import { createVerifier, type Verifier } from "../../oauth/verifier.ts"
import { audienceOf, type DemoAudience, type DemoClient } from "../demo/layout.ts"
import { startFounding } from "./founding.ts"
import { gatewayRoutes, type Upstream } from "./gateway.ts"
import { inventoryRoutes } from "./inventory.ts"
import { orderRoutes, ordersOf } from "./order.ts"
import { paymentRoutes } from "./payment.ts"
import { serve, type Route } from "./serve.ts"
import { makeTraffic, type CallMade } from "./traffic.ts"

export interface FleetOptions {
  readonly tokenUrl: string
  readonly issuer: string
  readonly jwksUri: string
  readonly clients: Readonly<Record<DemoClient, { readonly clientId: string; readonly clientSecret: string }>>
  /** Grantry's ingestion, and the API token of the fleet's source. */
  readonly ingest: { readonly url: string; readonly token: string }
  /** Calls per second; 0 for none. */
  readonly rate: number
  /** Every n-th call is a wrong one (default 40); 0 for none. */
  readonly misuseEvery?: number
  readonly authServer?: string
  readonly host?: string
  readonly random?: () => number
  readonly now?: () => number
  readonly onProblem?: (problem: ShipperProblem) => void
}

export interface FleetStats {
  readonly calls: number
  /** Calls that got no answer at all. */
  readonly unanswered: number
  /** The last thing that went wrong on the calling side, as a code; for the console's demo state. */
  readonly lastError: string | null
  readonly statuses: Readonly<Record<string, number>>
  /** Answered calls by what they were. */
  readonly journeys: Readonly<Record<string, number>>
  readonly misuses: Readonly<Record<string, number>>
  readonly shipped: ShipperCounts
  /** `jwks_cache_request_total` and `jwks_cache_miss_total` over the four services that verify by keys. */
  readonly jwks: { readonly requests: number; readonly misses: number }
}

export interface Fleet {
  readonly urls: Readonly<Record<DemoAudience | "resource", string>>
  readonly stats: () => FleetStats
  /** Ends the traffic, then the services, then ships what is left, for at most `shipMs` (default 5 s). */
  readonly stop: (shipMs?: number) => Promise<void>
}

const inFlightMax = 20

/** Gateway, order, payment and inventory service and those of the founding documents on free ports, and the calls among them. */
export async function startFleet(options: FleetOptions): Promise<Fleet> {
  const host = options.host ?? "127.0.0.1"
  const shipper = createEventShipper({
    ...options.ingest,
    ...(options.onProblem === undefined ? {} : { onProblem: options.onProblem }),
  })
  const now = options.now ?? Date.now
  const verifiers: Verifier[] = []
  // Whatever fails to open closes all before it; at the end the last opened closes first, so that who is still asked by another ends after it.
  await using opening = new AsyncDisposableStack()
  const start = async (audience: DemoAudience, routes: readonly Route[]): Promise<string> => {
    const verifier = createVerifier({
      issuer: options.issuer,
      audience: audienceOf(audience),
      jwksUri: options.jwksUri,
      now,
    })
    const service = opening.adopt(
      await serve(host, routes, { verifier, onEvent: shipper.add, authServer: options.authServer ?? "local" }),
      (running) => running.close(),
    )
    verifiers.push(verifier)
    return service.url
  }
  const managerOf = (client: DemoClient): TokenManager => {
    const { clientId, clientSecret } = options.clients[client]
    const provider = providerConfig("local", { tokenUrl: options.tokenUrl, issuer: options.issuer })
    return new TokenManager({ provider, clientId, auth: { method: "client_secret_basic", secret: clientSecret }, now })
  }
  const tokens = {
    shop: managerOf("shop"),
    billing: managerOf("billing"),
    gateway: managerOf("gateway"),
    order: managerOf("order"),
    caller: managerOf("caller"),
    greeter: managerOf("greeter"),
  }
  const gatewayClient = options.clients.gateway.clientId
  const orders = ordersOf(options.clients.shop.clientId)

  const inventory = await start("inventory", inventoryRoutes)
  const payments = await start("payments", paymentRoutes(gatewayClient))
  const inventoryCall = createHttpClient({
    tokens: tokens.order,
    request: { scope: "inventory:read", audience: audienceOf("inventory") },
  })
  const ordersUrl = await start(
    "orders",
    orderRoutes({ gatewayClient, orders, inventoryUrl: inventory, inventory: inventoryCall }),
  )
  const upstream = (url: string, audience: DemoAudience, scope: string): Upstream => ({
    url,
    call: createHttpClient({ tokens: tokens.gateway, request: { scope, audience: audienceOf(audience) } }),
  })
  const gateway = await start(
    "gateway",
    gatewayRoutes({
      readOrders: upstream(ordersUrl, "orders", "orders:read"),
      readPayments: upstream(payments, "payments", "payments:read"),
      writePayments: upstream(payments, "payments", "payments:write"),
      readInventory: upstream(inventory, "inventory", "inventory:read"),
    }),
  )

  const founding = opening.adopt(
    await startFounding({
      host,
      issuer: options.issuer,
      authServer: options.authServer ?? "local",
      tokens,
      greeter: options.clients.greeter,
      onEvent: shipper.add,
      now,
    }),
    (services) => services.close(),
  )

  const urls = { gateway, orders: ordersUrl, payments, inventory, ...founding.urls }
  const random = options.random ?? Math.random
  const call = makeTraffic({
    urls,
    tokens,
    founding,
    orders,
    misuseEvery: options.misuseEvery ?? 40,
    random,
    now,
  })
  const traffic = repeat(call, options.rate, random)
  const opened = opening.move()
  return {
    urls,
    stats: () => ({ ...traffic.stats(), shipped: shipper.counts(), jwks: sum(verifiers) }),
    async stop(shipMs) {
      await traffic.stop()
      await opened.disposeAsync()
      await shipper.close(shipMs)
    },
  }
}

function sum(verifiers: readonly Verifier[]): FleetStats["jwks"] {
  const counters = verifiers.map((verifier) => verifier.counters())
  const total = (name: "requests" | "misses") => counters.reduce((so, one) => so + one[name], 0)
  return { requests: total("requests"), misses: total("misses") }
}

/** Calls at the rate, spread a little, with a bound on what is in flight: a fleet whose provider hangs does not pile up. */
function repeat(call: () => Promise<CallMade>, rate: number, random: () => number) {
  const statuses: Record<string, number> = {}
  const journeys: Record<string, number> = {}
  const misuses: Record<string, number> = {}
  const inFlight = new Set<Promise<void>>()
  let calls = 0
  let unanswered = 0
  let lastError: string | null = null
  let timer: NodeJS.Timeout | undefined

  const one = async (): Promise<void> => {
    calls++
    try {
      const { what, status, misuse } = await call()
      statuses[status] = (statuses[status] ?? 0) + 1
      if (misuse === undefined) journeys[what] = (journeys[what] ?? 0) + 1
      else misuses[misuse] = (misuses[misuse] ?? 0) + 1
    } catch (error) {
      unanswered++
      lastError = error instanceof Error ? error.message : "unknown"
    }
  }
  const tick = (): void => {
    if (inFlight.size < inFlightMax) {
      const running = one().finally(() => inFlight.delete(running))
      inFlight.add(running)
    }
    next()
  }
  const next = (): void => {
    timer = setTimeout(tick, (1000 / rate) * (0.5 + random()))
  }
  if (rate > 0) next()
  return {
    stats: () => ({
      calls,
      unanswered,
      lastError,
      statuses: { ...statuses },
      journeys: { ...journeys },
      misuses: { ...misuses },
    }),
    async stop() {
      clearTimeout(timer)
      await Promise.all(inFlight)
    },
  }
}
