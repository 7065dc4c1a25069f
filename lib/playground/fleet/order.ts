import type { BearerFetch } from "../../oauth/http-client.ts"
import { onBehalfOf } from "./identity.ts"
import type { Route } from "./serve.ts"

export interface Order {
  readonly id: string
  readonly userId: string
  readonly item: string
  readonly amount: number
}

/** Ten orders of the shop, and every fifth of somebody else: the fine check has something to refuse. */
export const ordersOf = (shopSubject: string): ReadonlyMap<string, Order> =>
  new Map(
    Array.from({ length: 10 }, (_, index): [string, Order] => {
      const id = `o-${1001 + index}`
      return [
        id,
        {
          id,
          userId: index % 5 === 4 ? "another-shop" : shopSubject,
          item: `item-${index + 1}`,
          amount: 10 * (index + 1),
        },
      ]
    }),
  )

export interface OrderParts {
  readonly gatewayClient: string
  readonly orders: ReadonlyMap<string, Order>
  readonly inventoryUrl: string
  readonly inventory: BearerFetch
}

/** The gateway has checked the coarse scope; whose order it is only this service knows. */
export const orderRoutes = ({ gatewayClient, orders, inventoryUrl, inventory }: OrderParts): readonly Route[] => [
  {
    method: "GET",
    path: "/api/orders/:id",
    scope: "orders:read",
    run: async ({ access, headers, params }) => {
      const order = orders.get(params["id"] ?? "")
      if (order === undefined) return { status: 404, body: { error: "No such order" } }
      if (order.userId !== onBehalfOf(access, headers, gatewayClient).subject)
        return { status: 403, body: { error: "Not your order" } }
      const trace = headers["traceparent"]
      const answer = await inventory(`${inventoryUrl}/api/inventory/check/${order.item}`, {
        headers: typeof trace === "string" ? { traceparent: trace } : {},
      })
      if (!answer.ok) return { status: 502, body: { error: "The inventory gave no answer" } }
      const { available } = (await answer.json()) as { available: boolean }
      return { status: 200, body: { ...order, available } }
    },
  },
]
