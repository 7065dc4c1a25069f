import { disableClient } from "../../../../../../lib/registry/clients/commands.ts"
import { idParams } from "../../../../../../lib/registry/schema.ts"
import { planAndApply } from "../../../../../../lib/sync/commands.ts"
import { route } from "../../../../../../lib/web/route.ts"

export const POST = route({
  summary: "Stop a client everywhere, at once",
  permission: "registry:write",
  params: idParams,
  status: 202,
  run: async ({ actor, params }) => {
    const client = await disableClient(actor, params.id)
    const plan = await planAndApply(actor, client.provider_ids, `Disable ${client.name}`, { only: [{ kind: "client", key: client.name }] })
    return { body: { client, plan } }
  },
})
