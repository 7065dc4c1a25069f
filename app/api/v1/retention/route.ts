import { getRetention, retentionInput, setRetention } from "../../../../lib/events/retention.ts"
import { route } from "../../../../lib/web/route.ts"

export const GET = route({
  summary: "How long events are kept, and the disk they use",
  permission: "settings:read",
  run: async ({ actor }) => {
    const retention = await getRetention(actor)
    return { body: retention, version: retention.version }
  },
})

export const PATCH = route({
  summary: "Change how long events are kept",
  permission: "settings:write",
  body: retentionInput,
  run: async ({ actor, body, ifMatch }) => {
    const retention = await setRetention(actor, body, ifMatch)
    return { body: retention, version: retention.version }
  },
})
