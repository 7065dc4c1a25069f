import { z } from "zod"
import { createSource, sourceInput } from "../../../../lib/events/sources.ts"
import { listSources } from "../../../../lib/events/source-view.ts"
import { route } from "../../../../lib/web/route.ts"
import { pageQuery } from "../../../../lib/web/list.ts"

export const GET = route({
  summary: "Event sources with their watermarks",
  permission: "events:read",
  query: z.strictObject({ ...pageQuery, cursor: z.uuid().optional() }),
  run: async ({ actor, query }) => ({ body: await listSources(actor, query) }),
})

export const POST = route({
  summary: "Make an event source",
  permission: "settings:write",
  body: sourceInput,
  status: 201,
  run: async ({ actor, body }) => {
    const made = await createSource(actor, body)
    return { body: made, version: made.version }
  },
})
