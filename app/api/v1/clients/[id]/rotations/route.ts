import { detailOf } from "../../../../../../lib/rotation/queries.ts"
import { rotationInput, rotationParams } from "../../../../../../lib/rotation/schema.ts"
import { startRotation } from "../../../../../../lib/rotation/start.ts"
import { route } from "../../../../../../lib/web/route.ts"

export const POST = route({
  summary: "Rotate a client's secret on one provider",
  permission: "rotations:write",
  params: rotationParams,
  body: rotationInput,
  status: 201,
  run: async ({ actor, params, body }) => {
    const row = await startRotation(actor, params.id, body)
    return {
      body: await detailOf(actor, row),
      version: row.version,
      headers: { location: `/api/v1/rotations/${row.id}` },
    }
  },
})
