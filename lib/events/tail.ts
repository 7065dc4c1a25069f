import "server-only"
import { setTimeout as wait } from "node:timers/promises"
import type { Actor } from "../auth/actor.ts"
import { authorize } from "../auth/permissions.ts"
import { eventPool } from "../db/ingest.ts"
import { type EventItem, itemsOf, type StoredRow, storedColumns } from "./item.ts"
import type { EventFilter } from "./query.ts"
import { whereOf } from "./where.ts"

const pollMs = 1_000
/** A batch may become visible this long after the time that it carries as its receipt. */
const overlapMs = 10_000
const pageMax = 500
const seenMax = 20_000

/**
 * Events as they arrive, in batches, until the signal ends it. Each is given once. At most 500 per second and tail: a
 * fuller stream shows its newest and says how many it left out.
 */
export async function* tailEvents(
  actor: Actor,
  filter: EventFilter,
  signal: AbortSignal,
): AsyncGenerator<{ items: EventItem[]; more: boolean }> {
  authorize(actor, "events:read")
  const { from: _from, to: _to, ...rest } = filter
  const startMs = Date.now()
  const seen = new Set<string>()
  let sinceMs = startMs
  while (!signal.aborted) {
    const nowMs = Date.now()
    const where = await whereOf(eventPool(), rest)
    if (!where.impossible) {
      const { rows } = await eventPool().query<StoredRow>(
        `select ${storedColumns} from token_event where received_at >= $1 and received_at >= $2${where.sql} order by received_at desc, ts desc limit ${pageMax}`,
        [new Date(sinceMs - overlapMs), new Date(startMs), ...where.values],
      )
      const fresh = rows.filter((r) => !seen.has(r.id)).reverse()
      for (const row of fresh) seen.add(row.id)
      while (seen.size > seenMax) seen.delete(seen.values().next().value ?? "")
      yield { items: await itemsOf(eventPool(), fresh), more: rows.length === pageMax && fresh.length === pageMax }
    } else yield { items: [], more: false }
    sinceMs = nowMs
    await wait(pollMs, undefined, { signal }).catch(() => {})
  }
}

/** Open streams of this process. One listener serves them all, and Next's two copies of this file share it. */
const shared = globalThis as typeof globalThis & { grantryStreams?: Set<AbortController> }

function streams(): Set<AbortController> {
  if (shared.grantryStreams) return shared.grantryStreams
  const open = (shared.grantryStreams = new Set<AbortController>())
  process.on("grantry:drain" as "exit", () => open.forEach((stream) => stream.abort()))
  return open
}

/** Ends when the caller goes away, or when the process drains (the supervisor's signal becomes this process event). */
export function untilDrain(request: AbortSignal): { signal: AbortSignal; done: () => void } {
  const drain = new AbortController()
  streams().add(drain)
  return { signal: AbortSignal.any([request, drain.signal]), done: () => void streams().delete(drain) }
}

const encoder = new TextEncoder()

/** Server-sent events (WHATWG HTML, 9.2): one `event` message per item, a comment every poll so that dead connections show. */
export function eventStream(actor: Actor, filter: EventFilter, request: AbortSignal): ReadableStream<Uint8Array> {
  const { signal, done } = untilDrain(request)
  const tail = tailEvents(actor, filter, signal)
  return new ReadableStream({
    start(controller) {
      controller.enqueue(encoder.encode("retry: 2000\n: live\n\n"))
    },
    async pull(controller) {
      const next = await tail.next()
      if (next.done) {
        done()
        controller.enqueue(encoder.encode("event: end\ndata: {}\n\n"))
        controller.close()
        return
      }
      const messages = next.value.items.map((item) => `id: ${item.id}\nevent: event\ndata: ${JSON.stringify(item)}\n\n`)
      if (next.value.more) messages.push("event: more\ndata: {}\n\n")
      controller.enqueue(encoder.encode(messages.join("") || ": \n\n"))
    },
    async cancel() {
      done()
      await tail.return(undefined)
    },
  })
}
