import { trialInput, trySettings } from "../../../../../lib/providers/try.ts"
import { route } from "../../../../../lib/web/route.ts"

export const POST = route({
  summary: "Try settings before they are saved; stores nothing and writes nothing at the provider",
  permission: "providers:write",
  body: trialInput,
  idempotency: "none",
  run: async ({ actor, body }) => ({ body: await trySettings(actor, body) }),
})
