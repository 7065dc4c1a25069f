import { z } from "zod"
import { dayMs, hourMs } from "../../base/time.ts"
import { positionIn, standsStill } from "../cursor.ts"
import { ConnectorError } from "../connector-error.ts"
import type { EventPage, EventsPort } from "../log-ports.ts"
import type { Memory } from "../port.ts"
import type { Graph } from "./graph.ts"
import { parsed, readPage } from "./list.ts"
import { logRecord, type LogRecord } from "./shapes.ts"

/** Sign-ins appear minutes to hours late, so each reading goes this far back; ids tell doubles. */
const overlapMs = 2 * hourMs
const pageSize = 1_000
const pagesMax = 2_000

/** Where sign-ins of services can be asked for. v1.0 had no filter for them in 2026 (providers.md 12, E2). */
type Version = "v1.0" | "beta"
const slot = "sign_ins"
const step = "read sign-ins"

const cursorShape = z.object({
  /** Complete readings reach up to here. */
  from: z.iso.datetime(),
  /**
   * In the middle of a reading: its end, how many pages it has taken, and where it goes on. Sign-ins come newest first, so
   * from the oldest one seen it can also go on by time.
   */
  reading: z
    .object({
      until: z.iso.datetime(),
      pages: z.number(),
      next: z.string(),
      oldest: z.iso.datetime().nullable().default(null),
    })
    .nullable(),
})
type Cursor = z.output<typeof cursorShape>

/** The tenant's sign-ins of service principals. `now` is given so that tests have a clock. */
export function eventsPort(graph: Graph, memory: Memory, now: () => Date = () => new Date()): EventsPort {
  async function page(version: Version, path: string): Promise<{ records: readonly LogRecord[]; next: string | null }> {
    const { items, next } = await readPage(graph, { step, version, path })
    return { records: items.map((one) => parsed(one, logRecord, step)), next }
  }

  /** Tries v1.0 once for each provider; what it does not know it refuses (400). */
  async function first(path: string): ReturnType<typeof page> {
    const known = await memory.read(slot)
    if (known !== null) return await page(known === "v1.0" ? "v1.0" : "beta", path)
    try {
      const answer = await page("v1.0", path)
      await memory.write(slot, "v1.0")
      return answer
    } catch (error) {
      if (!(error instanceof ConnectorError) || error.code !== "invalid") throw error
      const answer = await page("beta", path)
      await memory.write(slot, "beta")
      return answer
    }
  }

  return {
    everySeconds: 60,
    provenance: {
      timestamp: "observed",
      trace_id: "observed",
      client_id: "observed",
      grant_type: "derived",
      scopes: "absent",
      audience: "derived",
      token_type: "derived",
      expires_in: "absent",
      jti: "absent",
      validation_result: "observed",
      failure_reason: "observed",
      secret_fingerprint: "absent",
      auth_server: "observed",
      duration_ms: "observed",
      ip: "observed",
      user_agent: "observed",
      user_id: "absent",
    },
    async poll(cursor) {
      const at = cursor === null ? null : positionIn(cursor, cursorShape, step, "Entra's log")
      const reading = at?.reading ?? null
      const until = reading ? new Date(reading.until) : now()
      const from = at ? new Date(at.from) : new Date(until.getTime() - dayMs + overlapMs)
      const byTime = (before: string | null) =>
        first(signInsBetween(new Date(from.getTime() - overlapMs), before === null ? null : new Date(before)))
      const exhausted = reading !== null && reading.pages >= pagesMax
      const { page, went } =
        reading === null || exhausted
          ? { page: await byTime(reading?.oldest ?? null), went: "by time" }
          : await byLink(reading.next, () => byTime(reading.oldest))
      const { records, next } = page
      if (next === null) return done(records, until)
      const oldest = oldestOf(records, reading?.oldest ?? null)
      const stands = went === "by time" && reading !== null && oldest === reading.oldest
      if (next === reading?.next || stands) throw standsStill(step)
      const pages = went === "by link" ? (reading?.pages ?? 0) + 1 : 1
      const unfinished: Cursor = {
        from: from.toISOString(),
        reading: { until: until.toISOString(), pages, next, oldest },
      }
      return { records, cursor: JSON.stringify(unfinished), more: true, completeUntil: null }
    },
  }

  /** A link that Graph does not take any more (it keeps none for ever) ends nothing: the reading goes on by time. */
  async function byLink(next: string, byTime: () => ReturnType<typeof page>) {
    try {
      return { page: await page("beta", next), went: "by link" }
    } catch (error) {
      if (!(error instanceof ConnectorError) || !stale.includes(error.code)) throw error
      return { page: await byTime(), went: "by time" }
    }
  }
}

/** What a link answers that leads nowhere. Everything else is about us or about this moment. */
const stale: readonly string[] = ["invalid", "not_found", "unknown"]

function oldestOf(records: readonly LogRecord[], before: string | null): string | null {
  const times = [before, ...records.map((one) => one.createdDateTime)].flatMap((time) => {
    const at = typeof time === "string" ? Date.parse(time) : Number.NaN
    return Number.isFinite(at) ? [at] : []
  })
  return times.length === 0 ? null : new Date(Math.min(...times)).toISOString()
}

function done(records: readonly LogRecord[], until: Date): EventPage {
  const reached: Cursor = { from: until.toISOString(), reading: null }
  const completeUntil = new Date(until.getTime() - overlapMs).toISOString()
  return { records, cursor: JSON.stringify(reached), more: false, completeUntil }
}

/** Without the filter on event types only people's interactive sign-ins come back. `before`: from there backwards, inclusive. */
export function signInsBetween(since: Date, before: Date | null = null): string {
  const times = [
    `createdDateTime ge ${since.toISOString()}`,
    ...(before === null ? [] : [`createdDateTime le ${before.toISOString()}`]),
  ]
  const filter = [...times, "signInEventTypes/any(t: t eq 'servicePrincipal')"].join(" and ")
  return `/auditLogs/signIns?$filter=${encodeURIComponent(filter)}&$top=${pageSize}`
}
