import { z } from "zod"
import { invalid } from "../base/errors.ts"
import { severalOf } from "../base/parse.ts"
import { dayMs, minuteMs } from "../base/time.ts"
import { eventNames, resultNames } from "./words.ts"

const some = <T extends z.ZodType>(one: T) => severalOf(one).optional()
const word = z.string().min(1).max(512)
const instant = z.iso
  .datetime({ offset: true, error: "A time must be RFC 3339, such as 2026-11-20T10:00:00Z." })
  .optional()

/** The filters of contract section 6. A repeated parameter means "any of these". Text only: an object where text is due is refused (T22). */
export const eventFilter = {
  from: instant,
  to: instant,
  event: some(z.enum(eventNames)),
  client_id: some(word),
  audience: some(word),
  scope: some(word),
  result: some(z.enum(resultNames)),
  reason: some(word),
  provider: some(word),
  trace_id: some(word),
  jti: some(word),
  ip: some(word),
  source: some(word),
  purpose: some(word),
  q: z.string().max(500).optional(),
}
const filterObject = z.strictObject(eventFilter)
export type EventFilter = z.infer<typeof filterObject>

export interface Range {
  readonly fromMs: number
  readonly toMs: number
}

/** A little ahead, since the clocks of senders are. */
const aheadMs = 5 * minuteMs
const rangeMaxMs = 400 * dayMs

/** From `from` (default: 24 hours before `to`) until just before `to` (default: now, and a little more). Throws Invalid. */
export function rangeOf(filter: Pick<EventFilter, "from" | "to">, now: Date): Range {
  const toMs = filter.to ? Date.parse(filter.to) : now.getTime() + aheadMs
  const fromMs = filter.from ? Date.parse(filter.from) : (filter.to ? toMs : now.getTime()) - dayMs
  if (fromMs >= toMs) throw invalid("from", "empty_range", "from must lie before to.")
  // Nothing is kept so long: an older start only means "from the beginning".
  return { fromMs: Math.max(fromMs, toMs - rangeMaxMs), toMs }
}

/** Whole words of free text, each looked for as it is, without any pattern. */
export const searchWords = (q: string | undefined): string[] =>
  [...new Set((q ?? "").split(/\s+/).filter(Boolean))].slice(0, 6)

export interface Cursor {
  readonly us: number
  readonly id: string
}

export const encodeCursor = (c: Cursor): string => Buffer.from(`${c.us} ${c.id}`).toString("base64url")

/** Throws Invalid on anything that `encodeCursor` did not make. */
export function decodeCursor(text: string): Cursor {
  const match = /^(-?\d{1,17}) ([0-9a-f-]{36})$/.exec(Buffer.from(text, "base64url").toString("latin1"))
  if (!match?.[1] || !match[2]) throw invalid("cursor", "bad_cursor", "This cursor is not one of this server.")
  return { us: Number(match[1]), id: match[2] }
}
