import { heartbeat, heartbeatInput } from "../../../../../../lib/events/sources.ts"
import { idParams } from "../../../../../../lib/web/params.ts"
import { route } from "../../../../../../lib/web/route.ts"

export const POST = route({
  summary: "A source says until when it has sent everything",
  permission: null,
  params: idParams,
  body: heartbeatInput,
  run: async ({ actor, params, body }) => ({ body: await heartbeat(actor, params.id, body) }),
})
