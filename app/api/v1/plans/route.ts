import { z } from "zod"
import { createPlan } from "../../../../lib/sync/create-plan.ts"
import { listPlans } from "../../../../lib/sync/queries.ts"
import { planInput } from "../../../../lib/sync/schema.ts"
import { decodeCursor, encodeCursor, pageQuery, timeCursor } from "../../../../lib/web/list.ts"
import { route } from "../../../../lib/web/route.ts"

export const GET = route({
  summary: "List plans, newest first",
  permission: "plans:read",
  query: z.strictObject({ ...pageQuery, status: z.string().max(40).optional(), provider: z.uuid().optional() }),
  run: async ({ actor, query: { limit, cursor, ...filter } }) => {
    const { items, last } = await listPlans(actor, filter, {
      limit,
      after: cursor === undefined ? null : decodeCursor(cursor, timeCursor),
    })
    return { body: { items, next: last && encodeCursor(last) } }
  },
})

export const POST = route({
  summary: "Plan: what would have to change on these providers",
  permission: "plans:write",
  body: planInput,
  status: 201,
  run: async ({ actor, body }) => {
    const plan = await createPlan(actor, body)
    return { body: plan, version: plan.version, headers: { location: `/api/v1/plans/${plan.id}` } }
  },
})
