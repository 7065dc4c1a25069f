import { Readable, type Transform } from "node:stream"
import { createBrotliDecompress, createGunzip, createZstdDecompress } from "node:zlib"
import { Refused, Unavailable } from "../base/errors.ts"
import { limits } from "./limits.ts"
import { splitLines } from "./split.ts"

export interface SentBody {
  readonly contentType: string | null
  readonly contentEncoding: string | null
  readonly body: AsyncIterable<Uint8Array> | null
}

// curl says "form" unless told otherwise; what counts is that the lines are JSON.
const types = new Set([
  "application/x-www-form-urlencoded",
  "application/json",
  "application/x-ndjson",
  "application/ndjson",
  "application/jsonl",
  "application/x-jsonlines",
  "application/json-lines",
  "text/plain",
  "application/octet-stream",
  "",
])
const decoders: Readonly<Record<string, () => Transform>> = {
  gzip: createGunzip,
  "x-gzip": createGunzip,
  br: createBrotliDecompress,
  zstd: createZstdDecompress,
}

/** Bytes of bodies that are being read now, in this process. */
let held = 0
const heldMax = 160_000_000

const tooLarge = (message: string) => new Refused("too_large", message, { status: 413 })

/**
 * Reads a body of events into its lines: NDJSON, one JSON array, or one object; plain, gzip, br or zstd (one layer).
 * Stops at the first breach of a cap (reliability.md T19). Throws Refused 408, 413, 415; nothing is stored then.
 */
export async function readLines(sent: SentBody, times: { bodyMs: number; idleMs: number } = limits): Promise<string[]> {
  const type = sent.contentType?.split(";")[0]?.trim().toLowerCase() ?? ""
  if (!types.has(type))
    throw new Refused("unsupported_type", "Send application/x-ndjson or application/json.", { status: 415 })
  const encoding = sent.contentEncoding?.trim().toLowerCase() ?? ""
  const plain = encoding === "" || encoding === "identity"
  const decoder = plain ? null : decoders[encoding]?.()
  if (!plain && !decoder)
    throw new Refused("unsupported_encoding", "A body may be encoded once, with gzip, br or zstd.", { status: 415 })
  if (!sent.body) return []
  const bytes = await readCapped(sent.body, decoder ?? null, times)
  if (isPacked(bytes)) throw tooLarge("The body is packed twice. One layer of encoding is unpacked.")
  return splitLines(bytes)
}

async function readCapped(
  body: AsyncIterable<Uint8Array>,
  decoder: Transform | null,
  times: { bodyMs: number; idleMs: number },
): Promise<Buffer> {
  const chunks: Uint8Array[] = []
  const count = { wire: 0, decoded: 0 }
  const deadline = Date.now() + times.bodyMs
  const wire = Readable.from(timed(body, deadline, times.idleMs, count))
  const source: Readable = decoder ? wire.on("error", (error) => decoder.destroy(error)).pipe(decoder) : wire
  try {
    for await (const chunk of source as AsyncIterable<Uint8Array>) {
      count.decoded += chunk.byteLength
      if (count.decoded > limits.decodedBytes) throw tooLarge(`The body may unpack to ${limits.decodedBytes} bytes.`)
      if (decoder && count.decoded > limits.ratioFromBytes && count.decoded > limits.ratio * count.wire)
        throw tooLarge(`The body unpacks to more than ${limits.ratio} times its size.`)
      held += chunk.byteLength
      chunks.push(chunk)
      if (held > heldMax)
        throw new Unavailable("busy", "Grantry is reading as much as it can. Send the same batch again.", 1)
    }
    return Buffer.concat(chunks)
  } catch (error) {
    if (error instanceof Refused) {
      wire.unpipe()
      await drained(wire)
      throw error
    }
    if (isDecodeError(error))
      throw new Refused("bad_encoding", "The body is not what its Content-Encoding says.", { status: 400 })
    throw error
  } finally {
    for (const chunk of chunks) held -= chunk.byteLength
    wire.destroy()
    decoder?.destroy()
  }
}

const drainMs = 2_000

/** Reads on for a little, up to the wire's own cap: a sender that is cut off in the middle never sees the 413. */
async function drained(wire: Readable): Promise<void> {
  const all = (async () => {
    try {
      for await (const _ of wire);
    } catch {
      // The cap, the deadline, or the sender went away: enough was read.
    }
  })()
  await Promise.race([all, new Promise((resolve) => setTimeout(resolve, drainMs).unref())])
}

/** zlib's errors carry codes such as Z_DATA_ERROR, Z_BUF_ERROR, ERR__ERROR_FORMAT_..., ZSTD_error_...; a cut body ends unexpectedly. */
const isDecodeError = (error: unknown): boolean =>
  error instanceof Error &&
  "code" in error &&
  typeof error.code === "string" &&
  /^(Z_|ERR_|ZSTD_|BROTLI_|ERR__)/.test(error.code)

/** The wire's chunks, each within the idle time and all within the deadline. */
async function* timed(
  body: AsyncIterable<Uint8Array>,
  deadline: number,
  idleMs: number,
  count: { wire: number },
): AsyncGenerator<Uint8Array> {
  const pieces = body[Symbol.asyncIterator]()
  try {
    for (;;) {
      const next = await within(pieces.next(), Math.min(idleMs, deadline - Date.now()))
      if (next.done) return
      count.wire += next.value.byteLength
      if (count.wire > limits.wireBytes) throw tooLarge(`The body may have ${limits.wireBytes} bytes on the wire.`)
      yield next.value
    }
  } finally {
    // Not awaited: a sender that stalls would hold the answer.
    pieces.return?.().catch(() => {})
  }
}

async function within<T>(work: Promise<T>, ms: number): Promise<T> {
  let timer: NodeJS.Timeout | undefined
  const late = new Promise<never>((_, reject) => {
    timer = setTimeout(
      () => reject(new Refused("too_slow", "The body came too slowly. Send smaller batches.", { status: 408 })),
      Math.max(0, ms),
    )
  })
  try {
    return await Promise.race([work, late])
  } finally {
    clearTimeout(timer)
  }
}

/** Magic numbers of gzip (RFC 1952) and zstd (RFC 8878). */
const isPacked = (bytes: Buffer): boolean =>
  (bytes[0] === 0x1f && bytes[1] === 0x8b) || (bytes.length >= 4 && bytes.readUInt32LE(0) === 0xfd2fb528)
