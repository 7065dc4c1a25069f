import { discardPlan } from "../../../../../../lib/sync/commands.ts"
import { idParams } from "../../../../../../lib/sync/schema.ts"
import { route } from "../../../../../../lib/web/route.ts"

export const POST = route({
  summary: "Discard a plan that has not begun",
  permission: "plans:write",
  params: idParams,
  run: async ({ actor, params }) => ({ body: await discardPlan(actor, params.id) }),
})
