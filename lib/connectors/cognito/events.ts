import { z } from "zod"
import { isObject } from "../../base/json.ts"
import { dayMs, hourMs, minuteMs } from "../../base/time.ts"
import { positionIn, standsStill } from "../cursor.ts"
import { ConnectorError } from "../connector-error.ts"
import type { EventPage, EventsPort } from "../log-ports.ts"
import type { Api } from "./api.ts"
import { lookup, type TrailPage } from "./trail.ts"

/** CloudTrail delivers "within 15 minutes of an API call" on average, and promises no bound: what we call complete. */
const delayMs = 15 * minuteMs
/**
 * What comes later still is read once an hour, by a reading that goes back this much further: a record that is up to an
 * hour late is never missed. Not with every reading, since `LookupEvents` gives 50 records a page and two pages a second
 * to the whole account (providers.md 5.7).
 */
const lookBackMs = 2 * hourMs
const lookBackEveryMs = hourMs
const tokenEvent = "Token_POST"
const step = "read log"

const instant = z.iso.datetime()
const readingShape = z.object({
  /** The stretch that is read. */
  since: instant,
  until: instant,
  /** The search in it that is under way: where it began, and its next page. Records come newest first. */
  to: instant,
  next: z.string(),
  /** The oldest record of all searches so far, from which another one can go on. */
  oldest: instant.nullable(),
})
const cursorShape = z.object({
  /** Readings that were finished reach up to here. */
  from: instant,
  /** When one began last that went further back. */
  lookedBack: instant.nullable().default(null),
  reading: readingShape.nullable().default(null),
})
type Cursor = z.output<typeof cursorShape>
type Reading = Omit<z.output<typeof readingShape>, "next"> & { readonly next: string | null }

/**
 * Token requests as CloudTrail has them. Each reading overlaps the one before by as long as a record may be late; a record
 * that comes twice is known by its own id. Other pools of the account are left out here.
 */
export function eventsPort(api: Api, poolId: string, now: () => Date = () => new Date()): EventsPort {
  const search = ({ since, to, next }: Reading) =>
    lookup(api, { eventName: tokenEvent, from: new Date(since), to: new Date(to), next })

  /** A token for the next page lives for a while only: then a search goes on from the oldest record that was seen. */
  async function page(reading: Reading): Promise<{ readonly told: TrailPage; readonly to: string }> {
    try {
      return { told: await search(reading), to: reading.to }
    } catch (error) {
      if (reading.next === null || !(error instanceof ConnectorError) || error.providerCode !== staleToken) throw error
      if (reading.oldest === null || reading.oldest >= reading.to) throw standsStill(step)
      return { told: await search({ ...reading, to: reading.oldest, next: null }), to: reading.oldest }
    }
  }

  function begun({ from, lookedBack }: Cursor): { readonly reading: Reading; readonly lookedBack: string | null } {
    const until = now()
    const isFar = lookedBack === null || until.getTime() - Date.parse(lookedBack) >= lookBackEveryMs
    const since = new Date(Date.parse(from) - (isFar ? lookBackMs : 0)).toISOString()
    const to = until.toISOString()
    return { reading: { since, until: to, to, next: null, oldest: null }, lookedBack: isFar ? to : lookedBack }
  }

  async function read(at: Cursor): Promise<EventPage> {
    const { reading, lookedBack } = at.reading === null ? begun(at) : { ...at, reading: at.reading }
    const { told, to } = await page(reading)
    const { next } = told
    if (next !== null && next === reading.next) throw standsStill(step)
    const records = told.records.filter((record) => isOf(record, poolId))
    // The newest come first, so nothing is complete before the last page of the stretch.
    if (next !== null) {
      const { since, until } = reading
      const oldest = [reading.oldest, told.oldest].filter((time) => time !== null).toSorted()[0] ?? null
      const further: Cursor = { from: at.from, lookedBack, reading: { since, until, to, next, oldest } }
      return { records, cursor: JSON.stringify(further), more: true, completeUntil: null }
    }
    const reached = new Date(Math.max(Date.parse(at.from), Date.parse(reading.until) - delayMs)).toISOString()
    const done: Cursor = { from: reached, lookedBack, reading: null }
    return { records, cursor: JSON.stringify(done), more: false, completeUntil: reached }
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
      if (cursor !== null) return await read(positionIn(cursor, cursorShape, step, "CloudTrail's log"))
      const lookedBack = now()
      const from = new Date(lookedBack.getTime() - dayMs)
      return await read({ from: from.toISOString(), lookedBack: lookedBack.toISOString(), reading: null })
    },
  }
}

const staleToken = "InvalidNextTokenException"

/** What cannot be read is kept, so that it is counted. */
function isOf(record: Readonly<Record<string, unknown>>, poolId: string): boolean {
  const { additionalEventData: more, unreadable } = record
  return unreadable === true || (isObject(more) && more.userPoolId === poolId)
}
