import { z } from "zod"
import { onRevealed } from "../../../../../../../../lib/rotation/commands.ts"
import { revealSecret } from "../../../../../../../../lib/secrets/commands.ts"
import { route } from "../../../../../../../../lib/web/route.ts"

export const POST = route({
  summary: "Reveal a new secret, once",
  permission: "secrets:reveal",
  params: z.object({ id: z.uuid(), secret_id: z.uuid() }),
  idempotency: "once",
  run: async ({ actor, params }) => ({ body: await revealSecret(actor, params.id, params.secret_id, onRevealed) }),
})
