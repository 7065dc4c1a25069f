import { deleteClient, saveClient } from "../../../../../lib/registry/clients/commands.ts"
import { getClient } from "../../../../../lib/registry/clients/queries.ts"
import { idParams, clientPatch } from "../../../../../lib/registry/schema.ts"
import { route } from "../../../../../lib/web/route.ts"

export const GET = route({
  summary: "One service client",
  permission: "registry:read",
  params: idParams,
  run: async ({ actor, params }) => {
    const client = await getClient(actor, params.id)
    return { body: client, version: client.version }
  },
})

export const PATCH = route({
  summary: "Change a service client",
  permission: "registry:write",
  params: idParams,
  body: clientPatch,
  run: async ({ actor, params, body, ifMatch }) => {
    const client = await saveClient(actor, params.id, body, ifMatch)
    return { body: client, version: client.version }
  },
})

export const DELETE = route({
  summary: "Delete a service client",
  permission: "registry:write",
  params: idParams,
  status: 204,
  run: async ({ actor, params, ifMatch }) => {
    await deleteClient(actor, params.id, ifMatch)
    return {}
  },
})
