import { checkTrail } from "../../../../../lib/auth/audit.ts"
import { route } from "../../../../../lib/web/route.ts"

export const POST = route({
  summary: "Verify the whole chain of the admin audit trail",
  permission: "trail:read",
  run: async ({ actor }) => ({ body: await checkTrail(actor) }),
})
