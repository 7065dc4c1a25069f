import { deleteProvider, updateProvider } from "../../../../../lib/providers/commands.ts"
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
  summary: "Disconnect an identity provider",
  permission: "providers:write",
  params: idParams,
  run: async ({ actor, params, ifMatch }) => {
    await deleteProvider(actor, params.id, ifMatch)
    return {}
  },
})
