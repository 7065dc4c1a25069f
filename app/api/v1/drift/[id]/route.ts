import { getDrift } from "../../../../../lib/sync/queries.ts"
import { idParams } from "../../../../../lib/sync/schema.ts"
import { route } from "../../../../../lib/web/route.ts"

export const GET = route({
  summary: "One drift item",
  permission: "providers:read",
  params: idParams,
  run: async ({ actor, params }) => ({ body: await getDrift(actor, params.id) }),
})
