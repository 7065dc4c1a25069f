import { afterAll, beforeAll, describe, expect, it } from "vitest"
import { audienceOf } from "../demo/layout.ts"
import { misuses, type Misuse } from "./misuse.ts"
import { startFleet, type Fleet } from "./start.ts"
import { makeWorld, type World } from "./world.fixture.ts"

let world: World
let fleet: Fleet
beforeAll(async () => {
  world = await makeWorld()
  fleet = await startFleet({ ...world.options, rate: 0 })
})
afterAll(async () => {
  await fleet.stop()
  world.close()
})

const shop = "demo-web-shop"
const throughGateway = (scope: string) => world.sign(shop, audienceOf("gateway"), scope)

async function call(
  url: string,
  token: string | undefined,
  over: { method?: string; body?: object; headers?: Record<string, string> } = {},
): Promise<[number, unknown]> {
  const authorization: Record<string, string> = token === undefined ? {} : { authorization: `Bearer ${token}` }
  const answer = await fetch(url, {
    method: over.method ?? "GET",
    headers: { ...authorization, ...over.headers },
    ...(over.body === undefined ? {} : { body: JSON.stringify(over.body) }),
  })
  return [answer.status, await answer.json()]
}

describe("the fleet", () => {
  it("shows an order to the one whose it is, with its item's stock asked of the inventory", async () => {
    const answer = await call(`${fleet.urls.gateway}/api/orders/o-1001`, await throughGateway("shop:read"))
    expect(answer).toEqual([200, { id: "o-1001", userId: shop, item: "item-1", amount: 10, available: true }])
    const soldOut = await call(`${fleet.urls.gateway}/api/orders/o-1007`, await throughGateway("shop:read"))
    expect(soldOut[1]).toMatchObject({ available: false })
  })

  it("the service's fine check refuses an order of somebody else, though the coarse scope is there", async () => {
    expect(await call(`${fleet.urls.gateway}/api/orders/o-1005`, await throughGateway("shop:read"))).toEqual([
      403,
      { error: "Not your order" },
    ])
  })

  it("identity headers from outside are stripped at the gateway", async () => {
    const spoofed = { "x-subject": "another-shop", "x-client-id": "another-shop", "x-scopes": "everything" }
    const answer = await call(`${fleet.urls.gateway}/api/orders/o-1005`, await throughGateway("shop:read"), {
      headers: spoofed,
    })
    expect(answer).toEqual([403, { error: "Not your order" }])
  })

  it("identity headers count from the gateway only", async () => {
    const token = await world.sign("somebody", audienceOf("orders"), "orders:read")
    const headers = { "x-subject": shop, "x-client-id": shop }
    expect(await call(`${fleet.urls.orders}/api/orders/o-1001`, token, { headers })).toEqual([
      403,
      { error: "Not your order" },
    ])
  })

  it("charges for the one who asked at the gateway, and keeps the history", async () => {
    const body = { orderId: "o-1001", amount: 10 }
    const charged = await call(`${fleet.urls.gateway}/api/payments/charge`, await throughGateway("shop:write"), {
      method: "POST",
      body,
    })
    expect(charged).toEqual([200, { success: true, chargeId: expect.any(String) as string, processedFor: shop }])
    const direct = await world.sign("demo-order-service", audienceOf("payments"), "payments:write")
    expect(
      (await call(`${fleet.urls.payments}/api/payments/charge`, direct, { method: "POST", body }))[1],
    ).toMatchObject({ processedFor: "demo-order-service" })
    const [, history] = await call(`${fleet.urls.gateway}/api/payments/history`, await throughGateway("shop:read"))
    expect(history).toMatchObject({
      charges: [{ processedFor: "demo-order-service" }, { processedFor: shop, orderId: "o-1001", amount: 10 }],
    })
  })

  it.each([
    ["no body", undefined],
    ["a negative amount", { orderId: "o-1", amount: -1 }],
  ])("refuses a charge with %s", async (_, body) => {
    const token = await world.sign("demo-order-service", audienceOf("payments"), "payments:write")
    const [status] = await call(`${fleet.urls.payments}/api/payments/charge`, token, {
      method: "POST",
      ...(body === undefined ? {} : { body }),
    })
    expect(status).toBe(422)
  })

  it("checks the coarse scope at the gateway: reading does not allow to pay", async () => {
    const answer = await call(`${fleet.urls.gateway}/api/payments/charge`, await throughGateway("shop:read"), {
      method: "POST",
      body: { orderId: "o", amount: 1 },
    })
    expect(answer).toEqual([403, { error: "Insufficient scope", required: ["shop:write"], missing: ["shop:write"] }])
  })

  it.each([
    ["payments", "POST", "/api/payments/charge", "payments:write", "payments:read"],
    ["payments", "GET", "/api/payments/history", "payments:read", "payments:write"],
    ["inventory", "GET", "/api/inventory/check/item-1", "inventory:read", "inventory:readonly"],
    ["orders", "GET", "/api/orders/o-1001", "orders:read", "orders:read:all"],
  ] as const)("the service %s lets %s %s through with %s, not with %s", async (name, method, path, needed, other) => {
    const ask = async (scope: string) =>
      call(`${fleet.urls[name]}${path}`, await world.sign(shop, audienceOf(name), scope), {
        method,
        ...(method === "POST" ? { body: { orderId: "o-1", amount: 1 } } : {}),
      })
    expect((await ask(needed))[0]).toBe(200)
    expect(await ask(other)).toEqual([403, { error: "Insufficient scope", required: [needed], missing: [needed] }])
  })

  it("answers the inventory's question", async () => {
    const token = await world.sign("demo-order-service", audienceOf("inventory"), "inventory:read")
    expect(await call(`${fleet.urls.inventory}/api/inventory/check/item-1`, token)).toEqual([200, { available: true }])
    expect(await call(`${fleet.urls.inventory}/api/inventory/check/nothing`, token)).toEqual([
      404,
      { error: "No such item" },
    ])
  })

  it("a token for one service opens no other", async () => {
    const token = await world.sign("demo-order-service", audienceOf("inventory"), "payments:write")
    expect(await call(`${fleet.urls.payments}/api/payments/charge`, token, { method: "POST" })).toEqual([
      401,
      { error: "Token verification failed" },
    ])
    expect(await call(`${fleet.urls.payments}/api/payments/charge`, undefined, { method: "POST" })).toEqual([
      401,
      { error: "Missing Bearer token" },
    ])
  })
})

