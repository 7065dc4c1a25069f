import { z } from "zod"
import { getEvent } from "../../../../../lib/events/search.ts"
import { route } from "../../../../../lib/web/route.ts"

export const GET = route({
  summary: "One token event with what stands around it: same trace, same token, same client",
  permission: "events:read",
  // A digest in the shape of a UUID carries no version.
  params: z.object({ id: z.guid() }),
  run: async ({ actor, params }) => ({ body: await getEvent(actor, params.id) }),
})
