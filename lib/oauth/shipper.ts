import { backoffMs, retryAfterMs, type Backoff } from "./backoff.ts"
import { callJson, isRecord, type Fetch, type JsonAnswer } from "./call.ts"
import { OAuthError } from "./errors.ts"
import type { EventLine } from "./event-line.ts"

export interface ShipperOptions {
  /** Grantry's ingestion: `https://grantry.example/api/v1/events`. */
  url: string
  /** An API token of the source, `gty_...`. */
  token: string
  /** Lines kept while they cannot be sent (default 10,000). When it is full new lines are dropped, and counted. */
  bufferMax?: number
  /** Lines of one request (default 500). */
  batchMax?: number
  /** The longest a line waits for company (default 1 s). */
  lingerMs?: number
  timeoutMs?: number
  backoff?: Backoff
  fetch?: Fetch
  now?: () => number
  random?: () => number
  /** Told of every failed sending and every lost line, for the log. Holds no credential. */
  onProblem?: (problem: ShipperProblem) => void
}

export interface ShipperProblem {
  readonly code: "retrying" | "rejected" | "dropped" | "unauthorized"
  readonly message: string
  readonly lines: number
}

export interface ShipperCounts {
  readonly buffered: number
  /** Lines that the server holds: newly stored or known before. */
  readonly shipped: number
  /** Lines that will never be accepted as they are. */
  readonly rejected: number
  /** Lines lost on this side: the buffer was full, or the shipper was closed. */
  readonly dropped: number
  readonly retries: number
}

export interface EventShipper {
  /** Takes a line; false when it had to be dropped. Never throws, never waits. */
  readonly add: (line: EventLine) => boolean
  /** Sends what is there now; resolves when it is sent or one attempt has failed. */
  readonly flush: () => Promise<void>
  /** Takes no more lines and sends the rest within the limit (default 5 s); says how many were left behind. */
  readonly close: (limitMs?: number) => Promise<{ left: number }>
  readonly counts: () => ShipperCounts
}

const lineBytesMax = 65_536

/**
 * Buffers event lines and posts them as gzipped NDJSON. No answer, 429 and 5xx: the same lines are sent again after a
 * back-off, and since each line has its `event_id`, a batch that had arrived after all is counted once. 413: the batch
 * is halved. 401 and 403: kept and tried again slowly, for a credential can be mended. Any other 4xx: the batch will
 * never pass and is dropped, with a word to `onProblem`.
 */
