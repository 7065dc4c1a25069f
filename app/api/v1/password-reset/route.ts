import { z } from "zod"
import { resetPassword } from "../../../../lib/auth/links.ts"
import { route } from "../../../../lib/web/route.ts"

export const POST = route({
  summary: "Set a new password with a one-time link",
  permission: "public",
  body: z.strictObject({ token: z.string().max(200), password: z.string() }),
  status: 204,
  run: async ({ body }) => {
    await resetPassword(body.token, body.password)
    return {}
  },
})
