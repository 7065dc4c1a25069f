import { getDemo } from "../../../../lib/playground/demo/switch.ts"
import { overview } from "../../../../lib/web/overview.ts"
import { route } from "../../../../lib/web/route.ts"

export const GET = route({
  summary: "What needs attention now, each with the way to settle it",
  permission: "registry:read",
  run: async ({ actor }) => ({ body: { ...(await overview(actor)), demo: await getDemo(actor) } }),
})