export function createEventShipper(options: ShipperOptions): EventShipper {
  const queue: string[] = []
  const counts = { shipped: 0, rejected: 0, dropped: 0, retries: 0 }
  const now = options.now ?? Date.now
  const fetch: Fetch = options.fetch ?? ((url, init) => globalThis.fetch(url, init))
  let timer: ReturnType<typeof setTimeout> | undefined
  let sending: Promise<boolean> | undefined
  let failures = 0
  let batchMax = options.batchMax ?? 500
  let closed = false

  const tell = (code: ShipperProblem["code"], message: string, lines: number) =>
    options.onProblem?.({ code, message, lines })

  const drop = (message: string): false => {
    counts.dropped++
    tell("dropped", message, 1)
    return false
  }

  const add = (line: EventLine): boolean => {
    if (closed) return drop("The shipper is closed")
    if (queue.length >= (options.bufferMax ?? 10_000)) return drop("The buffer is full")
    const text = JSON.stringify(line)
    if (text.length > lineBytesMax / 3 && new TextEncoder().encode(text).length > lineBytesMax)
      return drop("The line is too long")
    queue.push(text)
    if (failures === 0) schedule(queue.length >= batchMax ? 0 : (options.lingerMs ?? 1_000))
    return true
  }

  const schedule = (waitMs: number): void => {
    if (sending !== undefined || (timer !== undefined && waitMs > 0)) return
    clearTimeout(timer)
    timer = setTimeout(() => void run(), waitMs)
    // A buffered line alone does not keep a Node process alive; `close` does.
    ;(timer as { unref?: () => void }).unref?.()
  }

  /** One attempt at one batch after another; false when an attempt failed and the rest has to wait. */
  const run = (): Promise<boolean> => {
    clearTimeout(timer)
    timer = undefined
    sending ??= drain().finally(() => {
      sending = undefined
      if (queue.length > 0 && !closed) schedule(failures === 0 ? 0 : waitMs)
    })
    return sending
  }
  let waitMs = 0

  const drain = async (): Promise<boolean> => {
    while (queue.length > 0) {
      const batch = queue.slice(0, batchMax)
      const answer = await post(batch).catch((error: unknown) =>
        error instanceof OAuthError ? error : Promise.reject(error),
      )
      if (!settle(answer, batch)) return false
    }
    return true
  }

  const post = async (batch: readonly string[]): Promise<JsonAnswer> => {
    const body = await gzip(`${batch.join("\n")}\n`)
    const headers = {
      authorization: `Bearer ${options.token}`,
      "content-type": "application/x-ndjson",
      "content-encoding": "gzip",
      accept: "application/json",
    }
    return callJson(fetch, options.url, { method: "POST", headers, body }, options.timeoutMs ?? 10_000)
  }

  /** Takes the batch off the queue where its fate is known. */
  const settle = (answer: JsonAnswer | OAuthError, batch: readonly string[]): boolean => {
    if (answer instanceof OAuthError) return later("retrying", answer.code, batch.length, undefined)
    const { status, headers, body } = answer
    if (status >= 200 && status < 300) {
      const rejected = isRecord(body) && Array.isArray(body["rejected"]) ? (body["rejected"] as unknown[]) : []
      counts.rejected += rejected.length
      counts.shipped += batch.length - rejected.length
      if (rejected.length > 0) tell("rejected", codesOf(rejected), rejected.length)
      return taken(batch)
    }
    if (status === 429 || status >= 500 || status === 408)
      return later("retrying", `HTTP ${status}`, batch.length, retryAfterMs(headers.get("retry-after"), now()))
    if (status === 401 || status === 403) return later("unauthorized", `HTTP ${status}`, batch.length, 30_000)
    if (status === 413 && batch.length > 1) {
      batchMax = Math.max(1, Math.floor(batch.length / 2))
      return true
    }
    counts.rejected += batch.length
    tell("rejected", `HTTP ${status}`, batch.length)
    return taken(batch)
  }

  const taken = (batch: readonly string[]): true => {
    queue.splice(0, batch.length)
    failures = 0
    return true
  }

  const later = (
    code: "retrying" | "unauthorized",
    message: string,
    lines: number,
    askedMs: number | undefined,
  ): false => {
    failures++
    counts.retries++
    const own = backoffMs(
      failures,
      (options.random ?? Math.random)(),
      options.backoff ?? { baseMs: 500, maxMs: 30_000 },
    )
    waitMs = Math.max(own, Math.min(askedMs ?? 0, 60_000))
    tell(code, message, lines)
    return false
  }

  const close = async (limitMs = 5_000): Promise<{ left: number }> => {
    closed = true
    clearTimeout(timer)
    const until = now() + limitMs
    while (queue.length > 0 && now() < until) {
      if (await within(run(), until - now())) continue
      const pause = Math.min(waitMs, until - now())
      if (pause > 0) await new Promise((done) => setTimeout(done, pause))
    }
    counts.dropped += queue.length
    return { left: queue.splice(0).length }
  }

  return { add, close, flush: async () => void (await run()), counts: () => ({ buffered: queue.length, ...counts }) }
}

async function within(work: Promise<boolean>, limitMs: number): Promise<boolean> {
  let timer: ReturnType<typeof setTimeout> | undefined
  const limit = new Promise<false>((done) => (timer = setTimeout(() => done(false), Math.max(0, limitMs))))
  return Promise.race([work, limit]).finally(() => clearTimeout(timer))
}

async function gzip(text: string): Promise<Uint8Array<ArrayBuffer>> {
  const packed = new Blob([text]).stream().pipeThrough(new CompressionStream("gzip"))
  return new Uint8Array(await new Response(packed).arrayBuffer())
}

function codesOf(rejected: readonly unknown[]): string {
  return [
    ...new Set(rejected.map((one) => (isRecord(one) && typeof one["code"] === "string" ? one["code"] : "unknown"))),
  ].join(", ")
}
