import { resumeRotation } from "../../../../../../lib/rotation/commands.ts"
import { detailOf } from "../../../../../../lib/rotation/queries.ts"
import { emptyInput, rotationParams } from "../../../../../../lib/rotation/schema.ts"
import { route } from "../../../../../../lib/web/route.ts"

export const POST = route({
  summary: "Go on with a stuck rotation",
  permission: "rotations:write",
  params: rotationParams,
  body: emptyInput,
  run: async ({ actor, params }) => {
    const row = await resumeRotation(actor, params.id)
    return { body: await detailOf(actor, row), version: row.version }
  },
})
