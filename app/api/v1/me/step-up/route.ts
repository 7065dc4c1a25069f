import { z } from "zod"
import { stepUp } from "../../../../../lib/auth/step-up.ts"
import { sessionIdOf } from "../../../../../lib/web/caller.ts"
import { route } from "../../../../../lib/web/route.ts"

export const POST = route({
  summary: "Confirm the signed-in user's password: this session may reveal, rotate and delete for five minutes",
  permission: null,
  body: z.strictObject({ password: z.string().min(1).max(1_000) }),
  idempotency: "none",
  status: 204,
  run: async ({ actor, body, request }) => {
    await stepUp(actor, await sessionIdOf(request), body.password)
    return {}
  },
})
