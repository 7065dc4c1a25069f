import type { Logger } from "pino"
import type { GuardedFetch } from "../../base/http.ts"

export interface HeartbeatOptions {
  readonly fetch: GuardedFetch
  /** Grantry's API, `{public url}/api/v1`. */
  readonly apiUrl: string
  /** The source whose token it is. Null: no heartbeats. */
  readonly sourceId: string | null
  readonly token: string
  readonly log: Logger
}

/** Well below the silence after which a source counts as gone. */
const heartbeatEveryMs = 5_000

/**
 * Tells the ingestion until when it has everything of this source (its watermark), now and then, also when nothing
 * happens: "the old secret was not used" can only be concluded over a complete window. A missed one is made up by the next.
 */
export function heartbeats({
  fetch,
  apiUrl,
  sourceId,
  token,
  log,
}: HeartbeatOptions): (settledMs: number, signal: AbortSignal) => Promise<void> {
  let lastMs = 0
  let complained = false
  return async (settledMs, signal) => {
    if (sourceId === null || Date.now() - lastMs < heartbeatEveryMs) return
    lastMs = Date.now()
    const headers = { authorization: `Bearer ${token}`, "content-type": "application/json" }
    const body = JSON.stringify({ complete_until: new Date(settledMs).toISOString() })
    const status = await fetch(`${apiUrl}/sources/${encodeURIComponent(sourceId)}/heartbeat`, {
      method: "POST",
      headers,
      body,
      signal,
      timeoutMs: 5_000,
    }).then(
      (answer) => answer.status,
      () => 0,
    )
    if (status >= 200 && status < 300) complained = false
    else if (!complained && !signal.aborted) {
      complained = true
      log.warn({ status }, "the ingestion did not take the heartbeat")
    }
  }
}
