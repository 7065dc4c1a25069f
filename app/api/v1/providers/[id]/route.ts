import { z } from "zod"
import { updateProvider } from "../../../../../lib/providers/commands.ts"
import { deleteProvider, remainsView } from "../../../../../lib/providers/disconnect.ts"
import { getProvider } from "../../../../../lib/providers/queries.ts"
import { providerPatch } from "../../../../../lib/providers/schema.ts"
import { idParams } from "../../../../../lib/sync/schema.ts"
import { route } from "../../../../../lib/web/route.ts"

export const GET = route({
  summary: "One identity provider",
  permission: "providers:read",
  params: idParams,
  run: async ({ actor, params }) => {
    const provider = await getProvider(actor, params.id)
    return { body: provider, version: provider.version }
  },
})

export const PATCH = route({
  summary: "Change an identity provider's name, environment or settings",
  permission: "providers:write",
  params: idParams,
  body: providerPatch,
  run: async ({ actor, params, body, ifMatch }) => {
    const provider = await updateProvider(actor, params.id, body, ifMatch)
    return { body: provider, version: provider.version }
  },
})

export const DELETE = route({
  summary: "Disconnect an identity provider; what stays there must be said to be meant, and is answered",
  permission: "providers:write",
  params: idParams,
  query: z.strictObject({ leave_behind: z.enum(["0", "1"]).default("0") }),
  response: z.object({ left_behind: remainsView }),
  status: 204,
  run: async ({ actor, params, query, ifMatch }) => {
    const leave = query.leave_behind === "1"
    const left = await deleteProvider(actor, params.id, ifMatch, { leave })
    return leave ? { status: 200, body: { left_behind: left } } : {}
  },
})
