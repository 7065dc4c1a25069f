import { z } from "zod"
import { dayMs, hourMs } from "../../base/time.ts"
import { ConnectorError, type EventPage, type EventsPort, type Memory } from "../port.ts"
import type { Graph } from "./graph.ts"
import { parsed, readPage } from "./list.ts"
import { logRecord, type LogRecord } from "./shapes.ts"

/** Sign-ins appear minutes to hours late and newest first, so each reading goes this far back; ids tell doubles. */
const overlapMs = 2 * hourMs
const pageSize = 1_000
const pagesMax = 2_000

/** Where sign-ins of services can be asked for. v1.0 had no filter for them in 2026 (providers.md 12, E2). */
type Version = "v1.0" | "beta"
const slot = "sign_ins"

const cursorShape = z.object({
  /** Complete readings reach up to here. */
  from: z.iso.datetime(),
  /** In the middle of a reading: its end, how many pages it has taken, and where it goes on. */
  reading: z.object({ until: z.iso.datetime(), pages: z.number(), next: z.string() }).nullable(),
})
type Cursor = z.output<typeof cursorShape>

/** The tenant's sign-ins of service principals. `now` is given so that tests have a clock. */
export function eventsPort(graph: Graph, memory: Memory, now: () => Date = () => new Date()): EventsPort {
  async function page(version: Version, path: string): Promise<{ records: readonly LogRecord[]; next: string | null }> {
    const step = "read sign-ins"
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
      const at = cursor === null ? null : position(cursor)
      const reading = at?.reading ?? null
      const until = reading ? new Date(reading.until) : now()
      const from = at ? new Date(at.from) : new Date(until.getTime() - dayMs + overlapMs)
      const { records, next } = reading
        ? await page("beta", reading.next)
        : await first(signInsSince(new Date(from.getTime() - overlapMs)))
      const pages = (reading?.pages ?? 0) + 1
      if (next === null) return done(records, until)
      if (next === reading?.next || pages >= pagesMax)
        throw new ConnectorError("unknown", "read sign-ins", "The provider's log does not advance.")
      const unfinished: Cursor = { from: from.toISOString(), reading: { until: until.toISOString(), pages, next } }
      return { records, cursor: JSON.stringify(unfinished), more: true, completeUntil: null }
    },
  }
}

function done(records: readonly LogRecord[], until: Date): EventPage {
  const reached: Cursor = { from: until.toISOString(), reading: null }
  const completeUntil = new Date(until.getTime() - overlapMs).toISOString()
  return { records, cursor: JSON.stringify(reached), more: false, completeUntil }
}

/** Without the filter on event types only people's interactive sign-ins come back. */
export function signInsSince(since: Date): string {
  const filter = `createdDateTime ge ${since.toISOString()} and signInEventTypes/any(t: t eq 'servicePrincipal')`
  return `/auditLogs/signIns?$filter=${encodeURIComponent(filter)}&$top=${pageSize}`
}

function position(cursor: string): Cursor {
  const read = cursorShape.safeParse(jsonOf(cursor))
  if (read.success) return read.data
  throw new ConnectorError("invalid", "read sign-ins", "This is not a position in Entra's log.")
}

function jsonOf(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    return undefined
  }
}
