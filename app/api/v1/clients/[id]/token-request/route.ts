import { askOf, askQuery, askView } from "../../../../../../lib/inspect/ask.ts"
import { idParams } from "../../../../../../lib/web/params.ts"
import { route } from "../../../../../../lib/web/route.ts"

export const GET = route({
  summary: "How a client asks a provider for a token of an audience, in the provider's words; never a secret",
  permission: "registry:read",
  params: idParams,
  query: askQuery,
  response: askView,
  run: async ({ actor, params, query }) => ({ body: await askOf(actor, params.id, query) }),
})
