import { inspect } from "../../../../../lib/inspect/queries.ts"
import { inspectRequest } from "../../../../../lib/inspect/schema.ts"
import { route } from "../../../../../lib/web/route.ts"

export const POST = route({
  summary: "Verify a token against its issuer's keys and the registry; it is neither stored nor logged",
  permission: "tokens:inspect",
  body: inspectRequest,
  idempotency: "none",
  run: async ({ actor, body }) => ({ body: await inspect(actor, body) }),
})
