import { discardPlan, renamePlan } from "../../../../../lib/sync/commands.ts"
import { getPlan } from "../../../../../lib/sync/queries.ts"
import { idParams, planPatch } from "../../../../../lib/sync/schema.ts"
import { route } from "../../../../../lib/web/route.ts"

export const GET = route({
  summary: "One plan with its changes and their results",
  permission: "plans:read",
  params: idParams,
  run: async ({ actor, params }) => {
    const plan = await getPlan(actor, params.id)
    return { body: plan, version: plan.version }
  },
})

export const PATCH = route({
  summary: "Say what a plan is for",
  permission: "plans:write",
  params: idParams,
  body: planPatch,
  run: async ({ actor, params, body, ifMatch }) => {
    const plan = await renamePlan(actor, params.id, body.purpose, ifMatch)
    return { body: plan, version: plan.version }
  },
})

export const DELETE = route({
  summary: "Discard a plan that has not begun",
  permission: "plans:write",
  params: idParams,
  status: 204,
  run: async ({ actor, params, ifMatch }) => {
    await discardPlan(actor, params.id, ifMatch)
    return {}
  },
})
