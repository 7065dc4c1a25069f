import { z } from "zod"
import { listDrift } from "../../../../lib/sync/queries.ts"
import { decodeCursor, encodeCursor, idCursor, pageQuery } from "../../../../lib/web/list.ts"
import { route } from "../../../../lib/web/route.ts"

export const GET = route({
  summary: "Drift on all providers",
  permission: "providers:read",
  query: z.strictObject({ ...pageQuery, all: z.enum(["0", "1"]).default("0") }),
  run: async ({ actor, query: { limit, cursor, all } }) => {
    const { items, last } = await listDrift(actor, null, {
      all: all === "1",
      limit,
      after: cursor === undefined ? null : decodeCursor(cursor, idCursor),
    })
    return { body: { items, next: last && encodeCursor(last) } }
  },
})
