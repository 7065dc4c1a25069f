import { remainsOf, remainsView } from "../../../../../../lib/providers/disconnect.ts"
import { idParams } from "../../../../../../lib/sync/schema.ts"
import { route } from "../../../../../../lib/web/route.ts"

export const GET = route({
  summary: "What would stay at an identity provider if it were disconnected now",
  permission: "providers:read",
  params: idParams,
  response: remainsView,
  run: async ({ actor, params }) => ({ body: await remainsOf(actor, params.id) }),
})
