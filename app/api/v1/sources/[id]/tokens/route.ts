import { z } from "zod"
import { createPushToken } from "../../../../../../lib/events/sources.ts"
import { idParams } from "../../../../../../lib/web/params.ts"
import { route } from "../../../../../../lib/web/route.ts"

export const POST = route({
  summary: "Make an API token with which this source sends its events; its value is answered once",
  permission: "settings:write",
  params: idParams,
  body: z.strictObject({
    name: z.string().trim().min(1).max(200).optional(),
    expires_at: z.iso.datetime({ offset: true }).nullish(),
  }),
  status: 201,
  idempotency: "once",
  run: async ({ actor, params, body }) => {
    const made = await createPushToken(actor, params.id, body)
    return { body: made, version: made.version }
  },
})
