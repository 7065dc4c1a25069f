import { z } from "zod"
import { listRotations } from "../../../../lib/rotation/queries.ts"
import { rotationFilter } from "../../../../lib/rotation/schema.ts"
import { decodeCursor, encodeCursor, pageQuery } from "../../../../lib/web/list.ts"
import { route } from "../../../../lib/web/route.ts"

export const GET = route({
  summary: "List rotations, newest first",
  permission: "rotations:read",
  query: z.strictObject({ ...pageQuery, ...rotationFilter }),
  run: async ({ actor, query: { cursor, ...filter } }) => {
    const { items, next } = await listRotations(actor, {
      ...filter,
      after: cursor === undefined ? undefined : decodeCursor(cursor),
    })
    return { body: { items, next: next && encodeCursor(next) } }
  },
})
