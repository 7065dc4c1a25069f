import type { EventDetail } from "../../lib/events/search.ts"

/** The event as one line, without what stands around it and without what it does not say. */
export function lineOf({ context: _context, ...item }: EventDetail): Record<string, unknown> {
  return Object.fromEntries(
    Object.entries(item).filter(([, value]) => value !== null && !(Array.isArray(value) && value.length === 0)),
  )
}
