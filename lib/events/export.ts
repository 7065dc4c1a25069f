import "server-only"
import type { Actor } from "../auth/actor.ts"
import { authorize } from "../auth/permissions.ts"
import { eventPool } from "../db/ingest.ts"
import { csvRow } from "./csv.ts"
import type { EventItem } from "./item.ts"
import { type EventFilter, rangeOf } from "./query.ts"
import { pageOf } from "./search.ts"
import { untilDrain } from "./tail.ts"
import { whereOf } from "./where.ts"

export const exportColumns: readonly (keyof EventItem)[] = [
  "timestamp",
  "event",
  "validation_result",
  "failure_reason",
  "client_id",
  "audience",
  "scopes",
  "auth_server",
  "grant_type",
  "resource",
  "duration_ms",
  "token_type",
  "expires_in",
  "user_id",
  "ip",
  "user_agent",
  "trace_id",
  "jti",
  "kid",
  "secret_fingerprint",
  "event_id",
  "id",
  "received_at",
  "source_id",
  "flags",
  "extra",
]
const pageSize = 1_000

/** Everything that the filter finds, newest first, page by page: a slow reader holds no connection of the database. */
export async function exportEvents(
  actor: Actor,
  filter: EventFilter,
  format: "ndjson" | "csv",
  request: AbortSignal,
  now = new Date(),
): Promise<ReadableStream<Uint8Array>> {
  authorize(actor, "events:read")
  const range = rangeOf(filter, now)
  const where = await whereOf(eventPool(), filter)
  const { signal, done } = untilDrain(request)
  const encoder = new TextEncoder()
  let cursor: string | undefined
  return new ReadableStream({
    start(controller) {
      if (format === "csv") controller.enqueue(encoder.encode(csvRow(exportColumns)))
    },
    async pull(controller) {
      const { items, next } = await pageOf(where, range, { limit: pageSize, cursor })
      const lines = items.map((item) =>
        format === "csv" ? csvRow(exportColumns.map((c) => cell(item[c]))) : `${JSON.stringify(item)}\n`,
      )
      if (lines.length > 0) controller.enqueue(encoder.encode(lines.join("")))
      cursor = next ?? undefined
      if (next !== null && !signal.aborted) return
      done()
      if (next !== null) controller.error(new Error("the export was cut short"))
      else controller.close()
    },
    cancel: done,
  })
}

const cell = (value: EventItem[keyof EventItem]): unknown => (Array.isArray(value) ? value.join(" ") : value)
