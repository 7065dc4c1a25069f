import { z } from "zod"
import { eventFacets } from "../../../../../lib/events/facets.ts"
import { eventFilter } from "../../../../../lib/events/query.ts"
import { route } from "../../../../../lib/web/route.ts"

export const GET = route({
  summary: "The values of each field, with counts",
  permission: "events:read",
  query: z.strictObject(eventFilter),
  run: async ({ actor, query }) => ({ body: await eventFacets(actor, query) }),
})
