import { dayMs, minuteMs } from "../../base/time.ts"
import { noPosition, standsStill } from "../cursor.ts"
import { ConnectorError } from "../connector-error.ts"
import type { EventsPort } from "../log-ports.ts"
import type { Session } from "./api.ts"
import { isLogPath, logPageSize, pollFrom, pollOn } from "./logs.ts"

/** Seconds to minutes, by no promise: a working assumption of ours (providers.md 11.10). */
const delayMs = 5 * minuteMs
const step = "read log"

/** The System Log. Okta's event hooks do not carry token grants, so it is asked for them. */
export const eventsPort = (session: Session, now: () => Date): EventsPort => ({
  everySeconds: 45,
  provenance: {
    timestamp: "observed",
    trace_id: "observed",
    client_id: "observed",
    user_id: "absent",
    grant_type: "observed",
    scopes: "observed",
    audience: "derived",
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
  },
  async poll(cursor) {
    if (cursor !== null && !isLogPath(cursor)) throw noPosition(step, "Okta's log")
    const asked = now()
    const { items, next } =
      cursor === null ? await pollFrom(session, new Date(asked.getTime() - dayMs)) : await pollOn(session, cursor)
    if (next === null)
      throw new ConnectorError("unknown", step, "Okta gives no next link, so there is no way to go on.")
    if (items.length > 0 && next === cursor) throw standsStill(step)
    const more = items.length >= logPageSize
    const newest = Date.parse(items.at(-1)?.published ?? "")
    const reached = more ? newest : asked.getTime()
    return {
      records: items,
      cursor: next,
      more,
      completeUntil: Number.isFinite(reached) ? new Date(reached - delayMs).toISOString() : null,
    }
  },
})
