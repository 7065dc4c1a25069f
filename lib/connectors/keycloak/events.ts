import { z } from "zod"
import { minuteMs, secondMs, dayMs } from "../../base/time.ts"
import { positionIn } from "../cursor.ts"
import type { EventPage, EventsPort } from "../log-ports.ts"
import type { Admin } from "./admin.ts"
import { event, events, eventsConfig } from "./shapes.ts"

/** What becomes a token event; the realm must keep these types (`check` says when it does not). */
export const tokenEventTypes = [
  "CLIENT_LOGIN",
  "CLIENT_LOGIN_ERROR",
  "INTROSPECT_TOKEN",
  "INTROSPECT_TOKEN_ERROR",
  "REFRESH_TOKEN",
  "REFRESH_TOKEN_ERROR",
  "TOKEN_EXCHANGE",
  "TOKEN_EXCHANGE_ERROR",
  "REVOKE_GRANT",
] as const

/** Without these two the log misses tokens that were issued or refused. */
const loginTypes: readonly string[] = ["CLIENT_LOGIN", "CLIENT_LOGIN_ERROR"]

/** What of `tokenEventTypes` the realm does not keep. */
export function typesNotKept({ eventsEnabled, enabledEventTypes }: z.output<typeof eventsConfig>): readonly string[] {
  const kept = new Set(eventsEnabled ? enabledEventTypes : [])
  return tokenEventTypes.filter((type) => !kept.has(type))
}

const step = "read events"
const everySeconds = 15
/** The cheapest page there is (providers.md 1.7). */
const pageSize = 1_000
const pagesPerPoll = 5
const pageBytesMax = 16_000_000
/** Parallel writers show an event up to 50 ms after a newer one; databases in a cluster take longer. */
const lookBackMs = minuteMs

/** `from`: milliseconds. `first`: how many records from there on were read, within one long stretch, and `newest` of them. */
const place = z.object({ from: z.number().int(), first: z.number().int().min(0), newest: z.number().int().optional() })
type Place = z.output<typeof place>

/**
 * The realm's event store. It has no cursor: each poll asks again from a minute before the newest record that was seen, and
 * the caller drops what it has by the record's `id`. Long stretches are read page by page over several polls.
 */
export function eventsPort(admin: Admin, now: () => number = Date.now): EventsPort {
  return {
    everySeconds,
    provenance: {
      event: "observed",
      timestamp: "observed",
      client_id: "observed",
      grant_type: "observed",
      scopes: "observed",
      audience: "derived",
      validation_result: "observed",
      failure_reason: "observed",
      jti: "observed",
      ip: "observed",
      kid: "observed",
      token_type: "derived",
      auth_server: "observed",
      user_agent: "absent",
      duration_ms: "absent",
      trace_id: "absent",
      secret_fingerprint: "absent",
      expires_in: "absent",
    },
    async poll(cursor): Promise<EventPage> {
      const started = now()
      let at: Place =
        cursor === null ? { from: started - dayMs, first: 0 } : positionIn(cursor, place, step, "Keycloak's log")
      const records: z.output<typeof events> = []
      for (let page = 0; page < pagesPerPoll; page++) {
        const part = await read(at)
        records.push(...part)
        const newest = Math.max(at.newest ?? at.from, ...part.map(({ time }) => time))
        if (part.length < pageSize) {
          const next: Place = { from: Math.max(at.from, newest - lookBackMs), first: 0 }
          return {
            records,
            cursor: JSON.stringify(next),
            more: false,
            completeUntil: await completeUntil(started),
          }
        }
        at = { from: at.from, first: at.first + part.length, newest }
      }
      return { records, cursor: JSON.stringify(at), more: true, completeUntil: null }
    },
  }

  async function read({ from, first }: Place): Promise<z.output<typeof events>> {
    const query = new URLSearchParams([
      ...tokenEventTypes.map((type) => ["type", type]),
      ["dateFrom", String(from)],
      ["direction", "asc"],
      ["first", String(first)],
      ["max", String(pageSize)],
    ]).toString()
    return await admin(
      {
        step,
        kind: "read",
        method: "GET",
        path: `/events?${query}`,
        maxBytes: pageBytesMax,
        timeoutMs: 20 * secondMs,
      },
      events,
    )
  }

  /** What the log does not show proves something only where the realm keeps every login: introspections alone do not. */
  async function completeUntil(startedMs: number): Promise<string | null> {
    const config = await admin(
      { step: "read the events configuration", kind: "read", method: "GET", path: "/events/config" },
      eventsConfig,
    )
    if (typesNotKept(config).some((type) => loginTypes.includes(type))) return null
    return new Date(startedMs - lookBackMs).toISOString()
  }
}

/** A record's own id, by which what is read twice is known. */
export const eventId = (record: unknown): string | null => event.safeParse(record).data?.id ?? null
