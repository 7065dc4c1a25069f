import { introspectRequest, introspectToken } from "../../../../../lib/inspect/introspect.ts"
import { route } from "../../../../../lib/web/route.ts"

export const POST = route({
  summary: "Ask a provider whether it knows a token (RFC 7662)",
  permission: "tokens:inspect",
  body: introspectRequest,
  idempotency: "none",
  run: async ({ actor, body }) => ({ body: await introspectToken(actor, body) }),
})
