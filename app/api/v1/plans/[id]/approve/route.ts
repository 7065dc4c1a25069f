import { approvePlan } from "../../../../../../lib/sync/commands.ts"
import { idParams } from "../../../../../../lib/sync/schema.ts"
import { route } from "../../../../../../lib/web/route.ts"

export const POST = route({
  summary: "Approve a plan",
  permission: "plans:write",
  params: idParams,
  run: async ({ actor, params }) => ({ body: await approvePlan(actor, params.id) }),
})
