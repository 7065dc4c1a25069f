import { apiTokenPatch, getApiToken, revokeApiToken, updateApiToken } from "../../../../../lib/auth/api-tokens.ts"
import { idParams } from "../../../../../lib/web/params.ts"
import { route } from "../../../../../lib/web/route.ts"

export const GET = route({
  summary: "One API token, without its value",
  permission: "settings:read",
  params: idParams,
  run: async ({ actor, params }) => {
    const token = await getApiToken(actor, params.id)
    return { body: token, version: token.version }
  },
})

export const PATCH = route({
  summary: "Change an API token's name or end",
  permission: "settings:write",
  params: idParams,
  body: apiTokenPatch,
  run: async ({ actor, params, body, ifMatch }) => {
    const token = await updateApiToken(actor, params.id, body, ifMatch)
    return { body: token, version: token.version }
  },
})

export const DELETE = route({
  summary: "Revoke an API token",
  permission: "settings:write",
  params: idParams,
  status: 204,
  run: async ({ actor, params, ifMatch }) => {
    await revokeApiToken(actor, params.id, ifMatch)
    return {}
  },
})
