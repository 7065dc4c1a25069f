import { z } from "zod"
import { sha256 } from "../../../../lib/base/digest.ts"
import { readLines } from "../../../../lib/events/body.ts"
import { ingest } from "../../../../lib/events/ingest.ts"
import { eventFilter } from "../../../../lib/events/query.ts"
import { retentionDays } from "../../../../lib/events/retention.ts"
import { eventLine } from "../../../../lib/events/schema.ts"
import { searchEvents } from "../../../../lib/events/search.ts"
import { sourceOf } from "../../../../lib/events/source-of.ts"
import { rejectionCodes } from "../../../../lib/events/words.ts"
import { pageQuery } from "../../../../lib/web/list.ts"
import { readServiceLog } from "../../../../lib/normalize/service-log.ts"
import { route } from "../../../../lib/web/route.ts"

export const GET = route({
  summary: "Search token events, newest first; the last 24 hours when no window is given",
  permission: "events:read",
  query: z.strictObject({ ...eventFilter, ...pageQuery }),
  run: async ({ actor, query: { limit, cursor, ...filter } }) => ({
    body: await searchEvents(actor, filter, { limit, cursor }),
  }),
})

/** The one route with a body that is a stream. */
export const POST = route({
  summary:
    "Send token events: NDJSON, a JSON array or one object; plain, gzip, zstd or br, or the log of a go-authkit service. 200 means committed",
  permission: "events:write",
  bearerOnly: "Events are sent with an API token: Authorization: Bearer gty_...",
  query: z.object({ format: z.enum(["go-authkit"]).optional() }),
  body: eventLine,
  read: async (actor, request) => {
    const source = await sourceOf(actor)
    const lines = await readLines({
      contentType: request.headers.get("content-type"),
      contentEncoding: request.headers.get("content-encoding"),
      body: request.body as AsyncIterable<Uint8Array> | null,
    })
    return { body: { source, lines }, fingerprint: () => sha256(lines.join("\n")).toString("hex") }
  },
  response: z.object({
    received: z.int(),
    stored: z.int(),
    duplicates: z.int(),
    rejected: z.array(z.object({ index: z.int(), code: z.enum(rejectionCodes), message: z.string() })),
  }),
  run: async ({ body: { source, lines }, query }) => {
    const sent = query.format === undefined ? { lines, at: null } : readServiceLog(lines)
    const { rejected, ...stored } = await ingest(source, sent.lines, { retentionDays: await retentionDays() })
    const places = rejected.map((one) => ({ ...one, index: sent.at?.[one.index] ?? one.index }))
    return { body: { ...stored, rejected: places } }
  },
})
