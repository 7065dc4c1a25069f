import { ignoreDrift } from "../../../../../../lib/sync/drift-commands.ts"
import { idParams, ignoreInput } from "../../../../../../lib/sync/schema.ts"
import { route } from "../../../../../../lib/web/route.ts"

export const POST = route({
  summary: "Leave drift alone until a date",
  permission: "providers:write",
  params: idParams,
  body: ignoreInput,
  run: async ({ actor, params, body }) => ({
    body: await ignoreDrift(actor, params.id, new Date(body.until), body.reason ?? null),
  }),
})
