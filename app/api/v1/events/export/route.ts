import { z } from "zod"
import { exportEvents } from "../../../../../lib/events/export.ts"
import { eventFilter } from "../../../../../lib/events/query.ts"
import { route } from "../../../../../lib/web/route.ts"

const types = { ndjson: "application/x-ndjson; charset=utf-8", csv: "text/csv; charset=utf-8" }

export const GET = route({
  summary: "Everything that a search finds, as NDJSON or CSV",
  permission: "events:read",
  query: z.strictObject({ ...eventFilter, format: z.enum(["ndjson", "csv"]).default("ndjson") }),
  run: async ({ actor, query: { format, ...filter }, request, requestId }) =>
    new Response(await exportEvents(actor, filter, format, request.signal), {
      headers: {
        "content-type": types[format],
        "content-disposition": `attachment; filename="token-events.${format}"`,
        "cache-control": "private, no-store",
        "x-request-id": requestId,
      },
    }),
})
