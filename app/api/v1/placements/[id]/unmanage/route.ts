import { unmanage, unmanagedView } from "../../../../../../lib/sync/placements.ts"
import { decisionInput, idParams } from "../../../../../../lib/sync/schema.ts"
import { route } from "../../../../../../lib/web/route.ts"

export const POST = route({
  summary: "Forget an object and leave it at the identity provider as it is; deleting it is another verb",
  permission: "providers:write",
  params: idParams,
  body: decisionInput,
  response: unmanagedView,
  run: async ({ actor, params, body }) => ({ body: await unmanage(actor, params.id, body.reason ?? null) }),
})
