import { z } from "zod"
import { eventFilter } from "../../../../../lib/events/query.ts"
import { eventInsights } from "../../../../../lib/events/series.ts"
import { route } from "../../../../../lib/web/route.ts"

const { from, to, provider, client_id, audience } = eventFilter

export const GET = route({
  summary: "What the dashboards draw: flow, clients, audiences, latency",
  permission: "events:read",
  query: z.strictObject({ from, to, provider, client_id, audience }),
  run: async ({ actor, query }) => ({ body: await eventInsights(actor, query) }),
})
