import { eventFilter } from "../../../../lib/events/query.ts"
import { searchEvents } from "../../../../lib/events/search.ts"
import { takeEvents } from "../../../../lib/web/events.ts"
import { pageQuery } from "../../../../lib/web/list.ts"
import { route } from "../../../../lib/web/route.ts"
import { z } from "zod"

export const GET = route({
  summary: "Search token events, newest first; the last 24 hours when no window is given",
  permission: "events:read",
  query: z.strictObject({ ...eventFilter, ...pageQuery }),
  run: async ({ actor, query: { limit, cursor, ...filter } }) => ({
    body: await searchEvents(actor, filter, { limit, cursor }),
  }),
})

export const POST = takeEvents