it("in traffic it calls rightly and wrongly, and every judgement arrives as an event", async () => {
  const own = await makeWorld()
  const busy = await startFleet({ ...own.options, rate: 200, misuseEvery: 4 })
  await expect.poll(() => busy.stats().calls, { timeout: 10_000 }).toBeGreaterThan(60)
  await busy.stop()
  const stats = busy.stats()
  expect(stats).toMatchObject({ unanswered: 0, lastError: null, shipped: { buffered: 0, dropped: 0, rejected: 0 } })
  expect(stats.shipped.shipped).toBe(own.lines.length)
  expect(Object.keys(stats.misuses).sort()).toEqual(misuses.filter((kind) => kind !== "expired").toSorted())
  const failures = (reason: string) => own.lines.filter(({ failure_reason }) => failure_reason === reason)
  expect(failures("wrong_audience")).toHaveLength(stats.misuses["wrong_audience"] ?? 0)
  const made = (...kinds: Misuse[]) => kinds.reduce((sum, kind) => sum + (stats.misuses[kind] ?? 0), 0)
  expect(failures("insufficient_scope")).toHaveLength(made("missing_scope", "grpc_permission_denied", "role_missing"))
  expect(failures("invalid_signature")).toHaveLength(made("tampered_signature"))
  expect(failures("inactive")).toHaveLength(made("grpc_unauthenticated"))
  expect(failures("missing_token")).toHaveLength(made("bearer_missing"))
  expect(own.lines.filter(({ validation_result }) => validation_result === "success").length).toBeGreaterThan(60)
  expect(new Set(own.lines.map(({ resource }) => resource))).toEqual(
    new Set([
      "GET /api/orders/:id",
      "POST /api/payments/charge",
      "GET /api/payments/history",
      "GET /api/inventory/check/:id",
      "greet.Greeter/SayHello",
      "GET /",
      "GET /admin",
    ]),
  )
  // One reading per service; only who came before it was done had to wait.
  expect(stats.jwks.misses).toBeGreaterThanOrEqual(4)
  expect(stats.jwks.misses).toBeLessThan(stats.jwks.requests / 3)
  own.close()
}, 20_000)

it("calls with a token that has really expired, and is told so", async () => {
  const clock = { ahead: 0 }
  const now = () => Date.now() + clock.ahead
  const own = await makeWorld(now)
  const busy = await startFleet({ ...own.options, rate: 200, misuseEvery: 4, now })
  await expect
    .poll(() => busy.stats().journeys["order service checks the stock"] ?? 0, { timeout: 10_000 })
    .toBeGreaterThan(0)
  clock.ahead = 362_000
  await expect.poll(() => busy.stats().misuses["expired"] ?? 0, { timeout: 10_000 }).toBe(1)
  await busy.stop()
  // Calls that were on their way when the clock jumped are expired as well; their client mends them with a fresh token.
  const expired = {
    failure_reason: "expired",
    client_id: "demo-order-service",
    resource: "GET /api/inventory/check/:id",
  }
  expect(own.lines).toEqual(expect.arrayContaining([expect.objectContaining(expired)]))
  expect(busy.stats().statuses["401"]).toBeGreaterThanOrEqual(busy.stats().misuses["expired"] ?? 0)
  own.close()
}, 20_000)

it("goes on while the authorization server is away, on the tokens it has", async () => {
  const own = await makeWorld()
  const busy = await startFleet({ ...own.options, rate: 100, misuseEvery: 0 })
  await expect.poll(() => Object.keys(busy.stats().journeys).length, { timeout: 10_000 }).toBe(9)
  own.close()
  const before = busy.stats()
  await expect.poll(() => busy.stats().calls, { timeout: 10_000 }).toBeGreaterThan(before.calls + 20)
  expect(busy.stats().unanswered).toBe(0)
  // The ingestion is away too: the lines wait, and stopping does not hang.
  await busy.stop(100)
  expect(busy.stats().shipped.dropped).toBeGreaterThan(0)
}, 30_000)
