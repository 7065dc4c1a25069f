import { z } from "zod"
import { exportRegistry, replaceRegistry } from "../../../../lib/registry/document/commands.ts"
import { notationOf, printDocument } from "../../../../lib/registry/document/text.ts"
import { readRegistryDocument } from "../../../../lib/web/registry-document.ts"
import { route } from "../../../../lib/web/route.ts"

const format = z.enum(["json", "yaml"]).optional()
const mediaTypes = { json: "application/json", yaml: "application/yaml" } as const

export const GET = route({
  summary: "The whole registry as one document, JSON or YAML",
  permission: "registry:read",
  query: z.strictObject({ format }),
  run: async ({ actor, query, request, requestId }) => {
    const notation = notationOf(query.format, request.headers.get("accept"), "json")
    const { document, etag } = await exportRegistry(actor)
    return new Response(printDocument(document, notation), {
      headers: {
        "content-type": mediaTypes[notation],
        etag,
        "cache-control": "private, no-store",
        "x-request-id": requestId,
      },
    })
  },
})

export const PUT = route({
  summary: "Make the registry what a document says, as a whole; dry_run=1 only tells what would change",
  permission: "registry:write",
  query: z.strictObject({ format, dry_run: z.enum(["0", "1", "true", "false"]).default("0") }),
  run: async ({ actor, query, request }) => {
    const raw = await readRegistryDocument(request, query.format)
    const ifMatch = request.headers.get("if-match")
    const { etag, ...replaced } = await replaceRegistry(actor, raw, {
      dryRun: query.dry_run === "1" || query.dry_run === "true",
      ifMatch: ifMatch === "*" ? null : ifMatch,
    })
    return { body: replaced, headers: { etag } }
  },
})
