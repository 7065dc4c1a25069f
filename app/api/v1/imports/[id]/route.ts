import { deleteImport, getImport } from "../../../../../lib/sync/import.ts"
import { idParams } from "../../../../../lib/sync/schema.ts"
import { route } from "../../../../../lib/web/route.ts"

export const GET = route({
  summary: "What an import found, and what of it can still be adopted",
  permission: "providers:read",
  params: idParams,
  run: async ({ actor, params }) => ({ body: await getImport(actor, params.id) }),
})

export const DELETE = route({
  summary: "Forget what an import found",
  permission: "providers:write",
  params: idParams,
  status: 204,
  run: async ({ actor, params }) => {
    await deleteImport(actor, params.id)
    return {}
  },
})
