import { z } from "zod"
import { isObject } from "../../base/json.ts"
import { dayMs, minuteMs } from "../../base/time.ts"
import { ConnectorError, type EventPage, type EventsPort } from "../port.ts"
import type { Api } from "./api.ts"
import { lookup } from "./trail.ts"

/** CloudTrail delivers "within 15 minutes of an API call" on average, and promises no bound. */
const delayMs = 15 * minuteMs
const tokenEvent = "Token_POST"

/** A stretch of the log that is being read: from, to, and where in it. Without `to` the next stretch begins at `from`. */
const cursorShape = z.object({ from: z.iso.datetime(), to: z.iso.datetime().nullable(), next: z.string().nullable() })
type Cursor = z.output<typeof cursorShape>

/**
 * Token requests as CloudTrail has them. Each stretch overlaps the one before by as long as a record may be late; a
 * record that comes twice is known by its own id. Other pools of the account are left out here.
 */
export function eventsPort(api: Api, poolId: string, now: () => Date = () => new Date()): EventsPort {
  async function read(at: Cursor): Promise<EventPage> {
    const from = new Date(at.from)
    const to = at.to === null ? now() : new Date(at.to)
    const page = await lookup(api, { eventName: tokenEvent, from, to, next: at.next })
    if (page.next !== null && page.next === at.next)
      throw new ConnectorError("unknown", "read log", "The provider's log does not advance.")
    const records = page.records.filter((record) => isOf(record, poolId))
    // The newest come first, so nothing is complete before the last page of the stretch.
    if (page.next !== null)
      return {
        records,
        cursor: JSON.stringify({ from: at.from, to: to.toISOString(), next: page.next }),
        more: true,
        completeUntil: null,
      }
    const reached = new Date(Math.max(from.getTime(), to.getTime() - delayMs)).toISOString()
    return {
      records,
      cursor: JSON.stringify({ from: reached, to: null, next: null }),
      more: false,
      completeUntil: reached,
    }
  }

  return {
    everySeconds: 60,
    provenance: {
      timestamp: "observed",
      trace_id: "observed",
      client_id: "observed",
      grant_type: "observed",
      scopes: "absent",
      audience: "absent",
      token_type: "derived",
      expires_in: "absent",
      jti: "absent",
      validation_result: "observed",
      failure_reason: "observed",
      secret_fingerprint: "absent",
      auth_server: "observed",
      duration_ms: "absent",
      ip: "observed",
      user_agent: "observed",
      user_id: "absent",
    },
    async poll(cursor) {
      const start = { from: new Date(now().getTime() - dayMs).toISOString(), to: null, next: null }
      const at = cursor === null ? start : position(cursor)
      try {
        return await read(at)
      } catch (error) {
        // A token for the next page lives for a while only: then the stretch is read again from its newest end.
        if (at.next === null || !(error instanceof ConnectorError) || error.providerCode !== staleToken) throw error
        return await read({ ...at, to: null, next: null })
      }
    },
  }
}

const staleToken = "InvalidNextTokenException"

function position(cursor: string): Cursor {
  try {
    return cursorShape.parse(JSON.parse(cursor))
  } catch {
    throw new ConnectorError("invalid", "read log", "This is not a position in CloudTrail's log.")
  }
}

/** What cannot be read is kept, so that it is counted. */
function isOf(record: Readonly<Record<string, unknown>>, poolId: string): boolean {
  const { additionalEventData: more, unreadable } = record
  return unreadable === true || (isObject(more) && more.userPoolId === poolId)
}
