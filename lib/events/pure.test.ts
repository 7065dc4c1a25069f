import fc from "fast-check"
import { describe, expect, test } from "vitest"
import { canonicalJson } from "../base/json.ts"
import { csvCell } from "./csv.ts"
import { bucketOf, bucketTopMs, latencyBuckets } from "./delta.ts"
import { canonicalLine, eventIdentity } from "./identity.ts"
import { decodeCursor, encodeCursor, rangeOf } from "./query.ts"
import { stretches } from "./rollup.ts"
import { splitLines } from "./split.ts"
import { decodeLine, visible } from "./text.ts"
import { parseTimestamp, printTimestamp } from "./timestamp.ts"

describe("identity", () => {
  test("no source can shadow another's event, and a given id is never taken for a line", () => {
    expect(eventIdentity("a", "1", "")).not.toBe(eventIdentity("b", "1", ""))
    expect(eventIdentity("a", "{}", "")).not.toBe(eventIdentity("a", null, "{}"))
    expect(eventIdentity("a", "1", "x")).toMatch(/^[0-9a-f]{32}$/)
  })
  test("the order of members and the white space do not change a line's identity", () =>
    expect(canonicalJson(JSON.parse('{"b":1.0, "a":"x"}'))).toBe(canonicalJson(JSON.parse('{"a":"x","b":1}'))))
})

test("the fast way to canonical JSON says what RFC 8785 says, for every shape", () => {
  const names = fc.oneof(fc.string({ maxLength: 4 }), fc.constantFrom("10", "9", "__proto__", "a", "b"))
  fc.assert(
    fc.property(
      fc.dictionary(names, fc.oneof(fc.jsonValue({ maxDepth: 2 }), fc.array(fc.string(), { maxLength: 2 }))),
      (object) => {
        const parsed = JSON.parse(JSON.stringify(object)) as Record<string, unknown>
        expect(canonicalLine(parsed)).toBe(canonicalJson(parsed))
      },
    ),
    { numRuns: 1_000 },
  )
})

describe("splitLines", () => {
  const lines = (text: string | Buffer) => splitLines(Buffer.from(text as string))
  test.each([
    ['{"a":1}\n\n{"b":2}\r\n', ['{"a":1}', '{"b":2}']],
    ['[{"a":"],["},{"b":[1,2]}]', ['{"a":"],["}', '{"b":[1,2]}']],
    ['{\n  "a": 1\n}\n', ['{\n  "a": 1\n}']],
    ["", []],
    [" \n", []],
    ["[]", []],
    ['{"a":1', ['{"a":1']],
    ['{bad\n{"b":2}', ["{bad", '{"b":2}']],
    ["\ufeff{}\n{}", ["{}", "{}"]],
    ['[{"a":1},{"b"', ['[{"a":1},{"b"']],
  ])("%j", (text, expected) => expect(lines(text)).toEqual(expected))
  test("10,001 lines are 413", () => expect(() => lines("{}\n".repeat(10_001))).toThrow(/10000 lines/))
  test("bytes that are no UTF-8 become visible, and only in their own line", () => {
    const [first, second] = splitLines(
      Buffer.concat([Buffer.from('{"a":"'), Buffer.from([0xff, 0xc3]), Buffer.from('"}\n{"b":"ü"}')]),
    )
    expect(visible(first ?? "")).toBe('{"a":"\\xff\\xc3"}')
    expect(second).toBe('{"b":"ü"}')
  })
  test("a line of JSON objects always comes back whole, as NDJSON and as an array", () => {
    fc.assert(
      fc.property(
        fc.array(fc.dictionary(fc.string(), fc.jsonValue({ maxDepth: 2 })), { minLength: 1, maxLength: 5 }),
        (objects) => {
          const parse = (text: string) => splitLines(Buffer.from(text)).map((l) => JSON.parse(l) as unknown)
          const want = objects.map((o) => JSON.parse(JSON.stringify(o)) as unknown)
          expect(parse(objects.map((o) => JSON.stringify(o)).join("\n"))).toEqual(want)
          expect(parse(JSON.stringify(objects, null, 2))).toEqual(want)
        },
      ),
    )
  })
})

