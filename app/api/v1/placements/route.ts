import { z } from "zod"
import { listPlacements, placementFilter, placementView } from "../../../../lib/sync/placements.ts"
import { decodeCursor, encodeCursor, idCursor, pageOf, pageQuery } from "../../../../lib/web/list.ts"
import { route } from "../../../../lib/web/route.ts"

export const GET = route({
  summary: "Objects of ours on identity providers",
  permission: "providers:read",
  query: z.strictObject({ ...pageQuery, ...placementFilter }),
  response: pageOf(placementView),
  run: async ({ actor, query: { limit, cursor, ...filter } }) => {
    const after = cursor === undefined ? null : decodeCursor(cursor, idCursor)[0]
    const { items, last } = await listPlacements(actor, filter, { limit, after })
    return { body: { items, next: last && encodeCursor([last]) } }
  },
})
