import { gzipSync } from "node:zlib"
import type { Logger } from "pino"
import { z } from "zod"
import { FetchRefused, type GuardedFetch } from "../../base/http.ts"
import type { Pool } from "../../db/pool.ts"
import { heartbeats } from "./heartbeat.ts"
import { settle, takeFromOutbox, type Rejected, type Waiting } from "./outbox.ts"

export interface ShipOptions {
  readonly pool: Pool
  readonly fetch: GuardedFetch
  /** Grantry's API, `{public url}/api/v1`. */
  readonly apiUrl: string
  /** The source whose token it is. Null: no heartbeats. */
  readonly sourceId: string | null
  readonly token: string
  readonly log: Logger
  /** Before this moment (ms since 1970) every event is in the outbox. */
  readonly settledUntil: () => number
  readonly batchMax?: number
  /** How long to rest when nothing waits, in ms. */
  readonly idleMs?: number
}

/** contract section 6; the rest of the answer does not matter here. */
const ackSchema = z.object({
  rejected: z.array(z.object({ index: z.int().nonnegative(), code: z.string(), message: z.string() })),
})

/** What to do with a batch after one try. */
export type Outcome =
  | {
      readonly is: "acked"
      readonly rejected: readonly { readonly index: number; readonly code: string; readonly message: string }[]
    }
  | { readonly is: "smaller"; readonly why: string }
  | { readonly is: "later"; readonly afterMs: number | null; readonly why: string }

const maxPauseMs = 30_000
const firstPauseMs = 250

/** Judges an answer of the ingestion API (reliability.md 4.2). Pure. A credential problem waits: the lines are fine. */
export function judge(status: number, retryAfter: string | null, text: string): Outcome {
  if (status >= 200 && status < 300) {
    const parsed = ackSchema.safeParse(jsonOrNull(text))
    return parsed.success
      ? { is: "acked", rejected: parsed.data.rejected }
      : { is: "later", afterMs: null, why: "the answer was not an ack" }
  }
  if (status === 400 || status === 413 || status === 422) return { is: "smaller", why: `refused with ${status}` }
  const seconds = Number(retryAfter)
  return {
    is: "later",
    afterMs: retryAfter !== null && Number.isFinite(seconds) && seconds >= 0 ? seconds * 1_000 : null,
    why: `refused with ${status}`,
  }
}

/** Full jitter over a doubling pause. `random` is in [0, 1). */
export const pauseMs = (failures: number, random: number): number =>
  Math.round(Math.min(maxPauseMs, firstPauseMs * 2 ** failures) * (0.5 + random / 2))

/** Ships the outbox until stopped. One batch at a time, oldest first; a batch is deleted only after its ack. */
export function startShipping(options: ShipOptions): { stop(): Promise<void> } {
  const stopping = new AbortController()
  const run = loop(options, stopping.signal)
  return {
    async stop() {
      stopping.abort()
      await run
    },
  }
}

async function loop({ log, idleMs = 500, ...options }: ShipOptions, signal: AbortSignal): Promise<void> {
  const full = options.batchMax ?? 500
  let size = full
  let failures = 0
  const beat = heartbeats({ ...options, log })
  while (!signal.aborted) {
    let waitMs = idleMs
    try {
      const settled = options.settledUntil()
      const batch = await takeFromOutbox(options.pool, size)
      if (batch.length === 0) await beat(settled, signal)
      if (batch.length > 0) {
        const outcome = await send(options, batch, signal)
        if (outcome.is === "acked") {
          await settleAcked(options.pool, batch, outcome.rejected, log)
          // A batch that was not full held everything that was settled when it was taken.
          if (batch.length < size) await beat(settled, signal)
          waitMs = batch.length === size ? 0 : Math.min(idleMs, 50)
          failures = 0
          size = full
        } else if (outcome.is === "smaller" && batch.length > 1) {
          size = Math.ceil(batch.length / 2)
          waitMs = 0
        } else if (outcome.is === "smaller") {
          await settleAcked(options.pool, batch, [{ index: 0, code: "refused", message: outcome.why }], log)
          size = full
        } else {
          waitMs = outcome.afterMs ?? pauseMs(failures, Math.random())
          if (failures === 0)
            log.warn({ why: outcome.why, waiting: batch.length }, "token events wait: the ingestion did not take them")
          failures += 1
        }
      }
    } catch (error) {
      waitMs = pauseMs(failures, Math.random())
      if (failures === 0)
        log.warn({ err: error instanceof Error ? error.message : "unknown" }, "the outbox cannot be read")
      failures += 1
    }
    await rest(waitMs, signal)
  }
}

async function send(
  { fetch, apiUrl, token }: Pick<ShipOptions, "fetch" | "apiUrl" | "token">,
  batch: readonly Waiting[],
  signal: AbortSignal,
): Promise<Outcome> {
  const body = gzipSync(batch.map(({ line }) => JSON.stringify(line)).join("\n"))
  try {
    const answer = await fetch(`${apiUrl}/events`, {
      method: "POST",
      headers: { authorization: `Bearer ${token}`, "content-type": "application/x-ndjson", "content-encoding": "gzip" },
      body,
      signal,
      timeoutMs: 10_000,
    })
    return judge(answer.status, answer.headers.get("retry-after"), answer.text)
  } catch (error) {
    if (error instanceof FetchRefused) return { is: "later", afterMs: null, why: error.code }
    throw error
  }
}

async function settleAcked(
  pool: Pool,
  batch: readonly Waiting[],
  verdicts: readonly { index: number; code: string; message: string }[],
  log: Logger,
): Promise<void> {
  const rejected: Rejected[] = verdicts.flatMap(({ index, code, message }) => {
    const line = batch[index]
    return line ? [{ seq: line.seq, code, message: message.slice(0, 500) }] : []
  })
  if (rejected.length > 0)
    log.error({ count: rejected.length, code: rejected[0]?.code }, "token events were rejected and parked")
  await settle(
    pool,
    batch.map((one) => one.seq),
    rejected,
  )
}

function jsonOrNull(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    return null
  }
}

const rest = (ms: number, signal: AbortSignal): Promise<void> =>
  new Promise((resolve) => {
    if (signal.aborted || ms <= 0) return void setImmediate(resolve)
    const timer = setTimeout(done, ms)
    function done() {
      clearTimeout(timer)
      signal.removeEventListener("abort", done)
      resolve()
    }
    signal.addEventListener("abort", done, { once: true })
  })
