import { z } from "zod"
import { createFirstAdmin, setupNeeded } from "../../../../lib/auth/links.ts"
import { route } from "../../../../lib/web/route.ts"

export const GET = route({
  summary: "Is the first set-up still to be done?",
  permission: "public",
  run: async () => ({ body: { needed: await setupNeeded() } }),
})

export const POST = route({
  summary: "Make the first administrator with the one-time link of the terminal",
  permission: "public",
  body: z.strictObject({ token: z.string().max(200), email: z.string(), name: z.string(), password: z.string() }),
  status: 201,
  run: async ({ body: { token, ...input } }) => ({ body: await createFirstAdmin(token, input) }),
})
