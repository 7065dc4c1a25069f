import fc from "fast-check"
import { describe, expect, it } from "vitest"
import { parseStrictJson } from "./strict-json.ts"

const parse = (text: string) => parseStrictJson(new TextEncoder().encode(text))

describe("strict JSON", () => {
  it("reads what JSON.parse reads, and nothing else", () => {
    fc.assert(
      fc.property(fc.jsonValue({ maxDepth: 6 }), (value) => {
        const text = JSON.stringify(value)
        expect(parse(text)).toEqual({ value: JSON.parse(text) })
      }),
    )
    const pieces = [
      "{",
      "}",
      "[",
      "]",
      ",",
      ":",
      '"a"',
      '"\\u00e9"',
      "1",
      "-0",
      "01",
      "1e5",
      ".5",
      "true",
      "nul",
      " ",
      "\n",
      "\\",
      '"',
      "\u0007",
    ]
    fc.assert(
      fc.property(fc.array(fc.constantFrom(...pieces), { maxLength: 8 }), (chosen) => {
        const text = chosen.join("")
        let accepted = true
        try {
          JSON.parse(text)
        } catch {
          accepted = false
        }
        const strict = parse(text)
        if (accepted) expect("value" in strict || strict.code === "duplicate").toBe(true)
        else expect("problem" in strict).toBe(true)
      }),
      { numRuns: 1000 },
    )
  })

  it.each([
    ["a duplicate member", '{"a":1,"b":{},"a":2}', "duplicate", 14],
    ["a duplicate member in another spelling", '{"a":1,"\\u0061":2}', "duplicate", 7],
    ["a duplicate member deep inside", '[{"x":{"y":1,"y":1}}]', "duplicate", 13],
    ["a trailing comma", '{"a":1,}', "syntax", 7],
    ["something after the end", '{"a":1}x', "syntax", 7],
    ["a comment", "{/*a*/}", "syntax", 1],
    ["an empty text", "", "syntax", 0],
    ["an octet offset after a two-octet letter", '{"é":x}', "syntax", 6],
  ])("refuses %s and says at which octet", (_, text, code, at) => {
    expect(parse(text)).toMatchObject({ code, at })
  })

  it("takes 32 levels and refuses 33, and 30,000 without a stack overflow", () => {
    expect(parse("[".repeat(33) + "]".repeat(33))).toHaveProperty("value")
    expect(parse("[".repeat(34) + "]".repeat(34))).toMatchObject({ code: "depth", at: 33 })
    expect(parse("[".repeat(30_000))).toMatchObject({ code: "depth" })
  })

  it("refuses a byte order mark and octets that are not UTF-8, with their place", () => {
    expect(parseStrictJson(Uint8Array.of(0xef, 0xbb, 0xbf, 0x7b, 0x7d))).toMatchObject({ code: "bom", at: 0 })
    expect(parseStrictJson(Uint8Array.of(0x22, 0x61, 0xff, 0x22))).toMatchObject({ code: "utf8", at: 2 })
  })

  it("keeps __proto__ as an ordinary member", () => {
    const parsed = parse('{"__proto__":{"polluted":true}}')
    expect(Object.keys("value" in parsed ? (parsed.value as object) : {})).toEqual(["__proto__"])
    expect(({} as Record<string, unknown>)["polluted"]).toBeUndefined()
  })

  it("reads a string of a million characters", () => {
    expect(parse(JSON.stringify("é\\\n".repeat(300_000)))).toHaveProperty("value")
  })
})
