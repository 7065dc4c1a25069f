import type { Route } from "./serve.ts"

/** What lies in the warehouse; the seventh item is always sold out. */
export const stock: ReadonlyMap<string, number> = new Map(
  Array.from({ length: 14 }, (_, index) => [`item-${index + 1}`, index % 7 === 6 ? 0 : 10 + index]),
)

export const inventoryRoutes: readonly Route[] = [
  {
    method: "GET",
    path: "/api/inventory/check/:id",
    scope: "inventory:read",
    run: ({ params }) => {
      const pieces = stock.get(params["id"] ?? "")
      if (pieces === undefined) return { status: 404, body: { error: "No such item" } }
      return { status: 200, body: { available: pieces > 0 } }
    },
  },
]
