import { extendRotation } from "../../../../../../lib/rotation/commands.ts"
import { detailOf } from "../../../../../../lib/rotation/queries.ts"
import { extendInput, rotationParams } from "../../../../../../lib/rotation/schema.ts"
import { route } from "../../../../../../lib/web/route.ts"

export const POST = route({
  summary: "Keep both secrets for longer",
  permission: "rotations:write",
  params: rotationParams,
  body: extendInput,
  run: async ({ actor, params, body }) => {
    const row = await extendRotation(actor, params.id, body.seconds)
    return { body: await detailOf(actor, row), version: row.version }
  },
})
