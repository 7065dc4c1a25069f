import { emergencyRevoke } from "../../../../../../lib/rotation/commands.ts"
import { detailOf } from "../../../../../../lib/rotation/queries.ts"
import { reasonInput, rotationParams } from "../../../../../../lib/rotation/schema.ts"
import { route } from "../../../../../../lib/web/route.ts"

export const POST = route({
  summary: "End the old secret at once: it is leaked",
  permission: "rotations:write",
  params: rotationParams,
  body: reasonInput,
  run: async ({ actor, params, body }) => {
    const row = await emergencyRevoke(actor, params.id, body.reason)
    return { body: await detailOf(actor, row), version: row.version }
  },
})
