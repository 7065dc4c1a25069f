import { retireRotation } from "../../../../../../lib/rotation/commands.ts"
import { detailOf } from "../../../../../../lib/rotation/queries.ts"
import { retireInput, rotationParams } from "../../../../../../lib/rotation/schema.ts"
import { route } from "../../../../../../lib/web/route.ts"

export const POST = route({
  summary: "End the old secret: with the gate open, or by an override with a reason",
  permission: "rotations:write",
  params: rotationParams,
  body: retireInput,
  run: async ({ actor, params, body }) => {
    const row = await retireRotation(actor, params.id, body.override)
    return { body: await detailOf(actor, row), version: row.version }
  },
})
