import { capabilities } from "../../../../../../lib/providers/queries.ts"
import { idParams } from "../../../../../../lib/sync/schema.ts"
import { route } from "../../../../../../lib/web/route.ts"

export const GET = route({
  summary: "What can be done on this provider, and why not",
  permission: "providers:read",
  params: idParams,
  run: async ({ actor, params }) => ({ body: { ...(await capabilities(actor, params.id)), next: null } }),
})
