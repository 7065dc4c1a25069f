import { abortRotation, saveRotation } from "../../../../../lib/rotation/commands.ts"
import { detailOf, getRotation } from "../../../../../lib/rotation/queries.ts"
import { rotationParams, rotationPatch } from "../../../../../lib/rotation/schema.ts"
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

export const PATCH = route({
  summary: "Set the end of a rotation's grace",
  permission: "rotations:write",
  params: rotationParams,
  body: rotationPatch,
  run: async ({ actor, params, body, ifMatch }) => {
    const row = await saveRotation(actor, params.id, body, ifMatch)
    return { body: await detailOf(actor, row), version: row.version }
  },
})

/** What a rotation did is evidence and stays: deleting one in flight aborts it, one that is over is refused. */
export const DELETE = route({
  summary: "Abort a rotation: keep the old secret and remove the new one",
  permission: "rotations:write",
  params: rotationParams,
  status: 204,
  run: async ({ actor, params, ifMatch }) => {
    await abortRotation(actor, params.id, { ifMatch })
    return {}
  },
})
