import { z } from "zod"
import { getDemo, phaseInput, setDemo, setDemoPhase } from "../../../../lib/playground/demo/switch.ts"
import { route } from "../../../../lib/web/route.ts"

export const GET = route({
  summary: "Is the demo fleet wanted, and what does it do",
  permission: "registry:read",
  run: async ({ actor }) => ({ body: await getDemo(actor) }),
})

export const PUT = route({
  summary: "Start the demo fleet, or remove it with its clients and events",
  permission: "settings:write",
  body: z.strictObject({ enabled: z.boolean() }),
  run: async ({ actor, body }) => ({ body: await setDemo(actor, body.enabled) }),
})

export const PATCH = route({
  summary: "The fleet's own word on where it is",
  permission: "settings:write",
  body: phaseInput,
  run: async ({ actor, body }) => ({ body: await setDemoPhase(actor, body) }),
})
