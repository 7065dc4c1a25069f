import { signOutEverywhere } from "../../../../../lib/auth/users.ts"
import { route } from "../../../../../lib/web/route.ts"

export const POST = route({
  summary: "End every session of the signed-in user",
  permission: null,
  status: 204,
  run: async ({ actor }) => {
    await signOutEverywhere(actor)
    return {}
  },
})
