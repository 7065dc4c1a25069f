import { adoptImport } from "../../../../../../lib/sync/import.ts"
import { adoptInput, idParams } from "../../../../../../lib/sync/schema.ts"
import { route } from "../../../../../../lib/web/route.ts"

export const POST = route({
  summary: "Adopt found clients and audiences as they are",
  permission: "providers:write",
  params: idParams,
  body: adoptInput,
  run: async ({ actor, params, body }) => ({ body: await adoptImport(actor, params.id, body.keys) }),
})
