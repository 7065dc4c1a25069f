import { z } from "zod"
import { eventHistogram } from "../../../../../lib/events/histogram.ts"
import { eventFilter } from "../../../../../lib/events/query.ts"
import { route } from "../../../../../lib/web/route.ts"

export const GET = route({
  summary: "Token events over time",
  permission: "events:read",
  query: z.strictObject(eventFilter),
  run: async ({ actor, query }) => ({ body: await eventHistogram(actor, query) }),
})
