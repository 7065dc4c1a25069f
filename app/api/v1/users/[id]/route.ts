import { getUser, updateUser, userPatch } from "../../../../../lib/auth/users.ts"
import { idParams } from "../../../../../lib/web/params.ts"
import { route } from "../../../../../lib/web/route.ts"

export const GET = route({
  summary: "One user",
  permission: null,
  params: idParams,
  run: async ({ actor, params }) => {
    const user = await getUser(actor, params.id)
    return { body: user, version: user.version }
  },
})

export const PATCH = route({
  summary: "Change a user's name or role, disable or enable them",
  permission: "users:write",
  params: idParams,
  body: userPatch,
  run: async ({ actor, params, body, ifMatch }) => {
    const user = await updateUser(actor, params.id, body, ifMatch)
    return { body: user, version: user.version }
  },
})

/** Users are kept for the trail's sake: deleting one disables them. */
export const DELETE = route({
  summary: "Disable a user",
  permission: "users:write",
  params: idParams,
  status: 204,
  run: async ({ actor, params, ifMatch }) => {
    await updateUser(actor, params.id, { disabled: true }, ifMatch)
    return {}
  },
})
