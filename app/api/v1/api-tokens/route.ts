import { apiTokenInput, createApiToken, listApiTokens } from "../../../../lib/auth/api_tokens.ts"
import { route } from "../../../../lib/web/route.ts"

export const GET = route({ summary: "API tokens, without their values", permission: "settings:read", run: async ({ actor }) => ({ body: { items: await listApiTokens(actor), next: null } }) })

export const POST = route({
  summary: "Make an API token; its value is answered once",
  permission: "settings:write",
  body: apiTokenInput,
  status: 201,
  idempotency: "once",
  run: async ({ actor, body }) => {
    const made = await createApiToken(actor, body)
    return { body: made, version: made.version }
  },
})
