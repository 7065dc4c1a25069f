import { adoptDrift } from "../../../../../../lib/sync/drift-commands.ts"
import { decisionInput, idParams } from "../../../../../../lib/sync/schema.ts"
import { route } from "../../../../../../lib/web/route.ts"

export const POST = route({
  summary: "Take what was found into the registry",
  permission: "providers:write",
  params: idParams,
  body: decisionInput,
  run: async ({ actor, params, body }) => ({ body: await adoptDrift(actor, params.id, body.reason ?? null) }),
})
