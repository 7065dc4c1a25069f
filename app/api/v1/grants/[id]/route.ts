import { deleteGrant, saveGrant } from "../../../../../lib/registry/grants/commands.ts"
import { getGrant } from "../../../../../lib/registry/grants/queries.ts"
import { idParams, grantPatch } from "../../../../../lib/registry/schema.ts"
import { route } from "../../../../../lib/web/route.ts"

export const GET = route({
  summary: "One audience grant",
  permission: "registry:read",
  params: idParams,
  run: async ({ actor, params }) => {
    const grant = await getGrant(actor, params.id)
    return { body: grant, version: grant.version }
  },
})

export const PATCH = route({
  summary: "Change an audience grant",
  permission: "registry:write",
  params: idParams,
  body: grantPatch,
  run: async ({ actor, params, body, ifMatch }) => {
    const grant = await saveGrant(actor, params.id, body, ifMatch)
    return { body: grant, version: grant.version }
  },
})

export const DELETE = route({
  summary: "Delete an audience grant",
  permission: "registry:write",
  params: idParams,
  status: 204,
  run: async ({ actor, params, ifMatch }) => {
    await deleteGrant(actor, params.id, ifMatch)
    return {}
  },
})
