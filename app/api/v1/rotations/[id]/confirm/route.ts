import { confirmRotation } from "../../../../../../lib/rotation/commands.ts"
import { detailOf } from "../../../../../../lib/rotation/queries.ts"
import { emptyInput, rotationParams } from "../../../../../../lib/rotation/schema.ts"
import { route } from "../../../../../../lib/web/route.ts"

export const POST = route({
  summary: "Say that the service has the new secret",
  permission: "rotations:write",
  params: rotationParams,
  body: emptyInput,
  run: async ({ actor, params }) => {
    const row = await confirmRotation(actor, params.id)
    return { body: await detailOf(actor, row), version: row.version }
  },
})
