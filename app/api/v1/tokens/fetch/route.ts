import { fetchRequest, fetchToken } from "../../../../../lib/inspect/fetch.ts"
import { route } from "../../../../../lib/web/route.ts"

export const POST = route({
  summary: "Fetch a test token with a client's credentials; it is answered and not kept",
  permission: "tokens:fetch",
  body: fetchRequest,
  idempotency: "none",
  run: async ({ actor, body }) => ({ body: await fetchToken(actor, body) }),
})