test("decodeLine keeps valid UTF-8 as it is", () =>
  fc.assert(
    fc.property(fc.string({ unit: "grapheme" }), (s) => decodeLine(Buffer.from(s)) === Buffer.from(s).toString("utf8")),
  ))

test("a timestamp reads as Date reads it", () =>
  fc.assert(
    fc.property(fc.date({ min: new Date("1970-01-01"), max: new Date("2099-01-01"), noInvalidDate: true }), (d) => {
      expect(parseTimestamp(d.toISOString())?.us).toBe(d.getTime() * 1_000)
      expect(printTimestamp(d.getTime() * 1_000)).toBe(d.toISOString())
    }),
  ))

test("a latency lies in the bucket below whose top it is", () =>
  fc.assert(
    fc.property(fc.double({ min: 0, max: 1e6, noNaN: true }), (ms) => {
      const bucket = bucketOf(ms)
      expect(ms <= bucketTopMs(bucket) * (1 + 1e-9)).toBe(true)
      if (bucket > 0 && bucket < latencyBuckets) expect(ms > bucketTopMs(bucket - 1) * (1 - 1e-9)).toBe(true)
    }),
  ))

describe("stretches", () => {
  const t0 = Date.parse("2026-03-01T00:00:00Z")
  const instant = fc.integer({ min: 0, max: 90 * 86_400_000 }).map((ms) => t0 + ms)
  test("cover a range exactly once, each span on its own boundaries", () =>
    fc.assert(
      fc.property(
        instant,
        instant,
        fc.constantFrom(60 as const, 3600 as const),
        fc.constantFrom(3600 as const, 86400 as const),
        (a, b, finest, coarsest) => {
          const range = { fromMs: Math.min(a, b), toMs: Math.max(a, b) + 1 }
          const parts = stretches(range, finest, coarsest)
          let at = range.fromMs
          for (const p of parts) {
            expect(p.fromMs).toBe(at)
            if (p.spanSeconds !== null)
              expect([p.fromMs % (p.spanSeconds * 1_000), p.toMs % (p.spanSeconds * 1_000)]).toEqual([0, 0])
            at = p.toMs
          }
          expect(at).toBe(range.toMs)
        },
      ),
    ))
})

describe("csvCell", () => {
  const starts = ["=", "+", "-", "@", "\t", "\r", "\n", "\u0000", "＝", "＋", "－", "＠", " =", "\t@"]
  test.each(starts)("%j does not start a formula", (start) =>
    expect(csvCell(`${start}1+1`).replace(/^"/, "")).toMatch(/^'/),
  )
  test("quotes as RFC 4180 says", () => {
    expect(csvCell('a "b", c')).toBe('"a ""b"", c"')
    expect(csvCell(-5)).toBe("-5")
    expect(csvCell(null)).toBe("")
  })
})

describe("query", () => {
  const now = new Date("2026-11-20T12:00:00Z")
  test("the default window is the last 24 hours", () =>
    expect(rangeOf({}, now)).toEqual({ fromMs: now.getTime() - 86_400_000, toMs: now.getTime() + 300_000 }))
  test("an end before its start is refused", () =>
    expect(() => rangeOf({ from: "2026-11-20T12:00:00Z", to: "2026-11-20T11:00:00Z" }, now)).toThrow(/before/))
  test("a cursor comes back as it went, and nothing else is one", () => {
    const c = { us: 1_763_000_000_123_456, id: "0190b0a0-0000-7000-8000-000000000000" }
    expect(decodeCursor(encodeCursor(c))).toEqual(c)
    expect(() => decodeCursor("eyJ4IjoxfQ")).toThrow(/cursor/)
  })
})
