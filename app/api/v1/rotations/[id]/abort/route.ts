import { abortRotation } from "../../../../../../lib/rotation/commands.ts"
import { detailOf } from "../../../../../../lib/rotation/queries.ts"
import { reasonInput, rotationParams } from "../../../../../../lib/rotation/schema.ts"
import { route } from "../../../../../../lib/web/route.ts"

export const POST = route({
  summary: "Keep the old secret and remove the new one",
  permission: "rotations:write",
  params: rotationParams,
  body: reasonInput,
  run: async ({ actor, params, body }) => {
    const row = await abortRotation(actor, params.id, { reason: body.reason })
    return { body: await detailOf(actor, row), version: row.version }
  },
})
