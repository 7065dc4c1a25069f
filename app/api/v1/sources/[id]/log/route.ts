import { logOf } from "../../../../../../lib/collect/queries.ts"
import { idParams } from "../../../../../../lib/web/params.ts"
import { route } from "../../../../../../lib/web/route.ts"

export const GET = route({
  summary: "How the reading of a provider's log stands, what it tells, and which records became no event",
  permission: "events:read",
  params: idParams,
  run: async ({ actor, params }) => ({ body: await logOf(actor, params.id) }),
})
