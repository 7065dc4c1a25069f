import "server-only"
import type { Actor } from "../auth/actor.ts"
import { authorize } from "../auth/permissions.ts"
import { notFound } from "../base/errors.ts"
import { isId } from "../base/id.ts"
import { hourMs } from "../base/time.ts"
import { eventPool } from "../db/ingest.ts"
import { inFewRows } from "./free-text.ts"
import { type EventItem, itemsOf, type StoredRow, storedColumns } from "./item.ts"
import { partsWithEvents } from "./narrow.ts"
import { decodeCursor, encodeCursor, type EventFilter, type Range, rangeOf } from "./query.ts"
import { literal } from "./rollup.ts"
import { type Where, whereOf } from "./where.ts"

export interface Found {
  readonly items: readonly EventItem[]
  readonly next: string | null
}

/** Newest first, a page of at most `limit`. Bounded in time; the next page goes on exactly after the last item. */
export async function searchEvents(
  actor: Actor,
  filter: EventFilter,
  page: { limit: number; cursor?: string | undefined },
  now = new Date(),
): Promise<Found> {
  authorize(actor, "events:read")
  const range = rangeOf(filter, now)
  const where = await whereOf(eventPool(), filter)
  if (where.impossible || !asksRollups(filter, where, range)) return pageOf(where, range, page)
  const before = page.cursor ? Math.floor(decodeCursor(page.cursor).us / 1_000) + 1 : range.toMs
  const rest = { fromMs: range.fromMs, toMs: Math.min(range.toMs, before) }
  if (rest.fromMs >= rest.toMs) return { items: [], next: null }
  const parts = await partsWithEvents(where, rest, page.limit + 1)
  return parts.length > 0
    ? pageOf(where, { fromMs: parts.at(-1)?.fromMs ?? rest.fromMs, toMs: rest.toMs }, page, parts)
    : { items: [], next: null }
}

/** A client or an audience alone has its index. Anything else may be rare, and the rollups know where it is. */
function asksRollups(filter: EventFilter, where: Where, range: Range): boolean {
  if (where.answers === "rows" || range.toMs - range.fromMs < hourMs) return false
  const { from: _from, to: _to, ...rest } = filter
  const [first, ...more] = Object.entries(rest)
    .filter(([, value]) => value !== undefined)
    .map(([name]) => name)
  return first !== undefined && (more.length > 0 || (first !== "client_id" && first !== "audience"))
}

/** `parts`, if given, are the only stretches of the range that hold a match. */
export async function pageOf(
  where: Where,
  range: Range,
  page: { limit: number; cursor?: string | undefined },
  parts: readonly Range[] = [],
): Promise<Found> {
  if (where.impossible) return { items: [], next: null }
  const values = [new Date(range.fromMs), new Date(range.toMs), ...where.values]
  let after = ""
  if (page.cursor) {
    const cursor = decodeCursor(page.cursor)
    values.push(microseconds(cursor.us), cursor.id)
    after = ` and (ts, id) < ($${values.length - 1}::timestamptz, $${values.length}::uuid)`
  }
  values.push(page.limit + 1)
  const inside =
    parts.length > 1
      ? ` and (${parts.map((p) => `ts >= ${literal(p.fromMs)} and ts < ${literal(p.toMs)}`).join(" or ")})`
      : ""
  const needle = where.needle || (await anyOf(where.texts.map((text) => inFewRows(eventPool(), text, range))))
  const inner = `select * from token_event where ts >= $1 and ts < $2${inside}${where.sql}${after}`
  const { rows } = await eventPool().query<StoredRow>(
    needle
      ? `with hit as materialized (${inner}) select ${storedColumns} from hit order by ts desc, id desc limit $${values.length}`
      : `select ${storedColumns} from (${inner} order by ts desc, id desc limit $${values.length}) as hit order by ts desc, id desc`,
    values,
  )
  const shown = rows.slice(0, page.limit)
  const last = shown.at(-1)
  return {
    items: await itemsOf(eventPool(), shown),
    next: rows.length > page.limit && last ? encodeCursor({ us: Number(last.us), id: last.id }) : null,
  }
}

const anyOf = async (answers: readonly Promise<boolean>[]): Promise<boolean> =>
  (await Promise.all(answers)).includes(true)

/** Text that Postgres reads to the microsecond; a Date would cut it. */
function microseconds(us: number): string {
  const ms = Math.floor(us / 1_000)
  return `${new Date(ms).toISOString().slice(0, -1)}${String(us - ms * 1_000).padStart(3, "0")}Z`
}

export interface EventDetail extends EventItem {
  /** Others around it, newest first: of the same trace, the same token, the same client within the hour. */
  readonly context: {
    readonly trace: readonly EventItem[]
    readonly token: readonly EventItem[]
    readonly client: readonly EventItem[]
  }
}

const contextMax = 20

/** One event with what stands around it. Throws notFound. */
export async function getEvent(actor: Actor, id: string): Promise<EventDetail> {
  authorize(actor, "events:read")
  const pool = eventPool()
  const { rows } = isId(id)
    ? await pool.query<StoredRow>(`select ${storedColumns} from token_event where id = $1 limit 1`, [id])
    : { rows: [] }
  const row = rows[0]
  const [item] = row ? await itemsOf(pool, [row]) : []
  if (!row || !item) throw notFound("event", id)
  const atMs = Number(row.us) / 1_000
  const range = { fromMs: atMs - hourMs, toMs: atMs + hourMs }
  const around = async (filter: EventFilter | null) =>
    filter === null
      ? []
      : (await pageOf(await whereOf(pool, filter), range, { limit: contextMax + 1 })).items
          .filter((i) => i.id !== item.id)
          .slice(0, contextMax)
  const [trace, token, client] = await Promise.all([
    around(item.trace_id === null ? null : { trace_id: [item.trace_id] }),
    around(item.jti === null ? null : { jti: [item.jti] }),
    around(item.client_id === null ? null : { client_id: [item.client_id] }),
  ])
  return { ...item, context: { trace, token, client } }
}
