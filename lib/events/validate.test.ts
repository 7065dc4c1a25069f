import fc from "fast-check"
import { describe, expect, test } from "vitest"
import { eventLine } from "./schema.ts"
import { lines, window } from "./line.fixture.ts"
import type { ValidLine } from "./line.ts"
import { isRejection, validateCarefully, validateLine } from "./validate.ts"
import { flagsOf } from "./words.ts"

const check = (line: unknown) => validateLine(typeof line === "string" ? line : JSON.stringify(line), window)
const ok = (line: unknown): ValidLine => {
  const found = check(line)
  if (isRejection(found)) throw new Error(`rejected: ${found.code} ${found.message}`)
  return found
}
const code = (line: unknown) => {
  const found = check(line)
  return isRejection(found) ? found.code : "stored"
}
const issued = { event: "token_issued" }

describe("validateLine", () => {
  test.each([
    ["{", "bad_json"],
    ["", "bad_json"],
    ["[]", "not_an_object"],
    ["null", "not_an_object"],
    ["{}", "missing_event"],
    [{ event: "login" }, "unknown_event"],
    [{ event: 1 }, "unknown_event"],
    [{ ...issued, client_id: 5 }, "wrong_type"],
    [{ ...issued, client_id: "a\u0000b" }, "bad_characters"],
    ['{"event":"token_issued","trace_id":"\\ud800"}', "bad_characters"],
    [{ ...issued, jti: "x".repeat(513) }, "too_long"],
    [{ ...issued, jti: "ü".repeat(257) }, "too_long"],
    [{ ...issued, timestamp: "yesterday" }, "bad_timestamp"],
    [{ ...issued, timestamp: "2026-11-20T12:00:00" }, "bad_timestamp"],
    [{ ...issued, timestamp: "2026-02-30T12:00:00Z" }, "bad_timestamp"],
    [{ ...issued, timestamp: "infinity" }, "bad_timestamp"],
    [{ ...issued, timestamp: 5 }, "bad_timestamp"],
    [{ ...issued, timestamp: "0000-01-01T00:00:00Z" }, "older_than_retention"],
    [{ ...issued, timestamp: "2026-10-01T00:00:00Z" }, "older_than_retention"],
    [{ ...issued, timestamp: "2026-11-21T12:00:01Z" }, "too_far_ahead"],
    [{ ...issued, timestamp: "300000-01-01T00:00:00Z" }, "bad_timestamp"],
    [{ ...issued, timestamp: "2026-11-20T12:00:00+24:00" }, "bad_timestamp"],
    [{ ...issued, duration_ms: -1 }, "bad_number"],
    ['{"event":"token_issued","duration_ms":1e400}', "bad_number"],
    [{ ...issued, expires_in: 1.5 }, "bad_number"],
    ['{"event":"token_issued","expires_in":99999999999999999999}', "bad_number"],
    [{ ...issued, validation_result: "ok" }, "bad_value"],
    [{ ...issued, scopes: 5 }, "wrong_type"],
    [{ ...issued, scopes: [{ rn: "a" }] }, "wrong_type"],
    [`{"event":"token_issued","a":${"[".repeat(40)}${"]".repeat(40)}}`, "too_deep"],
    [`{"event":"token_issued","a":${"[".repeat(30_000)}`, "too_deep"],
    [{ ...issued, note: "x".repeat(70_000) }, "line_too_long"],
  ])("%j is %s", (line, expected) => expect(code(line)).toBe(expected))

  test("free text that Postgres refuses is shown, stored and flagged: a NUL in a user agent hides nothing", () => {
    const line = ok(
      '{"event":"token_issued","user_agent":"curl\\u0000/8","resource":"a\\ud800b","note":{"k\\u0000":"v\\udfff"}}',
    )
    expect(line.agent).toBe("curl\\u0000/8")
    expect(line.resource).toBe("a\\ud800b")
    expect(JSON.parse(line.extra ?? "")).toEqual({ note: { "k\\u0000": "v\\udfff" } })
    expect(flagsOf(line.flags)).toEqual(["sanitised"])
  })

  test("a user agent beyond its limit is cut and flagged, not refused", () => {
    const line = ok({ ...issued, user_agent: "z".repeat(9_000) })
    expect(line.agent).toHaveLength(2_048)
    expect(flagsOf(line.flags)).toEqual(["truncated"])
  })

  test.each([
    ["a list", { scopes: ["a", "b", "a"] }, "a\nb"],
    ["a string", { scope: "a  b" }, "a\nb"],
    ["scp", { scp: ["x"] }, "x"],
    ["objects", { scopes: [{ rn: "res", role: "admin" }] }, "res:admin"],
    ["nothing", {}, null],
    ["an empty list", { scopes: [] }, null],
  ])("scopes as %s", (_name, fields, expected) => expect(ok({ ...issued, ...fields }).scopes).toBe(expected))

  test.each([
    [{ event: "token_issued" }, 0, null],
    [{ event: "token_validated" }, 2, null],
    [{ event: "token_validated", validation_result: "success" }, 0, null],
    [{ event: "token_validated", failure_reason: "expired" }, 1, "expired"],
    [
      { event: "token_validated", validation_result: "failure", failure_reason: "invalid_audience" },
      1,
      "wrong_audience",
    ],
    [{ event: "token_issued", failure_reason: "invalid_client" }, 1, "invalid_client"],
    [{ event: "token_issued", failure_reason: "gremlins" }, 1, "other"],
  ])("%j ends as %d, %s", (line, result, reason) => {
    const found = ok(line)
    expect([found.result, found.reason]).toEqual([result, reason])
  })

  test.each(["gremlins", "constructor", "__proto__"])("the unknown reason %s keeps its raw word in extra", (word) =>
    expect(ok({ ...issued, failure_reason: word })).toMatchObject({
      reason: "other",
      extra: JSON.stringify({ failure_reason: word }),
    }),
  )

  test("unknown fields are kept, __proto__ and constructor as plain names, and touch no prototype", () => {
    const line = ok(
      '{"event":"token_issued","__proto__":{"polluted":1},"constructor":2,"extra":{"purpose":"canary"},"n":12345678901234567890}',
    )
    expect(line.extra).toBe(
      '{"purpose":"canary","__proto__":{"polluted":1},"constructor":2,"n":"12345678901234567890"}',
    )
    expect(line.purpose).toBe("canary")
    expect(Reflect.get({}, "polluted")).toBeUndefined()
  })

  test("a key written twice is flagged, nested or not", () => {
    expect(flagsOf(ok('{"event":"token_issued","jti":"a","jti":"b"}').flags)).toEqual(["duplicate_keys"])
    expect(flagsOf(ok('{"event":"token_issued","x":{"a":1,"a":2}}').flags)).toEqual(["duplicate_keys"])
    expect(ok('{"event":"token_issued","x":{"a:\\"b":1}, "y":"c:d\\\\"}').flags).toBe(0)
  })

  test("times: microseconds, zones, leap second, a little ahead", () => {
    expect(ok({ ...issued, timestamp: "2026-11-20T11:00:00.123456789+01:00" }).ts).toBe(
      Date.parse("2026-11-20T10:00:00.123Z") * 1_000 + 456,
    )
    expect(ok({ ...issued, timestamp: "2026-11-19T23:59:60Z" })).toMatchObject({
      ts: Date.parse("2026-11-20T00:00:00Z") * 1_000,
      flags: 64,
    })
    expect(flagsOf(ok({ ...issued, timestamp: "2026-11-20T12:10:00Z" }).flags)).toEqual(["ahead"])
    expect(ok(issued).ts).toBeNull()
  })

  test("accepts exactly the lines that the schema accepts", () => {
    fc.assert(
      fc.property(lines, (line) => {
        const text = JSON.stringify(line)
        const accepted = eventLine.safeParse(JSON.parse(text)).success
        expect({ text, accepted: !isRejection(check(text)) }).toEqual({ text, accepted })
        expect({ text, accepted: !isRejection(validateCarefully(text, window)) }).toEqual({ text, accepted })
      }),
      { numRuns: 800 },
    )
  })

  test("never throws, whatever the text", () => {
    fc.assert(
      fc.property(
        fc.oneof(
          fc.string({ unit: "binary" }),
          fc.json(),
          lines.map((l) => JSON.stringify(l).slice(0, -3)),
        ),
        (text) => void check(text),
      ),
      { numRuns: 800 },
    )
  })

  test("what is stored can always be stored: no NUL, no lone surrogate", () => {
    let stored = 0
    fc.assert(
      fc.property(lines, (line) => {
        const found = check(JSON.stringify(line))
        if (isRejection(found)) return
        stored++
        for (const value of Object.values(found))
          if (typeof value === "string") expect(value.includes("\u0000") || !value.isWellFormed()).toBe(false)
      }),
      { numRuns: 500 },
    )
    expect(stored).toBeGreaterThan(40)
  })
})
