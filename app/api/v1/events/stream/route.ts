import { z } from "zod"
import { eventFilter } from "../../../../../lib/events/query.ts"
import { eventStream } from "../../../../../lib/events/tail.ts"
import { route } from "../../../../../lib/web/route.ts"

const { from: _from, to: _to, ...filter } = eventFilter

export const GET = route({
  summary: "Token events as they arrive (server-sent events)",
  permission: "events:read",
  query: z.strictObject(filter),
  run: async ({ actor, query, request, requestId }) =>
    new Response(eventStream(actor, query, request.signal), {
      headers: {
        "content-type": "text/event-stream; charset=utf-8",
        "cache-control": "private, no-store, no-transform",
        "x-accel-buffering": "no",
        "x-request-id": requestId,
      },
    }),
})
