import { resumePlan } from "../../../../../../lib/sync/start-apply.ts"
import { idParams } from "../../../../../../lib/sync/schema.ts"
import { route } from "../../../../../../lib/web/route.ts"

export const POST = route({
  summary: "Try again what did not succeed",
  permission: "plans:apply",
  params: idParams,
  status: 202,
  run: async ({ actor, params }) => ({ body: await resumePlan(actor, params.id) }),
})
