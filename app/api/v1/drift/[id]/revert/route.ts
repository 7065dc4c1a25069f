import { revertDrift } from "../../../../../../lib/sync/drift-commands.ts"
import { decisionInput, idParams } from "../../../../../../lib/sync/schema.ts"
import { route } from "../../../../../../lib/web/route.ts"

export const POST = route({
  summary: "Mark drift to be reverted by the next plan",
  permission: "providers:write",
  params: idParams,
  body: decisionInput,
  run: async ({ actor, params, body }) => ({ body: await revertDrift(actor, params.id, body.reason ?? null) }),
})
