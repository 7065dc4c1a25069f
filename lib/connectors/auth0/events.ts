import { z } from "zod"
import { dayMs, minuteMs } from "../../base/time.ts"
import { positionIn, standsStill } from "../cursor.ts"
import type { EventPage, EventsPort } from "../log-ports.ts"
import type { Api } from "./api.ts"
import { logPageSize, logsAfter, logsSince, timeOf, type LogRecord } from "./logs.ts"

/** The log is "not real time" and gives no bound; this is a working assumption of ours (providers.md 11.10). */
const delayMs = 10 * minuteMs

const step = "read log"
const cursorShape = z.object({ after: z.string().nullable() })

/** The tenant's log, all types of it: with a checkpoint Auth0 filters nothing, so the normaliser does. */
export function eventsPort(api: Api): EventsPort {
  async function after(logId: string): Promise<EventPage> {
    const records = await logsAfter(api, logId)
    const last = records.at(-1)
    if (last?.log_id === logId) throw standsStill(step)
    return page(records, last?.log_id ?? logId, records.length >= logPageSize)
  }

  /** Records come newest first; what was written meanwhile comes by the checkpoint. */
  async function start(): Promise<EventPage> {
    const records = (await logsSince(api, new Date(Date.now() - dayMs))).toReversed()
    return page(records, records.at(-1)?.log_id ?? null, false)
  }

  return {
    everySeconds: 30,
    provenance: {
      timestamp: "observed",
      trace_id: "observed",
      client_id: "observed",
      grant_type: "derived",
      scopes: "observed",
      audience: "observed",
      token_type: "derived",
      expires_in: "absent",
      jti: "observed",
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
      const at = cursor === null ? null : positionIn(cursor, cursorShape, step, "Auth0's log").after
      return at === null ? await start() : await after(at)
    },
  }
}

function page(records: readonly LogRecord[], after: string | null, more: boolean): EventPage {
  const newest = records.map(timeOf).findLast((time) => time !== null)
  const reached = more ? (newest?.getTime() ?? null) : Date.now()
  return {
    records,
    cursor: JSON.stringify({ after }),
    more,
    completeUntil: reached === null ? null : new Date(reached - delayMs).toISOString(),
  }
}
