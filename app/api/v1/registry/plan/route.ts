import { z } from "zod"
import { severalOf } from "../../../../../lib/base/parse.ts"
import { previewDocument, previewView } from "../../../../../lib/sync/preview.ts"
import { readRegistryDocument } from "../../../../../lib/web/registry-document.ts"
import { route } from "../../../../../lib/web/route.ts"

const name = z.string().min(1).max(200)

export const POST = route({
  summary:
    "What a document would change in the registry and on each provider (by name or id; all of them); changes nothing",
  permission: "plans:write",
  query: z.strictObject({
    format: z.enum(["json", "yaml"]).optional(),
    provider: severalOf(name).default([]),
  }),
  response: previewView,
  idempotency: "none",
  run: async ({ actor, query, request }) => ({
    body: await previewDocument(actor, await readRegistryDocument(request, query.format), query.provider),
  }),
})
