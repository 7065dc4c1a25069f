import { requestRead } from "../../../../../../lib/providers/commands.ts"
import { idParams } from "../../../../../../lib/sync/schema.ts"
import { route } from "../../../../../../lib/web/route.ts"

export const POST = route({
  summary: "Ask for a read of the provider",
  permission: "plans:write",
  params: idParams,
  status: 202,
  run: async ({ actor, params }) => ({ body: await requestRead(actor, params.id) }),
})
