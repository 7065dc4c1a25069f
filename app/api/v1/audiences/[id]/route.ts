import { deleteAudience, saveAudience } from "../../../../../lib/registry/audiences/commands.ts"
import { getAudience } from "../../../../../lib/registry/audiences/queries.ts"
import { idParams, audiencePatch } from "../../../../../lib/registry/schema.ts"
import { route } from "../../../../../lib/web/route.ts"

export const GET = route({
  summary: "One audience",
  permission: "registry:read",
  params: idParams,
  run: async ({ actor, params }) => {
    const audience = await getAudience(actor, params.id)
    return { body: audience, version: audience.version }
  },
})

export const PATCH = route({
  summary: "Change an audience",
  permission: "registry:write",
  params: idParams,
  body: audiencePatch,
  run: async ({ actor, params, body, ifMatch }) => {
    const audience = await saveAudience(actor, params.id, body, ifMatch)
    return { body: audience, version: audience.version }
  },
})

export const DELETE = route({
  summary: "Delete an audience",
  permission: "registry:write",
  params: idParams,
  status: 204,
  run: async ({ actor, params, ifMatch }) => {
    await deleteAudience(actor, params.id, ifMatch)
    return {}
  },
})
