import { z } from "zod"
import { changePassword } from "../../../../../lib/auth/users.ts"
import { sessionIdOf } from "../../../../../lib/web/caller.ts"
import { route } from "../../../../../lib/web/route.ts"

export const POST = route({
  summary: "Change the signed-in user's password; other sessions end",
  permission: null,
  body: z.strictObject({ current_password: z.string(), new_password: z.string() }),
  status: 204,
  run: async ({ actor, body, request }) => {
    await changePassword(actor, body.current_password, body.new_password, await sessionIdOf(request))
    return {}
  },
})
