import { z } from "zod"
import { listDrift } from "../../../../../../lib/sync/queries.ts"
import { idParams } from "../../../../../../lib/sync/schema.ts"
import { decodeCursor, encodeCursor, idCursor, pageQuery } from "../../../../../../lib/web/list.ts"
import { route } from "../../../../../../lib/web/route.ts"

export const GET = route({
  summary: "Where the provider differs from what was applied",
  permission: "providers:read",
  params: idParams,
  query: z.strictObject({ ...pageQuery, all: z.enum(["0", "1"]).default("0") }),
  run: async ({ actor, params, query: { limit, cursor, all } }) => {
    const { items, last } = await listDrift(actor, params.id, {
      all: all === "1",
      limit,
      after: cursor === undefined ? null : decodeCursor(cursor, idCursor),
    })
    return { body: { items, next: last && encodeCursor(last) } }
  },
})
