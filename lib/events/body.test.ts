import { setTimeout as wait } from "node:timers/promises"
import { brotliCompressSync, gzipSync, zstdCompressSync } from "node:zlib"
import { describe, expect, test } from "vitest"
import { readLines } from "./body.ts"
import { Gate } from "./gate.ts"

const ndjson = "application/x-ndjson"
async function* inPieces(bytes: Buffer, size = 16_384): AsyncGenerator<Uint8Array> {
  for (let at = 0; at < bytes.length; at += size) yield bytes.subarray(at, at + size)
}
const read = (bytes: Buffer, contentEncoding: string | null = null, contentType: string | null = ndjson) =>
  readLines({ contentType, contentEncoding, body: inPieces(bytes) })
const text = '{"event":"token_issued"}\n{"event":"token_validated"}\n'

describe("readLines", () => {
  test.each([
    ["plain", null, Buffer.from(text)],
    ["identity", "identity", Buffer.from(text)],
    ["gzip", "gzip", gzipSync(text)],
    ["br", "br", brotliCompressSync(text)],
    ["zstd", "zstd", zstdCompressSync(text)],
  ])("%s", async (_name, encoding, bytes) => expect(await read(bytes, encoding)).toEqual(text.trim().split("\n")))

  test.each([
    ["two layers named", "gzip, gzip", 415],
    ["deflate", "deflate", 415],
    ["not what it says", "gzip", 400],
  ])("%s", async (_name, encoding, status) =>
    expect(read(Buffer.from(text), encoding)).rejects.toMatchObject({ status }),
  )

  test.each(["text/html", "multipart/form-data; boundary=x", "application/xml"])("%s is 415", async (type) =>
    expect(read(Buffer.from(text), null, type)).rejects.toMatchObject({ status: 415 }),
  )
  test.each([null, "application/json; charset=utf-8", "application/x-ndjson"])("%s is taken", async (type) =>
    expect(await read(Buffer.from(text), null, type)).toHaveLength(2),
  )

  test("T19: 256 MiB of zeros in 255 KB is 413 before it is unpacked", async () => {
    const bomb = gzipSync(Buffer.alloc(256 * 1024 * 1024))
    const before = process.memoryUsage().rss
    await expect(read(bomb, "gzip")).rejects.toMatchObject({ status: 413 })
    expect(process.memoryUsage().rss - before).toBeLessThan(50_000_000)
  }, 20_000)

  test("T19: packed twice is 413", async () =>
    expect(read(gzipSync(gzipSync(text)), "gzip")).rejects.toMatchObject({ status: 413 }))
  test("T19: more than 5 MB on the wire is 413", async () =>
    expect(read(Buffer.alloc(5_000_001, "{"))).rejects.toMatchObject({ status: 413 }))
  test("T19: 10,001 lines are 413", async () =>
    expect(read(Buffer.from("{}\n".repeat(10_001)))).rejects.toMatchObject({ status: 413 }))

  test("a body that stalls, or drips, is 408", async () => {
    async function* drip(everyMs: number) {
      for (;;) {
        yield Buffer.from("{}\n")
        await wait(everyMs)
      }
    }
    const slow = (everyMs: number, times: { bodyMs: number; idleMs: number }) =>
      readLines({ contentType: ndjson, contentEncoding: null, body: drip(everyMs) }, times)
    await expect(slow(500, { bodyMs: 5_000, idleMs: 50 })).rejects.toMatchObject({ status: 408, code: "too_slow" })
    await expect(slow(10, { bodyMs: 100, idleMs: 1_000 })).rejects.toMatchObject({ status: 408 })
  })
})

test("a full gate refuses at once, a long wait ends, and both say when to come again", async () => {
  const gate = new Gate({ running: 1, waiting: 1, waitMs: 60 })
  const busy = { status: 503, code: "busy", retryAfterSeconds: 1 }
  const running = gate.pass(() => wait(150, "first"))
  const waiting = expect(gate.pass(() => Promise.resolve())).rejects.toMatchObject(busy)
  await expect(gate.pass(() => Promise.resolve())).rejects.toMatchObject(busy)
  await waiting
  expect(await running).toBe("first")
  expect(await gate.pass(() => Promise.resolve("after"))).toBe("after")
})
