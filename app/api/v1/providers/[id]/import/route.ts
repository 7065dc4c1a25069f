import { importProvider } from "../../../../../../lib/sync/import.ts"
import { idParams } from "../../../../../../lib/sync/schema.ts"
import { route } from "../../../../../../lib/web/route.ts"

export const POST = route({
  summary: "Find what could be adopted",
  permission: "providers:write",
  params: idParams,
  status: 201,
  run: async ({ actor, params }) => ({ body: await importProvider(actor, params.id) }),
})
