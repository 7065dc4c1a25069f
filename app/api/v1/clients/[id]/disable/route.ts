import { idParams } from "../../../../../../lib/registry/schema.ts"
import { stopClient } from "../../../../../../lib/sync/at-once.ts"
import { route } from "../../../../../../lib/web/route.ts"

export const POST = route({
  summary: "Stop a client everywhere, at once",
  permission: "registry:write",
  params: idParams,
  status: 202,
  run: async ({ actor, params }) => ({ body: await stopClient(actor, params.id) }),
})
