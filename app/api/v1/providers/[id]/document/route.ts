import { z } from "zod"
import { exportDocument, loadDocument } from "../../../../../../lib/providers/document.ts"
import { idParams } from "../../../../../../lib/sync/schema.ts"
import { route } from "../../../../../../lib/web/route.ts"

export const GET = route({
  summary: "Everything that is wanted on a provider that takes no writes, as one file",
  permission: "providers:read",
  params: idParams,
  run: async ({ actor, params }) => {
    const { name, document } = await exportDocument(actor, params.id)
    return { body: document, headers: { "content-disposition": `attachment; filename="${name}"` } }
  },
})

export const PUT = route({
  summary: "Take in what such a provider holds, from its file",
  permission: "providers:write",
  params: idParams,
  body: z.record(z.string(), z.unknown()),
  status: 204,
  run: async ({ actor, params, body }) => {
    await loadDocument(actor, params.id, body)
    return {}
  },
})
