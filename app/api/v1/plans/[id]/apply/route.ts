import { applyPlan } from "../../../../../../lib/sync/start-apply.ts"
import { applyInput, idParams } from "../../../../../../lib/sync/schema.ts"
import { route } from "../../../../../../lib/web/route.ts"

export const POST = route({
  summary: "Apply a plan",
  permission: "plans:apply",
  params: idParams,
  body: applyInput,
  status: 202,
  run: async ({ actor, params, body }) => ({ body: await applyPlan(actor, params.id, body) }),
})
