import { getRotation } from "../../../../../lib/rotation/queries.ts"
import { rotationParams } from "../../../../../lib/rotation/schema.ts"
import { route } from "../../../../../lib/web/route.ts"

export const GET = route({
  summary: "One rotation with its gate, its secrets and its journal",
  permission: "rotations:read",
  params: rotationParams,
  run: async ({ actor, params }) => {
    const rotation = await getRotation(actor, params.id)
    return { body: rotation, version: rotation.version }
  },
})
