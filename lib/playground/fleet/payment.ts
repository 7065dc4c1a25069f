import { z } from "zod"
import { newId } from "../../base/id.ts"
import { onBehalfOf } from "./identity.ts"
import type { Route } from "./serve.ts"

const charge = z.object({ orderId: z.string().min(1).max(64), amount: z.number().positive().max(1_000_000) })
const historyMax = 100

interface Charge {
  readonly chargeId: string
  readonly orderId: string
  readonly amount: number
  readonly processedFor: string
  readonly at: string
}

/** Charges are kept in memory, the latest hundred. */
export function paymentRoutes(gatewayClient: string): readonly Route[] {
  const charges: Charge[] = []
  return [
    {
      method: "POST",
      path: "/api/payments/charge",
      scope: "payments:write",
      run: ({ access, headers, body }) => {
        const asked = charge.safeParse(body)
        if (!asked.success) return { status: 422, body: { error: "A charge needs orderId and a positive amount" } }
        const made = {
          ...asked.data,
          chargeId: newId(),
          processedFor: onBehalfOf(access, headers, gatewayClient).client,
          at: new Date().toISOString(),
        }
        charges.push(made)
        if (charges.length > historyMax) charges.shift()
        return { status: 200, body: { success: true, chargeId: made.chargeId, processedFor: made.processedFor } }
      },
    },
    {
      method: "GET",
      path: "/api/payments/history",
      scope: "payments:read",
      run: () => ({ status: 200, body: { charges: charges.toReversed() } }),
    },
  ]
}
