import { z } from "zod"
import { deleteSource, sourcePatch, updateSource } from "../../../../../lib/events/sources.ts"
import { getSource } from "../../../../../lib/events/source-view.ts"
import { idParams } from "../../../../../lib/web/params.ts"
import { route } from "../../../../../lib/web/route.ts"

export const GET = route({
  summary: "One event source with its watermark and gaps",
  permission: "events:read",
  params: idParams,
  run: async ({ actor, params }) => {
    const source = await getSource(actor, params.id)
    return { body: source, version: source.version }
  },
})

export const PATCH = route({
  summary: "Change an event source",
  permission: "settings:write",
  params: idParams,
  body: sourcePatch,
  run: async ({ actor, params, body, ifMatch }) => {
    const source = await updateSource(actor, params.id, body, ifMatch)
    return { body: source, version: source.version }
  },
})

export const DELETE = route({
  summary: "Remove an event source and its tokens; with events=1, its events too",
  permission: "settings:write",
  params: idParams,
  query: z.strictObject({ events: z.enum(["0", "1"]).default("0") }),
  status: 204,
  run: async ({ actor, params, query, ifMatch }) => {
    await deleteSource(actor, params.id, { events: query.events === "1", ifMatch })
    return {}
  },
})
