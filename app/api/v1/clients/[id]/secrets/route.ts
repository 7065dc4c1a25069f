import { z } from "zod"
import { idParams } from "../../../../../../lib/registry/schema.ts"
import { listSecrets } from "../../../../../../lib/secrets/queries.ts"
import { decodeCursor, encodeCursor, idCursor, pageQuery } from "../../../../../../lib/web/list.ts"
import { route } from "../../../../../../lib/web/route.ts"

export const GET = route({
  summary: "Secret versions of a client: fingerprints and dates, never values",
  permission: "secrets:read",
  params: idParams,
  query: z.strictObject({ ...pageQuery, all: z.enum(["0", "1"]).default("0") }),
  run: async ({ actor, params, query: { all, limit, cursor } }) => {
    const { items, last } = await listSecrets(actor, params.id, {
      all: all === "1",
      limit,
      after: cursor === undefined ? null : decodeCursor(cursor, idCursor)[0],
    })
    return { body: { items, next: last && encodeCursor([last]) } }
  },
})
