import { testProvider } from "../../../../../../lib/providers/queries.ts"
import { idParams } from "../../../../../../lib/sync/schema.ts"
import { route } from "../../../../../../lib/web/route.ts"

export const POST = route({
  summary: "Call the provider and say what works; writes nothing there",
  permission: "plans:write",
  params: idParams,
  idempotency: "none",
  run: async ({ actor, params }) => ({ body: await testProvider(actor, params.id) }),
})
