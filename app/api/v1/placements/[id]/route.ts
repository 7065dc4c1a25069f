import { getPlacement, placementPatch, placementView, protectPlacement } from "../../../../../lib/sync/placements.ts"
import { idParams } from "../../../../../lib/sync/schema.ts"
import { route } from "../../../../../lib/web/route.ts"

export const GET = route({
  summary: "One object of ours on an identity provider",
  permission: "providers:read",
  params: idParams,
  response: placementView,
  run: async ({ actor, params }) => {
    const placement = await getPlacement(actor, params.id)
    return { body: placement, version: placement.version }
  },
})

export const PATCH = route({
  summary: "Protect an object on an identity provider from every delete, or no longer",
  permission: "providers:write",
  params: idParams,
  body: placementPatch,
  response: placementView,
  run: async ({ actor, params, body, ifMatch }) => {
    const placement = await protectPlacement(actor, params.id, body, ifMatch)
    return { body: placement, version: placement.version }
  },
})
