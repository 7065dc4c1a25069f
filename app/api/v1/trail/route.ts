import { z } from "zod"
import { trailActions } from "../../../../lib/trail/actions.ts"
import { readTrail } from "../../../../lib/auth/audit.ts"
import { decodeCursor, encodeCursor, pageQuery } from "../../../../lib/web/list.ts"
import { route } from "../../../../lib/web/route.ts"

const seqCursor = z.tuple([z.string().regex(/^\d{1,18}$/)])
const time = z.iso.datetime({ offset: true }).optional()

export const GET = route({
  summary: "Admin audit trail, newest first",
  permission: "trail:read",
  query: z.strictObject({
    ...pageQuery,
    target_kind: z.string().optional(),
    target_id: z.string().optional(),
    action: z.enum(trailActions).optional(),
    actor: z.string().optional(),
    from: time,
    to: time,
  }),
  run: async ({ actor, query: { cursor, ...filter } }) => {
    const before = cursor === undefined ? undefined : BigInt(decodeCursor(cursor, seqCursor)[0])
    const page = await readTrail(actor, { ...filter, before })
    return { body: { items: page.items, next: page.next === null ? null : encodeCursor([String(page.next)]) } }
  },
})
